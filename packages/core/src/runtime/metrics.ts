/**
 * Package runtime/metrics: every metric of Go 1.26 but those that count GODEBUG settings, of which a
 * simulated program has none.
 *
 * 1. Values come from the World as it is. As in Go, nothing is flushed first: objects of spans that an
 *    mcache holds are not yet counted (after ReadMemStats they are), and CPU times are those of the end
 *    of the last cycle.
 * 2. What a simulation does not have is 0, or an empty histogram: calls of C, time waited for mutexes,
 *    scheduling latencies, the time it takes to stop the world, pauses that are not the collector's,
 *    idle Ps, threads beyond those of a fresh process.
 * 3. A limit or goal that is none is the number nearest to Go's: 2^63 for the memory limit, 2^64 for
 *    GOGC=off, 2^53 - 1 for the goal.
 *
 * Follows `runtime/metrics.go` and `runtime/metrics/description.go`, Go 1.26.
 */
import { PAUSE_BOUNDS, PAUSE_BUCKETS } from '../heap/pause_histogram.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import { type MemStats, readMemStats } from './memstats.ts';
import { METRIC_NAMES, type MetricDescription, type MetricName } from './metrics_list.ts';

/** A distribution: `counts[i]` values from `buckets[i]` up to, but without, `buckets[i + 1]`. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly buckets: readonly number[];
}

/** The value of a metric; `bad` for a name that there is not. */
export type MetricValue =
  | { readonly kind: 'uint64' | 'float64'; readonly value: number }
  | { readonly kind: 'float64-histogram'; readonly value: Histogram }
  | { readonly kind: 'bad' };

export interface MetricSample {
  readonly Name: string;
  readonly Value: MetricValue;
}

const NO_LIMIT = 2 ** 63;
const GC_OFF = 2 ** 64;
const FIRST_STACK = 2048;
const LARGEST_CLASS = CLASS_BYTES.length - 1;
const SIZE_BUCKETS: readonly number[] = [
  1,
  ...Array.from(CLASS_BYTES.slice(1), (n) => n + 1),
  Infinity,
];
const EMPTY: Histogram = {
  counts: Array.from({ length: PAUSE_BUCKETS }, () => 0),
  buckets: PAUSE_BOUNDS,
};

/** What several metrics are computed from. */
interface Basis {
  readonly w: World;
  readonly s: Float64Array;
  readonly memory: MemStats;
}

type Compute = (basis: Basis) => number | Histogram;

const seconds =
  (scalar: number): Compute =>
  ({ s }) =>
    s[scalar] / 1e9;
const scalar =
  (index: number): Compute =>
  ({ s }) =>
    s[index];
const memory =
  (
    field:
      | 'StackInuse'
      | 'MCacheInuse'
      | 'MSpanInuse'
      | 'GCSys'
      | 'OtherSys'
      | 'BuckHashSys'
      | 'Sys',
  ): Compute =>
  (basis) =>
    basis.memory[field];
const zero: Compute = () => 0;
const none: Compute = () => EMPTY;

const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);

function bySize(small: Float64Array, large: number): Histogram {
  const counts = Array.from(small.subarray(1, LARGEST_CLASS + 1));
  return { counts: [...counts, large], buckets: SIZE_BUCKETS };
}

function gcCpu(s: Float64Array): number {
  return (
    s[SCALAR.cpuAssistNs] + s[SCALAR.cpuWorkerNs] + s[SCALAR.cpuIdleMarkNs] + s[SCALAR.cpuPauseNs]
  );
}

function scavengeCpu(s: Float64Array): number {
  return s[SCALAR.cpuScavBackgroundNs] + s[SCALAR.cpuScavAssistNs];
}

const allocs: Compute = ({ w, s }) => sum(w.smallAllocCount) + s[SCALAR.largeAllocCount];
const frees: Compute = ({ w, s }) => sum(w.smallFreeCount) + s[SCALAR.largeFreeCount];
const inObjects = ({ s }: Basis): number => s[SCALAR.totalAlloc] - s[SCALAR.totalFree];
const pauses: Compute = ({ w }) => ({ counts: Array.from(w.pauses), buckets: PAUSE_BOUNDS });

function goroutines({ w }: Basis): number {
  let count = 0;
  for (let row = 0; row < w.goroutines.rows; row += 1)
    count += w.goroutines.number[row] > 0 ? 1 : 0;
  return count;
}

const COMPUTE: Readonly<Record<MetricName, Compute>> = {
  '/cgo/go-to-c-calls:calls': zero,
  '/cpu/classes/gc/mark/assist:cpu-seconds': seconds(SCALAR.cpuAssistNs),
  '/cpu/classes/gc/mark/dedicated:cpu-seconds': seconds(SCALAR.cpuWorkerNs),
  '/cpu/classes/gc/mark/idle:cpu-seconds': seconds(SCALAR.cpuIdleMarkNs),
  '/cpu/classes/gc/pause:cpu-seconds': seconds(SCALAR.cpuPauseNs),
  '/cpu/classes/gc/total:cpu-seconds': ({ s }) => gcCpu(s) / 1e9,
  '/cpu/classes/idle:cpu-seconds': zero,
  '/cpu/classes/scavenge/assist:cpu-seconds': seconds(SCALAR.cpuScavAssistNs),
  '/cpu/classes/scavenge/background:cpu-seconds': seconds(SCALAR.cpuScavBackgroundNs),
  '/cpu/classes/scavenge/total:cpu-seconds': ({ s }) => scavengeCpu(s) / 1e9,
  '/cpu/classes/total:cpu-seconds': seconds(SCALAR.cpuTotalNs),
  '/cpu/classes/user:cpu-seconds': seconds(SCALAR.cpuUserNs),
  '/gc/cleanups/executed:cleanups': ({ s }) => s[SCALAR.cleanupsExecuted],
  '/gc/cleanups/queued:cleanups': ({ s }) => s[SCALAR.cleanupsQueued],
  '/gc/cycles/automatic:gc-cycles': ({ s }) => s[SCALAR.numGC] - s[SCALAR.numForcedGC],
  '/gc/cycles/forced:gc-cycles': scalar(SCALAR.numForcedGC),
  '/gc/cycles/total:gc-cycles': scalar(SCALAR.numGC),
  '/gc/finalizers/executed:finalizers': ({ s }) => s[SCALAR.finalizersExecuted],
  '/gc/finalizers/queued:finalizers': ({ s }) => s[SCALAR.finalizersQueued],
  '/gc/gogc:percent': ({ w }) =>
    w.control.pacer.gcPercent < 0 ? GC_OFF : w.control.pacer.gcPercent,
  '/gc/gomemlimit:bytes': ({ w }) => w.control.pacer.memoryLimit || NO_LIMIT,
  '/gc/heap/allocs-by-size:bytes': ({ w, s }) =>
    bySize(w.smallAllocCount, s[SCALAR.largeAllocCount]),
  '/gc/heap/allocs:bytes': scalar(SCALAR.totalAlloc),
  '/gc/heap/allocs:objects': allocs,
  '/gc/heap/frees-by-size:bytes': ({ w, s }) => bySize(w.smallFreeCount, s[SCALAR.largeFreeCount]),
  '/gc/heap/frees:bytes': scalar(SCALAR.totalFree),
  '/gc/heap/frees:objects': frees,
  '/gc/heap/goal:bytes': ({ w }) => w.control.pacer.heapGoal,
  '/gc/heap/live:bytes': scalar(SCALAR.heapMarked),
  '/gc/heap/objects:objects': (basis) => Number(allocs(basis)) - Number(frees(basis)),
  '/gc/heap/tiny/allocs:objects': scalar(SCALAR.tinyAllocs),
  '/gc/limiter/last-enabled:gc-cycle': scalar(SCALAR.limiterCycle),
  '/gc/pauses:seconds': pauses,
  '/gc/scan/globals:bytes': ({ w }) => w.control.config?.globalsBytes ?? 0,
  '/gc/scan/heap:bytes': scalar(SCALAR.heapScan),
  '/gc/scan/stack:bytes': scalar(SCALAR.lastStackScan),
  '/gc/scan/total:bytes': ({ w, s }) =>
    (w.control.config?.globalsBytes ?? 0) + s[SCALAR.heapScan] + s[SCALAR.lastStackScan],
  '/gc/stack/starting-size:bytes': ({ s }) => Math.max(FIRST_STACK, s[SCALAR.startingStack]),
  '/memory/classes/heap/free:bytes': scalar(SCALAR.heapFree),
  '/memory/classes/heap/objects:bytes': inObjects,
  '/memory/classes/heap/released:bytes': scalar(SCALAR.heapReleased),
  '/memory/classes/heap/stacks:bytes': memory('StackInuse'),
  '/memory/classes/heap/unused:bytes': (basis) => basis.s[SCALAR.heapInUse] - inObjects(basis),
  '/memory/classes/metadata/mcache/free:bytes': (basis) =>
    basis.memory.MCacheSys - basis.memory.MCacheInuse,
  '/memory/classes/metadata/mcache/inuse:bytes': memory('MCacheInuse'),
  '/memory/classes/metadata/mspan/free:bytes': (basis) =>
    basis.memory.MSpanSys - basis.memory.MSpanInuse,
  '/memory/classes/metadata/mspan/inuse:bytes': memory('MSpanInuse'),
  '/memory/classes/metadata/other:bytes': memory('GCSys'),
  '/memory/classes/os-stacks:bytes': zero,
  '/memory/classes/other:bytes': memory('OtherSys'),
  '/memory/classes/profiling/buckets:bytes': memory('BuckHashSys'),
  '/memory/classes/total:bytes': memory('Sys'),
  '/sched/gomaxprocs:threads': scalar(SCALAR.procs),
  '/sched/goroutines-created:goroutines': scalar(SCALAR.goroutinesCreated),
  '/sched/goroutines/not-in-go:goroutines': zero,
  '/sched/goroutines/runnable:goroutines': zero,
  '/sched/goroutines/running:goroutines': (basis) => Math.min(1, goroutines(basis)),
  '/sched/goroutines/waiting:goroutines': (basis) => Math.max(0, goroutines(basis) - 1),
  '/sched/goroutines:goroutines': goroutines,
  '/sched/latencies:seconds': none,
  '/sched/pauses/stopping/gc:seconds': none,
  '/sched/pauses/stopping/other:seconds': none,
  '/sched/pauses/total/gc:seconds': pauses,
  '/sched/pauses/total/other:seconds': none,
  '/sched/threads/total:threads': ({ w }) => freshThreads(w),
  '/sync/mutex/wait/total:seconds': zero,
};

/** Threads of a fresh process, which a simulated one keeps: two, and one for each of up to three Ps. */
function freshThreads(w: World): number {
  return 2 + Math.min(w.control.config?.procs ?? 1, 3);
}

const BY_NAME: ReadonlyMap<string, MetricDescription> = new Map(
  METRIC_NAMES.map((description) => [description.Name, description]),
);

/** Every metric there is, sorted by name. */
export function allMetrics(): readonly MetricDescription[] {
  return METRIC_NAMES;
}

/** The values of the metrics of these names, in the same order. */
export function readMetrics(w: World, names: readonly string[]): MetricSample[] {
  const basis: Basis = { w, s: w.scalars, memory: readMemStats(w) };
  return names.map((name) => {
    const description = BY_NAME.get(name);
    if (description === undefined) return { Name: name, Value: { kind: 'bad' } };
    const value = COMPUTE[description.Name](basis);
    if (typeof value !== 'number')
      return { Name: name, Value: { kind: 'float64-histogram', value } };
    const kind = description.Kind === 'float64' ? 'float64' : 'uint64';
    return { Name: name, Value: { kind, value } };
  });
}
