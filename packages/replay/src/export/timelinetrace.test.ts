import { readMemStats, SCALAR } from '@heaptape/core';
import type { TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cyclesOf } from '../cycles.ts';
import { foldTape } from '../fold.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { configs, eventsOf, programTape, steps } from '../tape.testkit.ts';
import { TimelineTrace } from './timelinetrace.ts';
import type { Track, TrackArgs, TrackSink } from './tracks.ts';

interface Slice {
  readonly track: string;
  readonly name: string;
  readonly from: number;
  to: number;
  args: TrackArgs;
  readonly flow: number;
}

/** Keeps what it is told, and insists on the rules of a timeline. */
class Page implements TrackSink {
  readonly slices: Slice[] = [];
  readonly instants: Slice[] = [];
  readonly counters = new Map<string, [ns: number, value: number][]>();
  readonly #tracks = new Map<number, Track>();
  readonly #last = new Map<number, number>();
  readonly #open = new Map<number, Slice[]>();

  track(track: Track): void {
    if (track.parent !== undefined) expect(this.#tracks.has(track.parent)).toBe(true);
    const known = this.#tracks.get(track.id);
    if (known !== undefined) expect(track).toEqual(known);
    this.#tracks.set(track.id, track);
  }

  #at(id: number, ns: number): Track {
    const track = this.#tracks.get(id) ?? expect.fail(`track ${id} is not described`);
    expect(Number.isSafeInteger(ns) && ns >= (this.#last.get(id) ?? 0), track.name).toBe(true);
    this.#last.set(id, ns);
    return track;
  }

  begin(id: number, ns: number, name: string, args: TrackArgs = {}, flow = 0): void {
    const { name: track, kind } = this.#at(id, ns);
    expect(kind).toBe(undefined);
    const slice = { track, name, from: ns, to: -1, args, flow };
    this.slices.push(slice);
    this.#open.set(id, [...(this.#open.get(id) ?? []), slice]);
  }

  end(id: number, ns: number, args: TrackArgs = {}): void {
    this.#at(id, ns);
    const slice = this.#open.get(id)?.pop() ?? expect.fail('nothing is open');
    slice.to = ns;
    slice.args = { ...slice.args, ...args };
  }

  instant(id: number, ns: number, name: string, args: TrackArgs = {}, flow = 0): void {
    const { name: track } = this.#at(id, ns);
    this.instants.push({ track, name, from: ns, to: ns, args, flow });
  }

  counter(id: number, ns: number, value: number): void {
    const { name, kind } = this.#at(id, ns);
    expect(kind).toBe('counter');
    const points = this.counters.get(name) ?? [];
    this.counters.set(name, points);
    points.push([ns, value]);
  }

  on(track: string | RegExp): Slice[] {
    return this.slices.filter((slice) =>
      typeof track === 'string' ? slice.track === track : track.test(slice.track),
    );
  }
}

function drawn(tape: TapeReader): Page {
  const page = new Page();
  const trace = new TimelineTrace(tape, page, 'test');
  tape.segments.forEach((_, i) => {
    trace.segment(i);
  });
  trace.finish();
  for (const slice of page.slices) expect(slice.to).toBeGreaterThanOrEqual(slice.from);
  return page;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const length = ({ from, to }: Slice): number => to - from;

/** The page of a tape, against the tape's own tables. */
function check(tape: TapeReader): void {
  const page = drawn(tape);
  const { simulated, recorded } = cyclesOf(tape);
  const { world } = foldTape(tape);
  const rows = eventsOf(tape);
  const count = (event: string): number => rows.filter((row) => row.event === event).length;

  const cycles = page.on('GC').filter(({ name }) => /^GC \d+$/.test(name));
  expect(
    cycles
      .slice(0, simulated.length)
      .map(({ name, from, to, args }) => [
        name,
        from,
        to,
        args['heapLive'],
        args['heapMarked'],
        args['heapAtMarkEnd'],
      ]),
  ).toEqual(
    simulated.map((c) => [
      `GC ${c.n}`,
      c.startNs,
      c.endNs,
      c.heapAtStart,
      c.heapMarked,
      c.heapAtMarkEnd,
    ]),
  );
  expect(cycles.length - simulated.length).toBe(world.scalars[SCALAR.gcphase] === 0 ? 0 : 1);
  const marks = page.on('GC').filter(({ name }) => name === 'mark');
  expect(marks.slice(0, simulated.length).map(({ args }) => args['workerNs'])).toEqual(
    simulated.map(({ workerNs }) => workerNs),
  );

  const ended = page.on('Stop the world').filter(({ args }) => {
    return Number(args['cycle']) <= world.scalars[SCALAR.numGC];
  });
  expect(sum(ended.map(length))).toBe(readMemStats(world).PauseTotalNs);
  expect(page.on('Sweep').length).toBe(simulated.length);
  for (const { flow, args } of page.on('Sweep')) expect(flow).toBe(args['cycle']);

  expect(page.on(/^P \d+$/).length).toBe(count('MarkWorkerStarted'));
  const assisted = rows.filter(({ event }) => event === 'Assisted');
  const assists = page.on(/^goroutine \d+$/).filter(({ name }) => name === 'mark assist');
  expect(sum(assists.map(length))).toBe(sum(assisted.map(({ ns }) => Number(ns))));
  expect(assists.map(({ track }) => track)).toEqual(assisted.map(({ g }) => `goroutine ${g}`));
  expect(page.on('Finalizers').length).toBe(count('FinalizerStarted'));
  expect(page.on(/^cleanup goroutine/).length).toBe(count('CleanupStarted'));
  const queued = page.instants.filter(({ name }) => / queued$/.test(name));
  expect(queued.length).toBe(count('FinalizerQueued') + count('CleanupQueued'));
  const flows = new Set(queued.map(({ flow }) => flow));
  for (const { flow } of page.on('Finalizers')) expect(flows.has(flow)).toBe(true);
  expect(page.on('GC as recorded').length).toBe(count('RecordedCycleBegan'));
  expect(recorded.length).toBe(count('RecordedCycleEnded'));

  const last = (name: string): number => page.counters.get(name)?.at(-1)?.[1] ?? 0;
  const { Sys, HeapReleased } = readMemStats(world);
  const goal = world.control.pacer.heapGoal;
  expect(last('Heap live')).toBe(world.scalars[SCALAR.heapLive]);
  expect(last('Heap goal')).toBe(goal === Number.MAX_SAFE_INTEGER ? 0 : goal);
  expect(last('Memory mapped')).toBe(Sys - HeapReleased);
  expect(last('Memory limit')).toBe(world.control.pacer.memoryLimit);
  const peaks = simulated.map(({ heapAtMarkEnd }) => heapAtMarkEnd);
  const shown = new Set(page.counters.get('Heap live')?.map(([, value]) => value));
  expect(peaks.filter((peak) => peak > 0 && !shown.has(peak))).toEqual([]);
}

describe('a tape as a timeline', () => {
  test('shows what programs with finalizers, cleanups and compaction did', () => {
    fc.assert(
      fc.property(runs(80), (run) => check(modelTape(run))),
      { seed: 42, numRuns: 25 },
    );
  });

  test('shows what other programs did, and what a recording says, in small segments', () => {
    fc.assert(
      fc.property(configs(), steps(), (config, program) => {
        check(programTape(config, program, 50));
      }),
      { seed: 42, numRuns: 25 },
    );
  });
});
