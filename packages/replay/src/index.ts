/** Replay, verification, time travel and what-if: in reading order. */

export type { Calibration, MarkCost } from './calibrate.ts';
export { calibrate } from './calibrate.ts';
export type { NotedCycle, TapeCycle, TapeCycles } from './cycles.ts';
export { cyclesOf } from './cycles.ts';
export type { Assumption } from './deaths.ts';
export { ASSUMPTIONS } from './deaths.ts';
export type { TapeDiff } from './diff.ts';
export { diffTapes } from './diff.ts';
export type { Folded, Progress } from './fold.ts';
export { foldBatch, foldTape } from './fold.ts';
export { recordingOf } from './fromtape.ts';
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
export type { Column, RecordedCycle, Recording } from './recording.ts';
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
export type { Mismatch, Verification } from './verify.ts';
export { configOf, playCommands, verifyTape } from './verify.ts';
export type { Band, Scenario, ScenarioResult, WhatIfAnswer, WhatIfOptions } from './whatif.ts';
export { configFor, whatIf } from './whatif.ts';
export type { RecordedFigures, RunOptions, Workload } from './workload.ts';
export { recordedFigures, recordedWorkload, tapeWorkload } from './workload.ts';
