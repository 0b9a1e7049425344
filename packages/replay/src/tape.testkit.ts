/**
 * Tapes for tests: of random programs, of synthetic recordings, and altered ones.
 *
 * The programs are a small mutator of their own: it links objects into lists, cuts them, stores roots,
 * switches Ps, calls runtime.GC and changes its settings. It uses only objects that are in a root, so
 * that everything it does is something a Go program can do.
 */
import { configWith, Decider, type RunConfig } from '@heaptape/core';
import { createMemoryTape, type MemoryTape } from '@heaptape/log';
import { argOffsets, EventBatch, type EventRow, eventRow, type TapeReader } from '@heaptape/schema';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import { calibrate } from './calibrate.ts';
import type { Assumption } from './deaths.ts';
import { recordRun } from './record.ts';
import type { Recording } from './recording.ts';
import { simulate } from './simulate.ts';
import { survey } from './survey.ts';

export type Step = readonly [kind: string, a: number, b: number];

const SIZES = [16, 48, 512, 2048, 20000, 50000];
const ROOTS = 8;

export const steps = (maxLength = 150): fc.Arbitrary<Step[]> => {
  const number = fc.nat({ max: 4095 });
  const kinds = ['list', 'list', 'list', 'link', 'cut', 'drop', 'run', 'switch', 'gc', 'stats'];
  const kind = fc.constantFrom(...kinds, 'percent', 'held', 'release', 'note', 'flush');
  return fc.array(fc.tuple(kind, number, number), { maxLength, size: 'max' });
};

export const configs = (): fc.Arbitrary<RunConfig> =>
  fc
    .record({
      gcPercent: fc.constantFrom(-1, 1, 5, 100),
      procs: fc.constantFrom(1, 2),
      layout: fc.constantFrom('go1.22' as const, 'go1.26' as const),
      memoryLimit: fc.constantFrom(0, 0, 8 * 1024 * 1024),
    })
    .map((some) => configWith({ ...some, stackBytes: 2048, globalsBytes: 4096 }));

class Program {
  readonly #decider: Decider;
  readonly #sites: Map<string, number> = new Map();
  readonly #roots = new Array<number>(ROOTS).fill(0);
  readonly #held: number[] = [];
  #notes = 0;

  constructor(decider: Decider) {
    this.#decider = decider;
  }

  step([kind, a, b]: Step): void {
    const d = this.#decider;
    const root = a % ROOTS;
    switch (kind) {
      case 'list':
        for (let i = 0; i <= b % 24; i += 1) this.#push(root, SIZES[a % SIZES.length]);
        return;
      case 'link':
        if (this.#roots[root] !== 0) d.storePointer(this.#roots[root], 1, this.#roots[b % ROOTS]);
        return;
      case 'cut':
        if (this.#roots[root] !== 0) d.storePointer(this.#roots[root], 0, 0);
        return;
      case 'drop':
        this.#root(root, 0);
        return;
      case 'held':
        this.#held.push(d.allocate(this.#site(SIZES[b % SIZES.length], true)));
        return;
      case 'release': {
        const [object] = this.#held.splice(a % Math.max(1, this.#held.length), 1);
        if (object !== undefined) d.release(object);
        return;
      }
      case 'note':
        this.#notes += 1;
        d.annotate(24, [this.#notes, a, b, 0, 0]);
        return;
      default:
        this.#setting(kind, a, b);
    }
  }

  #setting(kind: string, a: number, b: number): void {
    const d = this.#decider;
    if (kind === 'run') d.run(a * 40);
    else if (kind === 'switch') d.switchProc(a % (d.world.control.config?.procs ?? 1), b % 5);
    else if (kind === 'gc') d.collect();
    else if (kind === 'stats') d.readMemStats();
    else if (kind === 'percent') d.setGCPercent([-1, 1, 10, 100][a % 4]);
    else if (kind === 'flush') d.flush();
  }

  #push(root: number, bytes: number): void {
    const object = this.#decider.allocate(this.#site(bytes, false));
    this.#decider.storePointer(object, 0, this.#roots[root]);
    this.#root(root, object);
  }

  #root(root: number, object: number): void {
    this.#roots[root] = object;
    this.#decider.storeRoot(root, object);
  }

  #site(bytes: number, held: boolean): number {
    const key = `${bytes}${held ? ' held' : ''}`;
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const site = this.#decider.defineSite(bytes, 16, held, key);
    this.#sites.set(key, site);
    return site;
  }
}

/** A tape of a program; steps named `flush` end a segment. */
export function programTape(config: RunConfig, program: readonly Step[], every = 200): MemoryTape {
  const tape = createMemoryTape();
  const run = (sink: (batch: EventBatch) => void, started: (d: Decider) => void): Decider => {
    const decider = new Decider(config, sink);
    started(decider);
    const model = new Program(decider);
    for (const step of program) model.step(step);
    decider.end();
    return decider;
  };
  recordRun(tape, run, { snapshotEvery: every });
  return tape;
}

/** A tape of a synthetic recording, under its own settings unless changed. */
export function recordingTape(
  recording: Recording,
  assumption: Assumption,
  change: Partial<RunConfig> = {},
): MemoryTape {
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, {});
  const config = { ...calibration.config, ...change };
  const tape = createMemoryTape();
  recordRun(tape, (sink, onStart) =>
    simulate(recording, surveyed, calibration, { assumption, config, sink, onStart }),
  );
  return tape;
}

/** Every event of a tape as a plain row. */
export function eventsOf(tape: TapeReader): EventRow[] {
  const batch = new EventBatch();
  return tape.segments.flatMap((_, i) => {
    tape.readSegment(i, batch);
    const at = argOffsets(batch);
    return Array.from({ length: batch.count }, (__, event) => eventRow(batch, event, at[event]));
  });
}

/** The same tape, but for what `change` does to each segment as it is read. */
export function altered(
  tape: TapeReader,
  change: (index: number, batch: EventBatch) => void,
): TapeReader {
  return {
    events: tape.events,
    segments: tape.segments,
    snapshots: tape.snapshots,
    readSegment: (index, batch) => {
      tape.readSegment(index, batch);
      change(index, batch);
    },
    readSnapshot: (seq) => tape.readSnapshot(seq),
    document: (name) => tape.document(name),
  };
}
