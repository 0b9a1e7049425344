/** What each event of a tape looks like on a timeline: one handler an event, by tag. */
import { EVENTS, type EventName } from '@heaptape/schema';
import {
  assistTrack,
  cleanupTrack,
  TRACKS,
  type Track,
  type Tracks,
  workerTrack,
} from './tracks.ts';

/** Draws an event, whose arguments begin at `at`; the clock stood at `before` and now at `after`. */
export type Happening = (
  scene: Scene,
  a: Float64Array,
  at: number,
  before: number,
  after: number,
) => void;

/** What an event needs to know of those before it. */
export class Scene {
  readonly tracks: Tracks;
  /** The running or last cycle. */
  cycle = 0;
  /** Marking in the running cycle: bytes scanned, and CPU time, ns. */
  work = { heap: 0, stack: 0, globals: 0, workerNs: 0, idleNs: 0, assistNs: 0 };
  /** Which of the cleanup goroutines runs a special's cleanup. */
  readonly cleaners: Map<number, number> = new Map();

  constructor(tracks: Tracks) {
    this.tracks = tracks;
  }
}

const TRIGGERS = ['heap', 'runtime.GC', 'periodic'];
const MODES = ['', 'dedicated', 'fractional', 'idle'];
const CAUSES = ['sweep ended', 'debug.FreeOSMemory', 'sweep ended, controller reset'];
/** Flow numbers of specials begin behind those of cycles. */
const SPECIAL_FLOWS = 2 ** 40;

/** An instant on a track, with the event's arguments under these names. */
function instant(
  track: Track,
  name: string,
  args: readonly string[] = [],
): readonly [Track, string, readonly string[]] {
  return [track, name, args];
}

const INSTANTS: Readonly<Partial<Record<EventName, readonly [Track, string, readonly string[]]>>> =
  {
    MarkPaced: instant(TRACKS.cycles, 'paced', [
      'assistRatio',
      'heapScan',
      'heapLive',
      'heapGoal',
      'dedicated',
      'fractional',
    ]),
    SweepMeasured: instant(TRACKS.sweep, 'swept', [
      'heapLive',
      'allocated',
      'pagesSwept',
      'pagesPerByte',
    ]),
    RaggedBarrierPassed: instant(TRACKS.cycles, 'ragged barrier', ['flushed']),
    LimiterEnabled: instant(TRACKS.cycles, 'GC CPU limiter enabled'),
    PoolsCleaned: instant(TRACKS.cycles, 'pools cleaned'),
    WeakCleared: instant(TRACKS.queues, 'weak pointer cleared', ['special']),
    CleanupsFlushed: instant(TRACKS.queues, 'cleanups may run'),
    GCRequested: instant(TRACKS.program, 'runtime.GC'),
    GCCalled: instant(TRACKS.program, 'runtime.GC'),
    GCReturned: instant(TRACKS.program, 'runtime.GC returned'),
    GCPercentSet: instant(TRACKS.program, 'debug.SetGCPercent', ['percent']),
    MemoryLimitSet: instant(TRACKS.program, 'debug.SetMemoryLimit', ['bytes']),
    ProcsSet: instant(TRACKS.program, 'runtime.GOMAXPROCS', ['procs']),
    FreeOSMemoryRequested: instant(TRACKS.program, 'debug.FreeOSMemory'),
    MemStatsRead: instant(TRACKS.program, 'runtime.ReadMemStats'),
  };

const CYCLE_SLICES: Partial<Record<EventName, Happening>> = {
  GCStarted: (scene, a, at, before, after) => {
    const { tracks } = scene;
    const cycle = a[at];
    const args = {
      cycle,
      trigger: TRIGGERS[a[at + 1]] ?? '',
      heapLive: a[at + 2],
      heapGoal: a[at + 3],
    };
    scene.cycle = cycle;
    scene.work = { heap: 0, stack: 0, globals: 0, workerNs: 0, idleNs: 0, assistNs: 0 };
    tracks.begin(TRACKS.cycles, before, `GC ${cycle}`, args, cycle);
    tracks.slice(TRACKS.pauses, before, after, 'GC sweep termination', { cycle });
    tracks.begin(TRACKS.cycles, after, 'mark', { cycle });
  },
  MarkAdvanced: ({ work }, a, at) => {
    work.heap += a[at];
    work.stack += a[at + 1];
    work.globals += a[at + 2];
    work.workerNs += a[at + 3];
    work.idleNs += a[at + 4];
    work.assistNs += a[at + 5];
  },
  MarkRestarted: ({ tracks, cycle }, _a, _at, before, after) => {
    const args = { cycle, outcome: 'work was left' };
    tracks.slice(TRACKS.pauses, before, after, 'GC mark termination', args);
  },
  GCMarkTerminated: ({ tracks, cycle, work }, a, at, before, after) => {
    tracks.end(TRACKS.cycles, before, {
      heapScanWork: work.heap,
      stackScanWork: work.stack,
      globalsScanWork: work.globals,
      workerNs: work.workerNs,
      idleNs: work.idleNs,
      assistNs: work.assistNs,
    });
    tracks.slice(TRACKS.cycles, before, after, 'mark termination', { cycle });
    tracks.slice(TRACKS.pauses, before, after, 'GC mark termination', { cycle });
    tracks.end(TRACKS.cycles, after, {
      heapAtMarkEnd: a[at + 1],
      heapMarked: a[at + 2],
      cpuNs: a[at + 6],
    });
    tracks.begin(TRACKS.sweep, after, `sweep of GC ${cycle}`, { cycle }, cycle);
  },
  SweepFinished: ({ tracks }, _a, _at, _before, after) => tracks.end(TRACKS.sweep, after),
  HeapCompacted: ({ tracks, cycle }, a, at, before, after) => {
    const args = { cycle, objects: a[at], bytes: a[at + 1], pointers: a[at + 2] };
    tracks.slice(TRACKS.pauses, before, after, 'compaction (no part of Go)', args);
  },
};

const MARKING: Partial<Record<EventName, Happening>> = {
  MarkWorkerStarted: ({ tracks, cycle }, a, at, _before, after) => {
    const args = { cycle, share: a[at + 2] };
    tracks.begin(workerTrack(a[at]), after, MODES[a[at + 1]] ?? '', args);
  },
  MarkWorkerStopped: ({ tracks }, a, at, _before, after) =>
    tracks.end(workerTrack(a[at]), after, { cpuNs: a[at + 2] }),
  Assisted: ({ tracks, cycle }, a, at, _before, after) => {
    const [g, debt, ratio, stolen, marked, credit, ns] = a.subarray(at, at + 7);
    const args = { cycle, debt, ratio, stolen, marked, credit };
    tracks.slice(assistTrack(g), after, after + ns, 'mark assist', args);
  },
  AssistWaited: ({ tracks, cycle }, a, at, _before, after) => {
    const args = { cycle, debt: a[at + 1] };
    tracks.slice(assistTrack(a[at]), after - a[at + 2], after, 'wait for credit', args);
  },
};

const SCAVENGING: Partial<Record<EventName, Happening>> = {
  ScavengeWorked: ({ tracks }, a, at, _before, after) => {
    const draw = (track: Track, ns: number): void => {
      if (ns > 0) tracks.slice(track, Math.max(0, after - ns), after, 'scavenge', { cpuNs: ns });
    };
    draw(TRACKS.background, a[at]);
    draw(TRACKS.scavengeAssist, a[at + 1]);
  },
  ScavengeMeasured: ({ tracks }, a, at, _before, after) =>
    tracks.instant(TRACKS.background, after, 'returned to the system', {
      background: a[at],
      eager: a[at + 1],
      released: a[at + 2],
      utilization: a[at + 3],
      why: CAUSES[a[at + 4]] ?? '',
    }),
};

const SPECIALS: Partial<Record<EventName, Happening>> = {
  FinalizerQueued: (scene, a, at, _before, after) =>
    queued(scene, 'finalizer queued', a[at], after),
  CleanupQueued: (scene, a, at, _before, after) => queued(scene, 'cleanup queued', a[at], after),
  FinalizerStarted: ({ tracks }, a, at, _before, after) =>
    tracks.begin(TRACKS.finalizers, after, 'finalizer', { special: a[at] }, SPECIAL_FLOWS + a[at]),
  FinalizerReturned: ({ tracks }, _a, _at, _before, after) => tracks.end(TRACKS.finalizers, after),
  CleanupStarted: ({ tracks, cleaners }, a, at, _before, after) => {
    const [worker, special] = a.subarray(at, at + 2);
    cleaners.set(special, worker);
    tracks.begin(cleanupTrack(worker), after, 'cleanup', { special }, SPECIAL_FLOWS + special);
  },
  CleanupReturned: ({ tracks, cleaners }, a, at, _before, after) => {
    const worker = cleaners.get(a[at]);
    cleaners.delete(a[at]);
    if (worker !== undefined) tracks.end(cleanupTrack(worker), after);
  },
};

function queued({ tracks, cycle }: Scene, name: string, special: number, ns: number): void {
  tracks.instant(TRACKS.queues, ns, name, { cycle, special }, SPECIAL_FLOWS + special);
}

/** What the recording of a real program says, at the times that it says. */
const RECORDED: Partial<Record<EventName, Happening>> = {
  RecordedCycleBegan: ({ tracks }, a, at) =>
    tracks.begin(TRACKS.recorded, a[at + 1], `GC ${a[at]}`, {
      cycle: a[at],
      heapLive: a[at + 2],
      heapGoal: a[at + 3],
      trigger: TRIGGERS[a[at + 4]] ?? '',
    }),
  RecordedCycleEnded: ({ tracks }, a, at) =>
    tracks.end(TRACKS.recorded, a[at + 1], {
      heapAtMarkEnd: a[at + 2],
      heapMarked: a[at + 3],
      pauseNs: a[at + 5],
      assistNs: a[at + 6],
    }),
};

function ofInstant([track, name, args]: readonly [Track, string, readonly string[]]): Happening {
  return ({ tracks, cycle }, a, at, _before, after) => {
    const said: Record<string, number> = { cycle };
    for (const [i, arg] of args.entries()) said[arg] = a[at + i];
    tracks.instant(track, after, name, said);
  };
}

/** By tag. */
export const HANDLERS: ReadonlyMap<number, Happening> = new Map([
  ...Object.entries(INSTANTS).map(([name, spec]) => tagged(name, ofInstant(spec))),
  ...[CYCLE_SLICES, MARKING, SCAVENGING, SPECIALS, RECORDED].flatMap((table) =>
    Object.entries(table).map(([name, happening]) => tagged(name, happening)),
  ),
]);

function tagged(name: string, happening: Happening): [number, Happening] {
  return [EVENTS[name as EventName].tag, happening];
}
