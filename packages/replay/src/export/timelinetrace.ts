/**
 * A tape as a timeline of tracks, for viewers of traces.
 *
 * 1. The tape is folded a segment at a time; what happened goes to a sink at once and nothing of it is
 *    kept, so memory is that of the heap, however long the tape.
 * 2. Things with a begin and an end (cycles, phases, pauses, workers, sweeps, finalizers) are slices
 *    between their events. Work of which a tape says how long it took (an assist, scavenging, a wait) is
 *    a slice of that length.
 * 3. Counters are read off the state wherever the collector acts, and in between whenever a 20,000th of
 *    the tape's time has gone by: peaks, which are where a cycle begins or ends, are never missed.
 * 4. Every slice of a cycle says its number; a cycle is joined with its sweep, a finalizer's and a
 *    cleanup's queueing with its run.
 *
 * Deviation: an assist is drawn where it was charged, and pushed behind the one before it on the same
 * goroutine; the clock of the tape catches up a little later.
 */
import { evolve, mappedReady, SCALAR, World } from '@heaptape/core';
import { CELLS, EVENTS, EventBatch, TAG_COUNT, type TapeReader } from '@heaptape/schema';
import { reading } from '../stored.ts';
import { HANDLERS, type Happening, Scene } from './happenings.ts';
import { TRACKS, type Track, type TrackSink, Tracks } from './tracks.ts';

/** Parts that the time of a tape is divided into for counters. */
const SAMPLES = 20_000;
/** A goal above this is none. */
const NO_GOAL: number = Number.MAX_SAFE_INTEGER;

/** Events after which counters are read at once. */
const TELLING: ReadonlySet<number> = new Set(
  (
    [
      'RunStarted',
      'PacerCommitted',
      'GCStarted',
      'GCMarkTerminated',
      'SweepFinished',
      'GCPercentSet',
      'MemoryLimitSet',
    ] as const
  ).map((name) => EVENTS[name].tag),
);
/** Events before which they are. */
const BEFORE: ReadonlySet<number> = new Set([EVENTS.GCStarted.tag, EVENTS.GCMarkTerminated.tag]);

type Reading = readonly [track: Track, read: (world: World) => number];

const READINGS: readonly Reading[] = [
  [TRACKS.heapLive, ({ scalars }) => scalars[SCALAR.heapLive]],
  [TRACKS.heapGoal, ({ control }) => belowNone(control.pacer.heapGoal)],
  [TRACKS.trigger, ({ control }) => belowNone(control.pacer.trigger)],
  [TRACKS.mapped, mappedReady],
  [TRACKS.limit, ({ control }) => control.pacer.memoryLimit],
  [TRACKS.goroutines, goroutines],
  [TRACKS.gcCpu, ({ scalars }) => percent(scalars[SCALAR.gcCpuNs], scalars[SCALAR.cpuAtGCNs])],
];

/** 0 stands for no goal. */
const belowNone = (bytes: number): number => (bytes >= NO_GOAL ? 0 : bytes);

const percent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.min(100, Math.round((part / whole) * 10_000) / 100);

function goroutines({ goroutines: table }: World): number {
  let count = 0;
  for (let row = 0; row < table.rows; row += 1) count += table.number[row] > 0 ? 1 : 0;
  return count;
}

/** Draws a tape, segment by segment from the first to the last, and then `finish`. */
export class TimelineTrace {
  readonly #reader: TapeReader;
  readonly #world = new World();
  readonly #batch = new EventBatch();
  readonly #tracks: Tracks;
  readonly #scene: Scene;
  readonly #handlers: (Happening | undefined)[];
  readonly #shown = READINGS.map(() => 0);
  readonly #resolution: number;
  #sampledAt = 0;

  constructor(reader: TapeReader, sink: TrackSink, name: string) {
    this.#reader = reader;
    this.#tracks = new Tracks(sink, name);
    this.#scene = new Scene(this.#tracks);
    this.#handlers = Array.from({ length: TAG_COUNT }, (_, tag) => HANDLERS.get(tag));
    this.#resolution = (reader.segments.at(-1)?.endTimeNs ?? 0) / SAMPLES;
  }

  /** Draws what segment `index` holds. Throws `bad-data` where it holds what is impossible. */
  segment(index: number): void {
    this.#reader.readSegment(index, this.#batch);
    const place = () => `event ${this.#world.scalars[SCALAR.seq]}`;
    reading(place, () => this.#draw());
  }

  /** Ends what is still open. */
  finish(): void {
    this.#sample();
    this.#tracks.close(this.#world.scalars[SCALAR.timeNs]);
  }

  #draw(): void {
    const batch = this.#batch;
    const { scalars } = this.#world;
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      const kind = batch.kinds[i];
      if (BEFORE.has(kind)) this.#sample();
      const before = scalars[SCALAR.timeNs];
      evolve(this.#world, kind, batch, at);
      const handler = this.#handlers[kind];
      if (handler !== undefined) {
        handler(this.#scene, batch.args, at, before, scalars[SCALAR.timeNs]);
      }
      if (TELLING.has(kind)) this.#sample();
      else if (scalars[SCALAR.timeNs] - this.#sampledAt > this.#resolution) this.#sample();
      at += CELLS[kind];
    }
  }

  /** Tells the counters that have changed. */
  #sample(): void {
    const now = this.#world.scalars[SCALAR.timeNs];
    this.#sampledAt = now;
    for (const [i, [track, read]] of READINGS.entries()) {
      const value = read(this.#world);
      if (value === this.#shown[i]) continue;
      this.#shown[i] = value;
      this.#tracks.counter(track, now, value);
    }
  }
}
