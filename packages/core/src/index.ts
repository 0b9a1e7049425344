/** The heap, the collector, decide and evolve: in reading order. */
export type { CostModel } from './collector/costs.ts';
export { DEFAULT_COSTS } from './collector/costs.ts';
export { Pacer } from './collector/pacer.ts';
export { configWith, DEFAULT_CONFIG, parseConfig } from './config.ts';
export type { Control, PacerFigures, RunConfig } from './control.ts';
export { Decider } from './decide/decider.ts';
export type { BatchSink, EventWatcher } from './decide/journal.ts';
export { applyCommand, isCommand } from './decide/project.ts';
export { PHASES, TRIGGER } from './evolve/cycle.ts';
export { evolve } from './evolve/evolve.ts';
export { SCALAR } from './heap/scalars.ts';
export { roundUpSize, sizeClasses } from './heap/sizeclasses.ts';
export { Snapshotter, snapshotDifference } from './heap/snapshot.ts';
export { WorldHasher } from './heap/statehash.ts';
export { World } from './heap/world.ts';
