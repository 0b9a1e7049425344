import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GctraceRow } from './gctrace.ts';
import { formatDuration, formatGctraceLine, parseGctrace, parseGctraceLine } from './gctrace.ts';

const fixtures = new URL('../../../../test/fixtures/gctrace/', import.meta.url);
const RUNS = { seed: 42, numRuns: 500 };

const ns = fc.oneof(fc.nat(20_000), fc.nat(30_000_000), fc.nat({ max: 2_000_000_000 }));
const bytes = fc.maxSafeNat().map((n) => n % 2 ** 45);
const rowArbitrary: fc.Arbitrary<GctraceRow> = fc.record({
  n: fc.integer({ min: 1, max: 1e9 }),
  startNs: fc.maxSafeNat(),
  cpuPercent: fc.nat(100),
  wallNs: fc.record({ sweepTerm: ns, mark: ns, markTerm: ns }),
  cpuNs: fc.record({ sweepTerm: ns, assist: ns, background: ns, idle: ns, markTerm: ns }),
  heapAtStart: bytes,
  heapAtMarkEnd: bytes,
  heapMarked: bytes,
  heapGoal: bytes,
  stackBytes: bytes,
  globalsBytes: bytes,
  procs: fc.integer({ min: 1, max: 1024 }),
  forced: fc.boolean(),
  leakCheck: fc.boolean(),
});

/** What the format keeps of a duration, by digits of the decimal number instead of arithmetic. */
function keptNs(value: number): number {
  if (value >= 1e7) return value - (value % 1e6);
  const micros = String(value).slice(0, -3);
  return Number(micros.slice(0, 2).padEnd(micros.length, '0')) * 1000;
}

function kept(row: GctraceRow): GctraceRow {
  const mib = (value: number | null): number => Number(BigInt(value ?? 0) & ~0xfffffn);
  const all = <T extends Record<string, number>>(durations: T): T =>
    Object.fromEntries(Object.entries(durations).map(([k, v]) => [k, keptNs(v)])) as T;
  return {
    ...row,
    startNs: row.startNs - (row.startNs % 1e6),
    wallNs: all({ ...row.wallNs }),
    cpuNs: all({ ...row.cpuNs }),
    heapAtStart: mib(row.heapAtStart),
    heapAtMarkEnd: mib(row.heapAtMarkEnd),
    heapMarked: mib(row.heapMarked),
    heapGoal: mib(row.heapGoal),
    stackBytes: mib(row.stackBytes),
    globalsBytes: mib(row.globalsBytes),
  };
}

describe('gctrace', () => {
  test('parsing a printed row gives the row at the precision of the format', () => {
    fc.assert(
      fc.property(rowArbitrary, (row) => {
        expect(parseGctraceLine(formatGctraceLine(row))).toEqual(kept(row));
      }),
      RUNS,
    );
  });

  test('rows of releases that print no stacks and globals', () => {
    fc.assert(
      fc.property(rowArbitrary, (full) => {
        const row = { ...full, stackBytes: null, globalsBytes: null };
        const line = formatGctraceLine(row);
        expect(line).not.toContain('stacks');
        expect(parseGctraceLine(line)).toEqual({
          ...kept(full),
          stackBytes: null,
          globalsBytes: null,
        });
      }),
      { ...RUNS, numRuns: 50 },
    );
  });

  test('every line of recorded logs prints back as it was', () => {
    let lines = 0;
    for (const name of readdirSync(fixtures)) {
      const text = readFileSync(new URL(name, fixtures), 'utf8');
      const own = text.split('\n').filter((line) => line.startsWith('gc '));
      const log = parseGctrace(text);
      expect(log.damagedLines).toBe(0);
      expect(log.rows.map(formatGctraceLine)).toEqual(own);
      expect(log.otherLines).toBe(text.trimEnd().split('\n').length - own.length);
      expect(log.rows.map((row) => row.n)).toEqual(own.map((_, i) => i + 1));
      lines += own.length;
    }
    expect(lines).toBe(127);
  });

  test("durations are cut to Go's digits", () => {
    const cases: [number, string][] = [
      [0, '0'],
      [999, '0'],
      [1000, '0.001'],
      [5_000, '0.005'],
      [99_999, '0.099'],
      [163_000, '0.16'],
      [1_270_000, '1.2'],
      [9_999_999, '9.9'],
      [10_000_000, '10'],
      [12_900_000, '12'],
    ];
    for (const [input, output] of cases) expect(formatDuration(input)).toBe(output);
  });

  test('other lines are passed over, torn ones counted, and line ends may be of either kind', () => {
    const line =
      'gc 6 @2.163s 8%: 0.11+459+1.4 ms clock, 0.22+0.14/228/218+2.8 ms cpu, 103->108->88 MB, 122 MB goal, 0 MB stacks, 0 MB globals, 2 P';
    const forced = `${line} (forced)`;
    const text = `hello\n${line}\r\nGC forced\ngc 7 @2.2s torn\n${forced}\nscav 1 KiB work`;
    const log = parseGctrace(text);
    expect(log.rows.map((row) => [row.n, row.forced])).toEqual([
      [6, false],
      [6, true],
    ]);
    expect(log.otherLines).toBe(3);
    expect(log.damagedLines).toBe(1);
    expect(parseGctraceLine(`${line} `)).toBeUndefined();
    expect(parseGctraceLine(line.replace('108', 'x'))).toBeUndefined();
  });
});
