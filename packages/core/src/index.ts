/** The heap, the collector, decide and evolve: in reading order. */
export type { CacheGeometry } from './collector/cachemodel.ts';
export { DEFAULT_CACHES } from './collector/cachemodel.ts';
export type { CostModel } from './collector/costs.ts';
export { DEFAULT_COSTS } from './collector/costs.ts';
export {
  gcPercentGoal,
  heapMinimumFor,
  memoryLimitGoal,
  triggerFor,
} from './collector/heapgoal.ts';
export { Pacer } from './collector/pacer.ts';
export { MIN_RUNWAY, SWEEP_MIN_HEAP_DISTANCE } from './collector/pacer_constants.ts';
export { configWith, DEFAULT_CONFIG, parseConfig } from './config.ts';
export type { Control, PacerFigures, RunConfig } from './control.ts';
export { Decider } from './decide/decider.ts';
export type { BatchSink, EventWatcher } from './decide/journal.ts';
export { applyCommand, isCommand, objectCells } from './decide/project.ts';
export { PHASES, TRIGGER } from './evolve/cycle.ts';
export { evolve } from './evolve/evolve.ts';
export { heapProblems } from './heap/check.ts';
export { wordAlive } from './heap/check_pointers.ts';
export { HEAP_BASE } from './heap/layout.ts';
export { mappedReady } from './heap/memory.ts';
export { type Savepoint, Savepoints, savepointBytes } from './heap/savepoint.ts';
export { SCALAR } from './heap/scalars.ts';
export { roundUpSize, sizeClasses } from './heap/sizeclasses.ts';
export { slotAlive, slotAllocated, slotBytes, slotOfWord } from './heap/slots.ts';
export { Snapshotter, snapshotDifference } from './heap/snapshot.ts';
export { SPECIAL_KIND, SPECIAL_STATE } from './heap/specials.ts';
export { WorldHasher } from './heap/statehash.ts';
export { World } from './heap/world.ts';
export type { Chan, Received } from './runtime/chan.ts';
export type { Cleanup } from './runtime/cleanups.ts';
export { GoFatal, GoPanic } from './runtime/errors.ts';
export type { EventListener } from './runtime/feed.ts';
export type { Func, FuncBody, FuncType, ParamType } from './runtime/functype.ts';
export type { Goroutine, Slot } from './runtime/goroutines.ts';
export { arrayOf, GO, pointerTo, sliceOf, structOf } from './runtime/gotypes.ts';
export type { Obj } from './runtime/heap.ts';
export type { Capture, Closure, Iface } from './runtime/interfaces.ts';
export type { MapEntry } from './runtime/mapiteration.ts';
export type { GoMap } from './runtime/maps.ts';
export type { GCStats, MemStats, MemStatsBySize } from './runtime/memstats.ts';
export { readGCStats, readMemStats } from './runtime/memstats.ts';
export type { Histogram, MetricSample, MetricValue } from './runtime/metrics.ts';
export { allMetrics, readMetrics } from './runtime/metrics.ts';
export type { MetricDescription, MetricKind, MetricName } from './runtime/metrics_list.ts';
export type { RuntimeOptions } from './runtime/options.ts';
export type { Pointer } from './runtime/pointers.ts';
export type { Pool, PoolOptions } from './runtime/pool.ts';
export type { Runtime } from './runtime/runtime.ts';
export { createRuntime } from './runtime/runtime.ts';
export type { SelectCase, Selected } from './runtime/select.ts';
export type { Slice } from './runtime/slices.ts';
export type { StringsBuilder } from './runtime/stringbuilder.ts';
export type { GoString, StringLike } from './runtime/strings.ts';
export type { Mutex, WaitGroup } from './runtime/sync.ts';
export type { Go, GoBody } from './runtime/task.ts';
export type { GoKind, GoType } from './runtime/types.ts';
export type { UniqueHandle } from './runtime/unique.ts';
export type { GoValue, Held } from './runtime/values.ts';
export type { WeakPointer } from './runtime/weak.ts';
