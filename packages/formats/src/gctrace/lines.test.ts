import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatGcpacertraceLine,
  type GcpacertraceRow,
  parseGcpacertraceLine,
} from './gcpacertrace.ts';
import { formatGctraceLine, parseGctraceLine } from './gctrace.ts';
import { formatGoFloat, parseGoFloat } from './gofloat.ts';
import { formatScavtraceLine, parseScavtraceLine, type ScavtraceRow } from './scavtrace.ts';

const PROGRAM = fileURLToPath(new URL('../../../../test/fixtures/go/tracelines', import.meta.url));
const RUNS = { seed: 42, numRuns: 500 };

/** Prints a line again, whatever of the three formats it is. */
function again(line: string): string | undefined {
  const gc = parseGctraceLine(line);
  if (gc !== undefined) return formatGctraceLine(gc);
  const scav = parseScavtraceLine(line);
  if (scav !== undefined) return formatScavtraceLine(scav);
  const pacer = parseGcpacertraceLine(line);
  return pacer === undefined ? undefined : formatGcpacertraceLine(pacer);
}

/** What the program wrote to stderr with all three lines on, and the numbers it printed. */
function runGo(): { lines: string[]; floats: string[][] } | undefined {
  try {
    if (!execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).startsWith('go1.26')) {
      return undefined;
    }
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'lines-'));
  const binary = join(folder, 'program');
  try {
    execFileSync('go', ['build', '-o', binary, join(PROGRAM, 'main.go')]);
    const GODEBUG = 'gctrace=1,scavtrace=1,gcpacertrace=1';
    const env = { ...process.env, GODEBUG, GOMAXPROCS: '2' };
    const { stdout, stderr } = spawnSync(binary, { encoding: 'utf8', env });
    const floats = stdout.trim().split('\n');
    return { lines: stderr.trim().split('\n'), floats: floats.map((line) => line.split(' ')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the lines of a real Go program', () => {
  test('parse and print again, to the byte', (ctx) => {
    const run = runGo();
    if (run === undefined) {
      console.warn('lines: no go of 1.26 on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    for (const line of run.lines) expect(again(line)).toBe(line);
    const starting = (start: string): number =>
      run.lines.filter((line) => line.startsWith(start)).length;
    expect(starting('gc ')).toBeGreaterThan(5);
    expect(starting('scav ')).toBeGreaterThan(5);
    expect(starting('pacer: assist ratio=')).toBeGreaterThan(5);
    expect(starting('pacer: sweep done')).toBeGreaterThan(5);
    expect(run.lines.some((line) => line.includes('exp.) for'))).toBe(true);
    expect(run.lines.some((line) => line.endsWith('(forced)') && line.startsWith('scav'))).toBe(
      true,
    );
    for (const [bits, text] of run.floats) {
      const value = new Float64Array(new BigUint64Array([BigInt(bits)]).buffer)[0];
      expect(formatGoFloat(value)).toBe(text);
      expect(parseGoFloat(text)).toBe(value);
    }
    expect(run.floats.length).toBeGreaterThan(1000);
  });
});

const kibibytes = fc.nat(2 ** 30).map((n) => n * 1024);
const mebibytes = fc.nat(2 ** 24).map((n) => n * 2 ** 20);
const float = fc.double();

const scavtraceRows: fc.Arbitrary<ScavtraceRow> = fc.record({
  background: kibibytes,
  eager: kibibytes,
  released: kibibytes,
  utilization: fc.nat(100),
  forced: fc.boolean(),
  controllerReset: fc.constant(false),
});

const pacerRows: fc.Arbitrary<GcpacertraceRow> = fc.oneof(
  fc.record({
    kind: fc.constant('start' as const),
    assistRatio: float,
    heapScan: mebibytes,
    heapLive: mebibytes,
    heapGoal: mebibytes,
    dedicated: fc.nat(1000),
    fractional: float,
  }),
  fc.record({
    kind: fc.constant('end' as const),
    cpuPercent: fc.integer({ min: -100, max: 1000 }),
    cpuExpected: fc.nat(100),
    heapScanWork: fc.maxSafeNat(),
    stackScanWork: fc.maxSafeNat(),
    globalsScanWork: fc.maxSafeNat(),
    expectedWork: fc.maxSafeNat(),
    heapAtStart: fc.maxSafeNat(),
    heapAtMarkEnd: fc.maxSafeNat(),
    overGoal: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    consMark: float,
  }),
  fc.record({
    kind: fc.constant('sweep' as const),
    heapLive: mebibytes,
    allocated: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((n) => n * 2 ** 20),
    pages: fc.nat(),
    pagesPerByte: float,
  }),
);

describe('scavtrace and gcpacertrace', () => {
  test('parsing a printed row gives the row', () => {
    fc.assert(
      fc.property(scavtraceRows, (row) => {
        expect(parseScavtraceLine(formatScavtraceLine(row))).toEqual(row);
      }),
      RUNS,
    );
    fc.assert(
      fc.property(pacerRows, (row) => {
        expect(parseGcpacertraceLine(formatGcpacertraceLine(row))).toEqual(row);
      }),
      RUNS,
    );
  });

  test('rounds down as Go does, and wraps what is below zero', () => {
    const row = { background: 2047, eager: 1023, released: 0, utilization: 99 } as const;
    expect(formatScavtraceLine({ ...row, forced: false, controllerReset: true })).toBe(
      'scav 1 KiB work (bg), 0 KiB work (eager), 0 KiB now, 99% util [controller reset]',
    );
    const sweep = { kind: 'sweep', heapLive: 2 ** 20 - 1, allocated: -1, pages: 3 } as const;
    expect(formatGcpacertraceLine({ ...sweep, pagesPerByte: 1e-7 })).toBe(
      'pacer: sweep done at heap size 0MB; allocated 17592186044415MB during sweep; ' +
        'swept 3 pages at 1e-07 pages/byte',
    );
  });

  test('leaves other lines alone', () => {
    for (const line of ['', 'scav', 'scav 1 KiB work', 'pacer: ', 'pacer: sweep done', 'hello']) {
      expect(again(line)).toBeUndefined();
    }
  });
});
