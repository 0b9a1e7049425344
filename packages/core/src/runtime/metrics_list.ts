/** The metrics of Go 1.26: names, kinds, and what each says. See `metrics.ts`. */

export type MetricKind = 'uint64' | 'float64' | 'float64-histogram';

/** A metric, described. */
export interface MetricDescription {
  /** Path and unit, as in Go. */
  readonly Name: MetricName;
  readonly Description: string;
  readonly Kind: MetricKind;
  /** Its values only grow. */
  readonly Cumulative: boolean;
}

export type MetricName =
  | '/cgo/go-to-c-calls:calls'
  | '/cpu/classes/gc/mark/assist:cpu-seconds'
  | '/cpu/classes/gc/mark/dedicated:cpu-seconds'
  | '/cpu/classes/gc/mark/idle:cpu-seconds'
  | '/cpu/classes/gc/pause:cpu-seconds'
  | '/cpu/classes/gc/total:cpu-seconds'
  | '/cpu/classes/idle:cpu-seconds'
  | '/cpu/classes/scavenge/assist:cpu-seconds'
  | '/cpu/classes/scavenge/background:cpu-seconds'
  | '/cpu/classes/scavenge/total:cpu-seconds'
  | '/cpu/classes/total:cpu-seconds'
  | '/cpu/classes/user:cpu-seconds'
  | '/gc/cleanups/executed:cleanups'
  | '/gc/cleanups/queued:cleanups'
  | '/gc/cycles/automatic:gc-cycles'
  | '/gc/cycles/forced:gc-cycles'
  | '/gc/cycles/total:gc-cycles'
  | '/gc/finalizers/executed:finalizers'
  | '/gc/finalizers/queued:finalizers'
  | '/gc/gogc:percent'
  | '/gc/gomemlimit:bytes'
  | '/gc/heap/allocs-by-size:bytes'
  | '/gc/heap/allocs:bytes'
  | '/gc/heap/allocs:objects'
  | '/gc/heap/frees-by-size:bytes'
  | '/gc/heap/frees:bytes'
  | '/gc/heap/frees:objects'
  | '/gc/heap/goal:bytes'
  | '/gc/heap/live:bytes'
  | '/gc/heap/objects:objects'
  | '/gc/heap/tiny/allocs:objects'
  | '/gc/limiter/last-enabled:gc-cycle'
  | '/gc/pauses:seconds'
  | '/gc/scan/globals:bytes'
  | '/gc/scan/heap:bytes'
  | '/gc/scan/stack:bytes'
  | '/gc/scan/total:bytes'
  | '/gc/stack/starting-size:bytes'
  | '/memory/classes/heap/free:bytes'
  | '/memory/classes/heap/objects:bytes'
  | '/memory/classes/heap/released:bytes'
  | '/memory/classes/heap/stacks:bytes'
  | '/memory/classes/heap/unused:bytes'
  | '/memory/classes/metadata/mcache/free:bytes'
  | '/memory/classes/metadata/mcache/inuse:bytes'
  | '/memory/classes/metadata/mspan/free:bytes'
  | '/memory/classes/metadata/mspan/inuse:bytes'
  | '/memory/classes/metadata/other:bytes'
  | '/memory/classes/os-stacks:bytes'
  | '/memory/classes/other:bytes'
  | '/memory/classes/profiling/buckets:bytes'
  | '/memory/classes/total:bytes'
  | '/sched/gomaxprocs:threads'
  | '/sched/goroutines-created:goroutines'
  | '/sched/goroutines/not-in-go:goroutines'
  | '/sched/goroutines/runnable:goroutines'
  | '/sched/goroutines/running:goroutines'
  | '/sched/goroutines/waiting:goroutines'
  | '/sched/goroutines:goroutines'
  | '/sched/latencies:seconds'
  | '/sched/pauses/stopping/gc:seconds'
  | '/sched/pauses/stopping/other:seconds'
  | '/sched/pauses/total/gc:seconds'
  | '/sched/pauses/total/other:seconds'
  | '/sched/threads/total:threads'
  | '/sync/mutex/wait/total:seconds';

const metric = (
  Name: MetricName,
  Kind: MetricKind,
  Cumulative: boolean,
  Description: string,
): MetricDescription => ({ Name, Kind, Cumulative, Description });

/** All of them, sorted by name. */
export const METRIC_NAMES: readonly MetricDescription[] = [
  metric('/cgo/go-to-c-calls:calls', 'uint64', true, 'Calls from Go to C.'),
  metric(
    '/cpu/classes/gc/mark/assist:cpu-seconds',
    'float64',
    true,
    'CPU time that goroutines spent marking for what they allocated.',
  ),
  metric(
    '/cpu/classes/gc/mark/dedicated:cpu-seconds',
    'float64',
    true,
    'CPU time of dedicated and fractional mark workers.',
  ),
  metric(
    '/cpu/classes/gc/mark/idle:cpu-seconds',
    'float64',
    true,
    'CPU time of mark workers on Ps that were idle otherwise.',
  ),
  metric(
    '/cpu/classes/gc/pause:cpu-seconds',
    'float64',
    true,
    'CPU time that all Ps lost to pauses of the collector.',
  ),
  metric(
    '/cpu/classes/gc/total:cpu-seconds',
    'float64',
    true,
    'CPU time of the collector: the sum of the other classes of gc.',
  ),
  metric(
    '/cpu/classes/idle:cpu-seconds',
    'float64',
    true,
    'CPU time of Ps that had nothing to run.',
  ),
  metric(
    '/cpu/classes/scavenge/assist:cpu-seconds',
    'float64',
    true,
    'CPU time in which allocations returned memory first.',
  ),
  metric(
    '/cpu/classes/scavenge/background:cpu-seconds',
    'float64',
    true,
    'CPU time of the background scavenger.',
  ),
  metric(
    '/cpu/classes/scavenge/total:cpu-seconds',
    'float64',
    true,
    'CPU time of returning memory: the sum of the classes of scavenge.',
  ),
  metric(
    '/cpu/classes/total:cpu-seconds',
    'float64',
    true,
    'CPU time offered by GOMAXPROCS: the sum of all classes.',
  ),
  metric('/cpu/classes/user:cpu-seconds', 'float64', true, 'CPU time left to the program.'),
  metric('/gc/cleanups/executed:cleanups', 'uint64', true, 'Cleanups run.'),
  metric('/gc/cleanups/queued:cleanups', 'uint64', true, 'Cleanups queued to run.'),
  metric('/gc/cycles/automatic:gc-cycles', 'uint64', true, 'Cycles that the runtime started.'),
  metric('/gc/cycles/forced:gc-cycles', 'uint64', true, 'Cycles that the program asked for.'),
  metric('/gc/cycles/total:gc-cycles', 'uint64', true, 'All cycles that ended.'),
  metric('/gc/finalizers/executed:finalizers', 'uint64', true, 'Finalizers run.'),
  metric('/gc/finalizers/queued:finalizers', 'uint64', true, 'Finalizers queued to run.'),
  metric('/gc/gogc:percent', 'uint64', false, 'GOGC in force.'),
  metric('/gc/gomemlimit:bytes', 'uint64', false, 'Memory limit in force.'),
  metric(
    '/gc/heap/allocs-by-size:bytes',
    'float64-histogram',
    true,
    'Objects allocated, by size class; the last bucket has the large ones.',
  ),
  metric('/gc/heap/allocs:bytes', 'uint64', true, 'Bytes allocated since the start.'),
  metric(
    '/gc/heap/allocs:objects',
    'uint64',
    true,
    'Objects allocated since the start; a tiny block is one.',
  ),
  metric(
    '/gc/heap/frees-by-size:bytes',
    'float64-histogram',
    true,
    'Objects freed, by size class; the last bucket has the large ones.',
  ),
  metric('/gc/heap/frees:bytes', 'uint64', true, 'Bytes freed since the start.'),
  metric('/gc/heap/frees:objects', 'uint64', true, 'Objects freed since the start.'),
  metric(
    '/gc/heap/goal:bytes',
    'uint64',
    false,
    'Heap size that the running or next cycle should not pass.',
  ),
  metric('/gc/heap/live:bytes', 'uint64', false, 'Bytes that the last cycle marked.'),
  metric('/gc/heap/objects:objects', 'uint64', false, 'Objects alive or not yet swept.'),
  metric('/gc/heap/tiny/allocs:objects', 'uint64', true, 'Tiny objects put into blocks.'),
  metric(
    '/gc/limiter/last-enabled:gc-cycle',
    'uint64',
    false,
    'Cycle in which the CPU limiter last began to limit; 0 is never.',
  ),
  metric(
    '/gc/pauses:seconds',
    'float64-histogram',
    true,
    'The same as /sched/pauses/total/gc:seconds, under its old name.',
  ),
  metric('/gc/scan/globals:bytes', 'uint64', false, 'Bytes of globals that a cycle scans.'),
  metric('/gc/scan/heap:bytes', 'uint64', false, 'Bytes of the heap that a cycle would scan.'),
  metric('/gc/scan/stack:bytes', 'uint64', false, 'Bytes of stacks that the last cycle scanned.'),
  metric('/gc/scan/total:bytes', 'uint64', false, 'The sum of the other metrics of gc/scan.'),
  metric('/gc/stack/starting-size:bytes', 'uint64', false, 'Stack of a new goroutine.'),
  metric('/memory/classes/heap/free:bytes', 'uint64', false, 'Free pages that the system backs.'),
  metric(
    '/memory/classes/heap/objects:bytes',
    'uint64',
    false,
    'Slots of objects alive or not yet swept.',
  ),
  metric(
    '/memory/classes/heap/released:bytes',
    'uint64',
    false,
    'Free pages that the system has back.',
  ),
  metric('/memory/classes/heap/stacks:bytes', 'uint64', false, 'Spans of stacks.'),
  metric(
    '/memory/classes/heap/unused:bytes',
    'uint64',
    false,
    'What spans in use have beside objects.',
  ),
  metric(
    '/memory/classes/metadata/mcache/free:bytes',
    'uint64',
    false,
    'Room for mcaches that are not there.',
  ),
  metric('/memory/classes/metadata/mcache/inuse:bytes', 'uint64', false, 'mcaches.'),
  metric(
    '/memory/classes/metadata/mspan/free:bytes',
    'uint64',
    false,
    'Room for mspans that are not there.',
  ),
  metric('/memory/classes/metadata/mspan/inuse:bytes', 'uint64', false, 'mspans.'),
  metric(
    '/memory/classes/metadata/other:bytes',
    'uint64',
    false,
    'What else the memory manager needs.',
  ),
  metric(
    '/memory/classes/os-stacks:bytes',
    'uint64',
    false,
    'Stacks that the system gave directly.',
  ),
  metric('/memory/classes/other:bytes', 'uint64', false, 'Memory of other parts of the runtime.'),
  metric('/memory/classes/profiling/buckets:bytes', 'uint64', false, 'Tables of the profilers.'),
  metric(
    '/memory/classes/total:bytes',
    'uint64',
    false,
    'All memory from the system: the sum of the classes.',
  ),
  metric('/sched/gomaxprocs:threads', 'uint64', false, 'GOMAXPROCS in force.'),
  metric(
    '/sched/goroutines-created:goroutines',
    'uint64',
    true,
    'Goroutines that the program started.',
  ),
  metric(
    '/sched/goroutines/not-in-go:goroutines',
    'uint64',
    false,
    'Goroutines in system calls or C.',
  ),
  metric('/sched/goroutines/runnable:goroutines', 'uint64', false, 'Goroutines that wait for a P.'),
  metric('/sched/goroutines/running:goroutines', 'uint64', false, 'Goroutines that run.'),
  metric(
    '/sched/goroutines/waiting:goroutines',
    'uint64',
    false,
    'Goroutines that wait for something else.',
  ),
  metric('/sched/goroutines:goroutines', 'uint64', false, 'Goroutines that exist.'),
  metric(
    '/sched/latencies:seconds',
    'float64-histogram',
    true,
    'How long goroutines were runnable before they ran.',
  ),
  metric(
    '/sched/pauses/stopping/gc:seconds',
    'float64-histogram',
    true,
    'How long stopping the world for the collector took.',
  ),
  metric(
    '/sched/pauses/stopping/other:seconds',
    'float64-histogram',
    true,
    'How long stopping the world for other reasons took.',
  ),
  metric(
    '/sched/pauses/total/gc:seconds',
    'float64-histogram',
    true,
    'Pauses of the collector, from asking for them to running again.',
  ),
  metric(
    '/sched/pauses/total/other:seconds',
    'float64-histogram',
    true,
    'Other pauses, from asking for them to running again.',
  ),
  metric('/sched/threads/total:threads', 'uint64', false, 'Threads of the runtime.'),
  metric(
    '/sync/mutex/wait/total:seconds',
    'float64',
    true,
    'Time that goroutines waited for a mutex.',
  ),
];
