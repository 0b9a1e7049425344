/** Every verb on a real recording: keys, values that must agree with each other, and exit codes. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatGcpacertraceLine,
  formatScavtraceLine,
  parseGcpacertraceLine,
  parseGctrace,
  parseScavtraceLine,
} from '@heaptape/formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerOf, BIN, heaptape, LOG, TRACE, temporaryFolder } from './heaptape.testkit.ts';

const folder = temporaryFolder();
const tape = join(folder, 'a.tape');
const other = join(folder, 'b.tape');
const MIB = 1024 * 1024;

interface Imported {
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly durationNs: number;
  readonly goroutines: number;
  readonly cycles: readonly Record<string, number | boolean>[];
  readonly [key: string]: unknown;
}

let imported: Imported;
beforeAll(async () => {
  [imported] = await Promise.all([
    answerOf<Imported>(['import', TRACE, '-o', tape]),
    answerOf(['import', TRACE, '-o', other, '--gogc', '60']),
  ]);
});

describe('import', () => {
  test('has the promised keys', () => {
    expect(Object.keys(imported)).toEqual(
      expect.arrayContaining([
        'format',
        'goVersion',
        'objects',
        'bytes',
        'events',
        'goroutines',
        'durationNs',
        'cycles',
        'warnings',
      ]),
    );
    expect(imported).toMatchObject({ format: 'exectrace', goVersion: 'go1.26', warnings: [] });
    expect(Object.keys(imported.cycles[0])).toEqual([
      'n',
      'startNs',
      'endNs',
      'heapAtStart',
      'heapAtMarkEnd',
      'heapMarked',
      'heapGoal',
      'forced',
    ]);
  });

  test('its cycles are those that Go printed during the very same run', () => {
    const log = TRACE.replace('.trace.gz', '.gctrace.log');
    const rows = parseGctrace(readFileSync(log, 'utf8')).rows.slice(-imported.cycles.length);
    const whole = (bytes: unknown): number => Math.floor(Number(bytes) / MIB) * MIB;
    expect(
      imported.cycles.map(({ heapAtStart, heapAtMarkEnd, heapMarked, heapGoal, forced }) => [
        ...[heapAtStart, heapAtMarkEnd, heapMarked, heapGoal].map(whole),
        forced,
      ]),
    ).toEqual(
      rows.map((row) => [
        row.heapAtStart,
        row.heapAtMarkEnd,
        row.heapMarked,
        row.heapGoal,
        row.forced,
      ]),
    );
  });

  test('stdin, compressed and not, gives the same tape as the file', async () => {
    const again = join(folder, 'again.tape');
    const input = readFileSync(TRACE);
    expect(await answerOf(['import', '-', '-o', again], 0, { input })).toEqual(imported);
    expect(await answerOf(['diff', tape, again])).toEqual({
      equal: true,
      firstDivergence: null,
      summary: {},
    });
  });

  test('for people: recorded cycles beside simulated ones', async () => {
    const { status, stdout, stderr } = await heaptape([
      'import',
      TRACE,
      '-o',
      join(folder, 'p.tape'),
    ]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/execution trace of go1\.26: 484,212 objects/);
    expect(stdout).toContain('recorded MB');
    expect(stdout.match(/^ ?\d+ +\d+ +\d+->\d+->\d+ +\d+ +\S+ +\|/gm)?.length).toBe(24);
    expect(stdout).toMatch(/^ 1 .* \| +\d+ +\d+->\d+->\d+ +\d+ +[\d.]+$/m);
  });

  test('GOGC of the environment is honoured, and the flag wins', async () => {
    const env = { GOGC: '60' };
    const settings = async (...flags: string[]): Promise<unknown> => {
      const path = join(folder, 'env.tape');
      return (await answerOf<Imported>(['import', TRACE, '-o', path, ...flags], 0, { env }))[
        'settings'
      ];
    };
    expect(await settings()).toMatchObject({ gogc: 60 });
    expect(await settings('--gogc', 'off')).toMatchObject({ gogc: -1, memoryLimit: null });
  });

  test('a gctrace log', async () => {
    const path = join(folder, 'log.tape');
    const { cycles, ...rest } = await answerOf<Imported>(['import', LOG, '-o', path]);
    const { rows } = parseGctrace(readFileSync(LOG, 'utf8'));
    expect(rest).toMatchObject({ format: 'gctrace', goVersion: null, objects: 0, goroutines: 0 });
    expect(cycles.map(({ n, heapGoal }) => [n, heapGoal])).toEqual(
      rows.map(({ n, heapGoal }) => [n, heapGoal]),
    );
    expect(await answerOf(['replay', path, '--verify'])).toMatchObject({ verified: true });
    const query = "SELECT count(*) FROM events WHERE event = 'RecordedCycleEnded'";
    expect(await answerOf(['sql', path, query])).toMatchObject({ rows: [[rows.length]] });
  });
});

describe('replay', () => {
  test('folds, and verifies', async () => {
    const folded = await answerOf<{ hash: string }>(['replay', tape]);
    expect(folded).toEqual({
      events: imported.events,
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      verified: null,
      firstMismatch: null,
      cut: null,
    });
    expect(await answerOf(['replay', tape, '--verify'])).toEqual({ ...folded, verified: true });
  });

  test('--to stops there, in the state that `state --at` shows', async () => {
    for (const at of ['0', '12345', 'cycle:3']) {
      const { events, hash } = await answerOf<{ events: number; hash: string }>([
        'replay',
        tape,
        '--to',
        at,
      ]);
      expect(await answerOf(['state', tape, '--at', at])).toMatchObject({ event: events, hash });
    }
  });
});

test('state', async () => {
  const view = await answerOf<Record<string, Record<string, number>>>([
    'state',
    tape,
    '--at',
    'end',
  ]);
  expect(Object.keys(view)).toEqual(
    expect.arrayContaining(['event', 'timeNs', 'hash', 'phase', 'memstats', 'pacer', 'heap']),
  );
  expect(view).toMatchObject({ event: imported.events });
  expect(view['memstats']['TotalAlloc']).toBe(imported.bytes);
  expect(view['heap']['objects']).toBe(view['memstats']['HeapObjects']);
  const { stdout } = await heaptape(['state', tape]);
  expect(stdout).toMatch(/^event [\d,]+ at .*: _GC\w+, \d+ MB live/);
});

describe('whatif', () => {
  interface Band {
    readonly low: number;
    readonly mid: number;
    readonly high: number;
  }
  interface WhatIf {
    readonly recorded: Record<string, number>;
    readonly scenarios: readonly Record<string, Band & number>[];
  }
  const FIGURES = [
    'cycles',
    'peakHeapBytes',
    'peakTotalBytes',
    'gcCpuFraction',
    'pauseTotalNs',
    'maxPauseNs',
    'assistNs',
  ];

  test('every combination of the lists, in order, each figure a band', async () => {
    const lists = ['--gogc', '100,400', '--memlimit', 'off,24MiB', '--procs', '4'];
    const html = join(folder, 'page.html');
    const { recorded, scenarios } = await answerOf<WhatIf>([
      'whatif',
      TRACE,
      ...lists,
      '--quick',
      '--html',
      html,
    ]);
    expect(scenarios.map((s) => [s['procs'], s['memoryLimit'], s['gogc'], s['collector']])).toEqual(
      [null, 24 * MIB].flatMap((limit) => [100, 400].map((gogc) => [4, limit, gogc, 'greentea'])),
    );
    for (const scenario of scenarios) {
      for (const figure of FIGURES) {
        const { low, mid, high } = scenario[figure];
        expect([figure, low <= mid && mid <= high && low >= 0]).toEqual([figure, true]);
      }
    }
    expect(recorded).toMatchObject({ gogc: 20, memoryLimit: null, procs: 2, cycles: 24 });
    const page = readFileSync(html, 'utf8');
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).toContain('GOGC=400 GOMEMLIMIT=24MiB GOMAXPROCS=4');
  });

  test('a tape answers like the recording that it was made of', async () => {
    const ask = (file: string): Promise<WhatIf> =>
      answerOf<WhatIf>(['whatif', file, '--gogc', '100', '--quick']);
    const [fromTrace, fromTape] = await Promise.all([ask(TRACE), ask(tape)]);
    const peakOf = ({ scenarios }: WhatIf): number => scenarios[0]['peakHeapBytes'].mid;
    expect(Math.abs(peakOf(fromTape) / peakOf(fromTrace) - 1)).toBeLessThan(0.05);
    expect(fromTape.recorded['cycles']).toBe(24);
  });

  test('for people: a line a setting and a chart; the environment counts', async () => {
    const { status, stdout, stderr } = await heaptape(['whatif', TRACE, '--quick'], {
      env: { GOGC: '100', NO_COLOR: '1' },
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^recorded, GOGC=20 +24 /m);
    expect(stdout.match(/^GOGC=\S+ +\d+ /gm)?.length).toBe(1);
    expect(stdout).toContain('Live heap in MiB');
    expect(stdout).not.toContain('\u001b');
  });
});

test('check', async () => {
  expect(await answerOf(['check', tape])).toEqual({ ok: true, problems: [] });
});

test('sql', async () => {
  const query =
    'SELECT (SELECT count(*) FROM cycles), (SELECT count(*) FROM objects), max(seq) FROM events';
  const { columns, rows } = await answerOf<{ columns: string[]; rows: number[][] }>([
    'sql',
    tape,
    query,
  ]);
  expect(columns.length).toBe(3);
  const [cycles, objects, events] = rows[0];
  expect(cycles).toBeGreaterThanOrEqual(imported.cycles.length);
  expect(events).toBe(imported.events);
  expect(objects).toBeGreaterThan(0.9 * imported.objects);
  const { stdout } = await heaptape(['sql', tape, "SELECT 1 AS a, 'x' || char(9) AS b"]);
  expect(stdout).toBe('a\tb\n1\tx\\t\n');
});

describe('export', () => {
  test('gctrace lines are read back as the cycles that were simulated', async () => {
    const path = join(folder, 'run.gctrace.log');
    const written = await heaptape(['export', tape, '--format', 'gctrace', '-o', path]);
    expect(written).toEqual({ status: 0, stdout: '', stderr: '' });
    const { rows, otherLines, damagedLines } = parseGctrace(readFileSync(path, 'utf8'));
    expect([otherLines, damagedLines]).toEqual([0, 0]);
    const columns = 'n, heap_at_start, heap_at_mark_end, heap_marked, heap_goal';
    const query = `SELECT ${columns} FROM cycles WHERE start_event IS NOT NULL`;
    const found = await answerOf<{ rows: number[][] }>(['sql', tape, query]);
    expect(found.rows.length).toBeGreaterThan(0);
    const whole = (bytes: number): number => Math.floor(bytes / MIB) * MIB;
    expect(
      rows.map((r) => [r.n, r.heapAtStart, r.heapAtMarkEnd, r.heapMarked, r.heapGoal]),
    ).toEqual(found.rows.map(([n, ...sizes]) => [n, ...sizes.map(whole)]));
  });

  test('the lines of pacer and scavenger are those of Go', async () => {
    const lines = async (format: string): Promise<string[]> => {
      const { stdout, stderr, status } = await heaptape(['export', tape, '--format', format]);
      expect([status, stderr]).toEqual([0, '']);
      return stdout.split('\n').slice(0, -1);
    };
    const cycles = (await lines('gctrace')).length;
    const scav = await lines('scavtrace');
    expect(
      scav.map((line) => formatScavtraceLine(parseScavtraceLine(line) ?? expect.fail(line))),
    ).toEqual(scav);
    expect(Math.abs(scav.length - cycles)).toBeLessThanOrEqual(1);
    const pacer = await lines('gcpacertrace');
    const rows = pacer.map((line) => parseGcpacertraceLine(line) ?? expect.fail(line));
    expect(rows.map(formatGcpacertraceLine)).toEqual(pacer);
    const starts = rows.filter(({ kind }) => kind === 'start').length;
    expect(Math.abs(starts - cycles)).toBeLessThanOrEqual(1);
    expect(rows.some(({ kind }) => kind === 'end')).toBe(true);
    expect(rows.some(({ kind }) => kind === 'sweep')).toBe(true);
  });

  test('jsonl has every event, a line each', async () => {
    const { stdout } = await heaptape(['export', tape, '--format', 'jsonl']);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBe(imported.events);
    expect(JSON.parse(lines[0])).toMatchObject({ seq: 1, event: 'RunStarted' });
    expect(JSON.parse(lines[lines.length - 1])).toMatchObject({ seq: imported.events });
  });

  test('memstats at a position', async () => {
    const { stdout } = await heaptape(['export', tape, '--format', 'memstats', '--at', 'cycle:2']);
    expect(JSON.parse(stdout)).toMatchObject({ NumGC: 2, EnableGC: true });
  });
});

test('diff says where two tapes part, with status 1', async () => {
  const found = await answerOf<{ summary: Record<string, unknown> }>(['diff', tape, other], 1);
  expect(found).toMatchObject({ equal: false, firstDivergence: { seq: 1 } });
  expect(Object.keys(found.summary)).toContain('events');
  const { status, stdout } = await heaptape(['diff', tape, other]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/they part at event 1\n/);
  expect(stdout).toMatch(/^config\.gcPercent +20 +60$/m);
});

test('a reader that stops early is no error', () => {
  const script = '"$0" "$1" export "$2" --format jsonl | head -n 1; echo "$PIPESTATUS"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN, tape], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.split('\n').slice(1)).toEqual(['0', '']);
});

test('progress goes to stderr, and only when it is asked for or seen', async () => {
  const path = join(folder, 'progress.tape');
  const { status, stdout, stderr } = await heaptape([
    'import',
    TRACE,
    '-o',
    path,
    '--progress',
    '--json',
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(imported);
  for (const line of stderr.split('\n').slice(0, -1)) {
    expect(line).toMatch(/^(?:reading|simulating): \d+%, [\d,.]+ \w+\/s, \d+ s left$/);
  }
});
