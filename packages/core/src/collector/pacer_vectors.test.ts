/**
 * The pacer against recordings of Go's own, through the public surface that outsiders use.
 *
 * Each scenario is a program whose rates are signals over the cycle number: allocation and scan
 * rate (KiB per CPU millisecond), growth of the live heap, scannable share, stack bytes. A cycle is
 * simulated in steps of 500 µs: the assist ratio fixes the GC's share of CPU, that share fixes how
 * much is scanned and allocated, and the pacer is told. The last step ends when the work does.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

type Signal = (cycle: number) => number;

interface Scenario {
  gcPercent: number;
  memoryLimit: number;
  globalsBytes: number;
  procs: number;
  cycles: number;
  allocRate: Signal;
  scanRate: Signal;
  growth: Signal;
  scannable: Signal;
  stackBytes: Signal;
}

/** One recorded or simulated cycle, as the texts of its columns. */
type Row = string[];

const KIB = 1024;
const MIB = 1048576;
const STEP_NS = 500000;
const BYTES_PER_RATE = KIB * (STEP_NS / 1000000);

function fixture(name: string): string[] {
  const url = new URL(`../../../../test/fixtures/pacer/${name}`, import.meta.url);
  const lines = readFileSync(url, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

const extra = fixture('go1.26-extra-vectors.txt');

/** The numbers of the line that starts with `key`: recorded jitter, or a recorded sine. */
function recorded(key: string): number[] {
  const line = extra.find((l) => l.startsWith(`${key} `));
  if (line === undefined) throw new Error(`no recording of ${key}`);
  return line
    .slice(key.length + 1)
    .split(' ')
    .map(Number);
}

function at(values: number[], i: number): number {
  const value = values[i];
  if (value === undefined) throw new Error(`recording is too short: ${i}`);
  return value;
}

const flat =
  (value: number): Signal =>
  () =>
    value;
const plus =
  (...signals: Signal[]): Signal =>
  (cycle) =>
    signals.reduce((sum, signal) => sum + signal(cycle), 0);
const ramp =
  (height: number, length: number): Signal =>
  (cycle) =>
    (height * Math.min(cycle, length)) / length;
const peakAt =
  (peak: number, height: number): Signal =>
  (cycle) =>
    cycle === peak ? height : 0;
const later =
  (signal: Signal, cycles: number): Signal =>
  (cycle) =>
    cycle < cycles ? 0 : signal(cycle - cycles);

function jitter(amplitude: number, seed: number): Signal {
  const draws = recorded(`seed ${seed}`);
  return (cycle) => (at(draws, cycle) - 0.5) * 2 * amplitude;
}

function wave(amplitude: number): Signal {
  const sine = recorded('sine 8');
  return (cycle) => at(sine, cycle % 8) * amplitude;
}

const steady: Scenario = {
  gcPercent: 100,
  memoryLimit: Infinity,
  globalsBytes: 32 * KIB,
  procs: 8,
  cycles: 50,
  allocRate: flat(33),
  scanRate: flat(1024),
  growth: plus(flat(2), ramp(-1, 12)),
  scannable: flat(1),
  stackBytes: flat(8192),
};
const slow = { ...steady, allocRate: flat(1), scanRate: flat(2048), scannable: flat(0.01) };
const limited = { ...steady, memoryLimit: 512 * MIB };
const exceeding = { ...limited, growth: plus(flat(3.5), ramp(-2.5, 12)) };
const maintaining = { ...limited, growth: plus(flat(3), ramp(-2, 12)) };
const jittery = (seed: number) => plus(flat(2), ramp(-1, 12), jitter(0.01, seed));
const off = { gcPercent: -1 };

const scenarios: Record<string, Scenario> = {
  Steady: steady,
  SteadyBigStacks: {
    ...steady,
    allocRate: flat(132),
    stackBytes: plus(flat(2048), ramp(128 * MIB, 8)),
  },
  SteadyBigGlobals: { ...steady, allocRate: flat(132), globalsBytes: 128 * MIB },
  StepAlloc: { ...steady, allocRate: plus(flat(33), later(ramp(66, 1), 50)) },
  HeavyStepAlloc: { ...steady, allocRate: plus(flat(33), later(ramp(330, 1), 50)) },
  StepScannableFrac: {
    ...steady,
    allocRate: flat(128),
    scannable: plus(flat(0.2), peakAt(50, 0.5)),
  },
  HighGOGC: {
    ...steady,
    gcPercent: 1500,
    allocRate: plus(jitter(7, 0x53), flat(165)),
    growth: plus(jittery(0x1), peakAt(25, 14)),
  },
  OscAlloc: { ...steady, allocRate: plus(wave(13), flat(67)) },
  JitterAlloc: { ...steady, allocRate: plus(jitter(13, 0xf), flat(132)), growth: jittery(0xe) },
  HeavyJitterAlloc: {
    ...steady,
    allocRate: plus(jitter(33, 0x0), flat(330)),
    growth: jittery(0x152),
  },
  SmallHeapSlowAlloc: { ...slow, growth: plus(flat(2), ramp(-1, 3)) },
  MediumHeapSlowAlloc: { ...slow, growth: plus(flat(2), ramp(-1, 8)) },
  LargeHeapSlowAlloc: { ...slow, growth: plus(flat(4), ramp(-3, 12)) },
  SteadyMemoryLimit: limited,
  SteadyMemoryLimitNoGCPercent: { ...limited, ...off },
  ExceedMemoryLimit: exceeding,
  ExceedMemoryLimitNoGCPercent: { ...exceeding, ...off },
  MaintainMemoryLimit: maintaining,
  MaintainMemoryLimitNoGCPercent: { ...maintaining, ...off },
};

function scenario(name: string): Scenario {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

/** One simulated cycle: what was allocated and how long it took. */
interface Marking {
  allocated: number;
  assistNs: number;
  elapsedNs: number;
}

/** Marks until `globals`, `stack` and `heap` bytes of work are done. */
function mark(pacer: Pacer, s: Scenario, cycle: number, left: [number, number, number]): Marking {
  const allocRate = Math.max(0.0001, s.allocRate(cycle));
  const scanRate = Math.max(0.0001, s.scanRate(cycle));
  const scannable = scannableAt(s, cycle);
  const sum: Marking = { allocated: 0, assistNs: 0, elapsedNs: 0 };
  while (left[0] + left[1] + left[2] > 0) {
    const ratio = pacer.assistWorkPerByte;
    const share = Math.max(0.25, (ratio * allocRate) / (ratio * allocRate + scanRate));
    const power = scanRate * BYTES_PER_RATE * s.procs * share;
    const budget = Math.trunc(power);
    const done = left.map((work, i) => {
      const before = left.slice(0, i).reduce((a, b) => a + b, 0);
      return Math.min(work, Math.max(0, budget - before));
    });
    const [globals = 0, stack = 0, heap = 0] = done;
    done.forEach((work, i) => {
      left[i] = (left[i] ?? 0) - work;
    });
    let elapsed = STEP_NS;
    let allocated = Math.trunc(allocRate * BYTES_PER_RATE * s.procs * (1 - share));
    if (globals + stack + heap < budget) {
      elapsed = Math.trunc(((globals + stack + heap) * STEP_NS) / power);
      const rate = allocRate * BYTES_PER_RATE;
      allocated = Math.trunc(((rate * elapsed) / STEP_NS) * s.procs * (1 - share));
    }
    pacer.revise({
      heapLive: allocated,
      heapScan: Math.trunc(allocated * scannable),
      heapScanWork: heap,
      stackScanWork: stack,
      globalsScanWork: globals,
    });
    sum.assistNs += Math.trunc(elapsed * s.procs * (share - 0.25));
    sum.elapsedNs += elapsed;
    sum.allocated += allocated;
  }
  return sum;
}

function scannableAt(s: Scenario, cycle: number): number {
  return Math.min(1, Math.max(0, s.scannable(cycle)));
}

function simulate(s: Scenario): Row[] {
  const pacer = new Pacer({ gcPercent: s.gcPercent, memoryLimit: s.memoryLimit });
  const rows: Row[] = [];
  let lastAllocated = 0;
  for (let cycle = 0; cycle < s.cycles; cycle++) {
    const stackBytes = Math.max(0, Math.floor(s.stackBytes(cycle) / 2048) * 2048);
    const scannableFraction = scannableAt(s, cycle);
    const { globalsBytes, procs } = s;
    pacer.startCycle({ stackBytes, globalsBytes, scannableFraction, procs });
    const growth = Math.max(0.0001, s.growth(cycle));
    const survivors = Math.trunc((pacer.heapMarked - lastAllocated) * growth);
    const marked = cycle === 0 ? 256 * KIB : survivors;
    const heapWork = Math.trunc(marked * scannableFraction);
    const marking = mark(pacer, s, cycle, [globalsBytes, stackBytes, heapWork]);
    const { allocated, assistNs, elapsedNs } = marking;
    const utilization = assistNs / (elapsedNs * procs) + 0.25;
    const before = [pacer.heapMarked, pacer.triggered, pacer.heapLive, pacer.heapGoal];
    before.push(pacer.assistWorkPerByte);
    pacer.endCycle({ bytesMarked: marked + allocated, assistNs, elapsedNs, procs });
    const after = [pacer.consMark, pacer.runway, pacer.trigger, pacer.heapGoal];
    rows.push([
      `${cycle + 1}`,
      (utilization * 100).toFixed(1),
      ...[...before, ...after].map(String),
    ]);
    lastAllocated = allocated;
  }
  return rows;
}

/** Recorded numbers as JavaScript prints them. */
function normalize(fields: string[]): Row {
  const [cycle = '', utilization = '', ...figures] = fields;
  return [cycle, utilization, ...figures.map((text) => String(Number(text)))];
}

interface Recording {
  title: string;
  scenario: Scenario;
  rows: Row[];
}

function extraRecordings(): Recording[] {
  const found: Recording[] = [];
  for (const line of extra) {
    if (line.startsWith('seed') || line.startsWith('sine')) continue;
    const fields = line.split(' ');
    if (fields[0] !== 'case') {
      found.at(-1)?.rows.push(normalize(fields));
      continue;
    }
    const settings = new Map(fields.slice(2).map((f) => f.split('=') as [string, string]));
    const setting = (name: string) => Number(settings.get(name)?.replace('none', 'Infinity'));
    const changed = {
      gcPercent: setting('gogc'),
      memoryLimit: setting('limit'),
      procs: setting('procs'),
      globalsBytes: setting('globals'),
      cycles: setting('cycles'),
    };
    const title = fields.slice(1).join(' ');
    found.push({ title, scenario: { ...scenario(fields[1] ?? ''), ...changed }, rows: [] });
  }
  return found;
}

describe("Go's TestGcPacer, as logged by Go 1.26", () => {
  const cases = new Map<string, Row[]>();
  for (const line of fixture('go-pacer-vectors.txt')) {
    const [name = '', ...fields] = line.split(' ');
    cases.set(name, [...(cases.get(name) ?? []), normalize(fields)]);
  }

  it('is 14 scenarios', () => expect(cases.size).toBe(14));

  it.each([...cases])('%s', (name, rows) => {
    const simulated = simulate({ ...scenario(name), cycles: rows.length });
    expect(simulated.map((row) => row.slice(0, 6))).toEqual(rows);
  });
});

describe('scenarios recorded from Go 1.26.8', () => {
  const recordings = extraRecordings();

  it('are all 19 of TestGcPacer and 44 variants', () => {
    expect(recordings).toHaveLength(63);
    expect(new Set(recordings.map((r) => r.title.split(' ')[0])).size).toBe(19);
  });

  it.each(recordings)('$title', ({ scenario: settings, rows }) => {
    expect(rows).toHaveLength(settings.cycles);
    expect(simulate(settings)).toEqual(rows);
  });
});
