/**
 * Tracks of a timeline: where on a page of lanes each thing that happens is drawn.
 *
 * 1. A track is described when something is first put on it, its parents before it.
 * 2. On a track time never goes back. What would begin before the last thing ended (a goroutine's second
 *    assist is charged before the time of the first has passed) begins where that ended.
 * 3. Slices nest, and all are ended at the end of the run.
 * 4. Goroutines come and go without end, so only the latest few thousand tracks are remembered. One that
 *    is seen again later is described again, which readers take as what it is.
 */

/** What an event says beside its name. */
export type TrackArgs = Readonly<Record<string, number | string>>;

/** A track; `kind` left out has slices. */
export interface Track {
  readonly id: number;
  readonly name: string;
  readonly parent?: number;
  readonly kind?: 'process' | 'counter';
  readonly unit?: 'bytes' | 'count' | 'percent';
  /** Place among its siblings. */
  readonly rank?: number;
}

/** Takes a timeline, an event at a time. Times are virtual ns. */
export interface TrackSink {
  track(track: Track): void;
  begin(track: number, ns: number, name: string, args?: TrackArgs, flow?: number): void;
  end(track: number, ns: number, args?: TrackArgs): void;
  instant(track: number, ns: number, name: string, args?: TrackArgs, flow?: number): void;
  counter(track: number, ns: number, value: number): void;
}

const PROCESS = 1;
const GROUPS = { workers: 20, assists: 21, cleanups: 22 } as const;
/** Tracks of one kind of many have numbers of their own from here on. */
const MANY = 2 ** 32;
const REMEMBERED = 4096;

const lane = (id: number, name: string): Track => ({ id, name, parent: PROCESS, rank: id });
const gauge = (id: number, name: string, unit: 'bytes' | 'count' | 'percent'): Track => ({
  id,
  name,
  parent: PROCESS,
  kind: 'counter',
  unit,
  rank: id,
});

type TrackName =
  | 'cycles'
  | 'pauses'
  | 'heapLive'
  | 'heapGoal'
  | 'trigger'
  | 'mapped'
  | 'limit'
  | 'goroutines'
  | 'gcCpu'
  | 'sweep'
  | 'background'
  | 'scavengeAssist'
  | 'finalizers'
  | 'queues'
  | 'program'
  | 'recorded';

/** The tracks that there is one of, in the order in which they are shown. */
export const TRACKS: Readonly<Record<TrackName, Track>> = {
  cycles: lane(2, 'GC'),
  pauses: lane(3, 'Stop the world'),
  heapLive: gauge(4, 'Heap live', 'bytes'),
  heapGoal: gauge(5, 'Heap goal', 'bytes'),
  trigger: gauge(6, 'GC trigger', 'bytes'),
  mapped: gauge(7, 'Memory mapped', 'bytes'),
  limit: gauge(8, 'Memory limit', 'bytes'),
  goroutines: gauge(9, 'Goroutines', 'count'),
  gcCpu: gauge(10, 'GC CPU', 'percent'),
  sweep: lane(11, 'Sweep'),
  background: lane(12, 'Scavenger'),
  scavengeAssist: lane(13, 'Scavenging by allocations'),
  finalizers: lane(14, 'Finalizers'),
  queues: lane(15, 'Finalizer and cleanup queues'),
  program: lane(16, 'Calls of the runtime'),
  recorded: lane(17, 'GC as recorded'),
};

const PARENTS: ReadonlyMap<number, Track> = new Map(
  [
    lane(GROUPS.workers, 'Mark workers'),
    lane(GROUPS.assists, 'Mark assists'),
    lane(GROUPS.cleanups, 'Cleanups'),
  ].map((track) => [track.id, track]),
);

const member = (group: number, index: number, name: string): Track => ({
  id: group * MANY + index,
  name,
  parent: group,
  rank: Math.min(index, 2 ** 31 - 1),
});

export const workerTrack = (p: number): Track => member(GROUPS.workers, p, `P ${p}`);
export const assistTrack = (g: number): Track => member(GROUPS.assists, g, `goroutine ${g}`);
export const cleanupTrack = (worker: number): Track =>
  member(GROUPS.cleanups, worker, `cleanup goroutine ${worker}`);

/** What is known of a track: when something last happened on it, and how many slices are open. */
interface Known {
  atNs: number;
  open: number;
}

export class Tracks {
  readonly #sink: TrackSink;
  readonly #known = new Map<number, Known>();

  /** `name` is that of the whole, shown above everything. */
  constructor(sink: TrackSink, name: string) {
    this.#sink = sink;
    sink.track({ id: PROCESS, name, kind: 'process' });
  }

  begin(track: Track, ns: number, name: string, args?: TrackArgs, flow?: number): void {
    const known = this.#know(track, ns);
    known.open += 1;
    this.#sink.begin(track.id, known.atNs, name, args, flow);
  }

  /** Ends the innermost open slice; nothing where none is open. */
  end(track: Track, ns: number, args?: TrackArgs): void {
    const known = this.#know(track, ns);
    if (known.open === 0) return;
    known.open -= 1;
    this.#sink.end(track.id, known.atNs, args);
  }

  slice(
    track: Track,
    from: number,
    to: number,
    name: string,
    args?: TrackArgs,
    flow?: number,
  ): void {
    const begins = this.#know(track, from).atNs;
    this.begin(track, from, name, args, flow);
    this.end(track, begins + Math.max(0, to - from));
  }

  instant(track: Track, ns: number, name: string, args?: TrackArgs, flow?: number): void {
    this.#sink.instant(track.id, this.#know(track, ns).atNs, name, args, flow);
  }

  counter(track: Track, ns: number, value: number): void {
    this.#sink.counter(track.id, this.#know(track, ns).atNs, value);
  }

  /** Ends whatever is open. */
  close(ns: number): void {
    for (const [id, known] of this.#known) {
      for (; known.open > 0; known.open -= 1) this.#sink.end(id, Math.max(known.atNs, ns));
    }
  }

  /** The track, described, and its clock brought forward to `ns`. */
  #know(track: Track, ns: number): Known {
    const found = this.#known.get(track.id);
    if (found !== undefined) {
      if (found.atNs < ns) found.atNs = ns;
      return found;
    }
    const parent = PARENTS.get(track.parent ?? 0);
    if (parent !== undefined) this.#know(parent, 0);
    this.#sink.track(track);
    const known = { atNs: ns, open: 0 };
    this.#known.set(track.id, known);
    if (this.#known.size > REMEMBERED) this.#forget();
    return known;
  }

  /** Forgets the older half of the tracks of which there are many, but those with something open. */
  #forget(): void {
    let left = REMEMBERED / 2;
    for (const [id, { open }] of this.#known) {
      if (left === 0) return;
      left -= 1;
      if (id >= MANY && open === 0) this.#known.delete(id);
    }
  }
}
