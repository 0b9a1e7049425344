/** Replay, verification, time travel and what-if: in reading order. */

export type { Calibration, MarkCost } from './calibrate.ts';
export { calibrate } from './calibrate.ts';
export type { Colour } from './colour.ts';
export type { CompactionReport } from './compaction.ts';
export type { NotedCycle, TapeCycle, TapeCycles } from './cycles.ts';
export { cyclesOf } from './cycles.ts';
export type { Assumption } from './deaths.ts';
export { ASSUMPTIONS } from './deaths.ts';
export type { TapeDiff } from './diff.ts';
export { diffTapes } from './diff.ts';
export type { Folded, Progress } from './fold.ts';
export { foldBatch, foldTape } from './fold.ts';
export type { DumpNames, DumpProgram } from './fromdump.ts';
export { playDump } from './fromdump.ts';
export { recordingOf } from './fromtape.ts';
export type { Dominators } from './graph/dominators.ts';
export { dominatorsOf, OUTSIDE, UNREACHED } from './graph/dominators.ts';
export type { DumpColumns } from './graph/dump.ts';
export { graphOfDump } from './graph/dump.ts';
export type { ObjectGraph, Referrers, ReverseGraph } from './graph/graph.ts';
export { NONE, referrersOf, reverseOf } from './graph/graph.ts';
export type { RetainingPath, ShortestPaths } from './graph/paths.ts';
export { retainingPath, shortestPaths } from './graph/paths.ts';
export type { GroupRow } from './graph/retained.ts';
export { retainedByGroup, retainedSizes, topRetained } from './graph/retained.ts';
export type { WorldGraph } from './graph/world.ts';
export { graphOfWorld, WORLD_ROOT_KINDS } from './graph/world.ts';
export type { HistoryEntry, HistoryKind, ObjectHistory } from './history.ts';
export { historyOf } from './history.ts';
export type { ObjectName, ObjectStep, ObjectView, RecordedNames } from './inspect.ts';
export { inspectObject, ordinalOf, parseObjectName } from './inspect.ts';
export type { Lifetimes } from './lifetimes.ts';
export type {
  MeasuredNote,
  PacedNote,
  RuntimeNote,
  ScavengedNote,
  SweptNote,
} from './notes.ts';
export { notesOf } from './notes.ts';
export type { ObjectColumns } from './objects.ts';
export { addressOf, objectsOf } from './objects.ts';
export type { HeapPoint, Outcome, SimulatedCycle } from './outcome.ts';
export { OutcomeGatherer } from './outcome.ts';
export type { Pacing } from './pacing.ts';
export { inferPacing } from './pacing.ts';
export type { Recorded, RecordOptions } from './record.ts';
export { recordRun } from './record.ts';
export { recordedAddresses, recordedAt } from './recordedaddress.ts';
export type { Column, RecordedCycle, Recording } from './recording.ts';
export type { RootNames } from './rootnames.ts';
export { rootNamesAt } from './rootnames.ts';
export type { SimulationOptions } from './simulate.ts';
export { simulate } from './simulate.ts';
export { snapshotChecker } from './snapshots.ts';
export type { StateView } from './state.ts';
export { positionOf, stateView } from './state.ts';
export type { Survey } from './survey.ts';
export { survey } from './survey.ts';
export type { Table } from './tables.ts';
export { cycleTable, objectTable } from './tables.ts';
export type { TimelineOptions } from './timeline.ts';
export { Timeline } from './timeline.ts';
export type { MarkTouches, TouchTotals } from './touches.ts';
export { markTouches } from './touches.ts';
export type { Cut, Mismatch, Verification } from './verify.ts';
export { configOf, playCommands, verifyTape } from './verify.ts';
export type { Band, Scenario, ScenarioResult, WhatIfAnswer, WhatIfOptions } from './whatif.ts';
export { configFor, whatIf } from './whatif.ts';
export type { RecordedFigures, RunOptions, Workload } from './workload.ts';
export { recordedFigures, recordedWorkload, tapeWorkload } from './workload.ts';
