/**
 * The event table: the one place where events are defined.
 *
 * An event is a fact and states outcomes: this slot, these mark bits, this goal. It never says "run
 * the algorithm again", so a tape written by today's collector replays the same after the collector
 * has changed. Types, the codec, `docs/EVENTS.md`, the fast-check arbitraries and the SQL columns
 * derive from this table. Tags are never reused and never renumbered.
 *
 * Roles:
 * - `control`    starts a run and carries its configuration;
 * - `mutator`    what the program did. Projecting these gives the commands back, so they name objects
 *                by allocation ordinal, never by address. Where such an event also holds an outcome
 *                (`place`), 0 means "as predicted" and costs nothing on the tape;
 * - `collector`  what the allocator and the collector did;
 * - `annotation` what a recording of a real program said at this point; it changes no heap state.
 */
import { MARKING_EVENTS, type MarkingEventName } from './events_marking.ts';
import { MEMORY_EVENTS, type MemoryEventName } from './events_memory.ts';
import { SPECIAL_EVENTS, type SpecialEventName } from './events_specials.ts';
import { cellsOf, type FieldSpec, field } from './fields.ts';
import { row } from './row.ts';

export type Role = 'control' | 'mutator' | 'collector' | 'annotation';

export interface EventSpec {
  readonly tag: number;
  readonly role: Role;
  /** Tape format version in which the event first appeared. */
  readonly since: number;
  readonly doc: string;
  readonly fields: readonly FieldSpec[];
  /** The event creates an object and takes the next allocation ordinal. */
  readonly allocates?: true;
}

/** Name of each event, in tag order within its role. */
export type EventName =
  | 'RunStarted'
  | 'SiteDefined'
  | 'ObjectAllocated'
  | 'TinyAllocated'
  | 'PointerStored'
  | 'RootStored'
  | 'ObjectReleased'
  | 'ProcSwitched'
  | 'MutatorRan'
  | 'GCRequested'
  | 'GCPercentSet'
  | 'MemoryLimitSet'
  | 'MemStatsRead'
  | 'PacerPrimed'
  | 'MarkCostSet'
  | 'TinyBlockSet'
  | 'ProcsSet'
  | 'FreeOSMemoryRequested'
  | 'RootNamed'
  | 'RecordedCycleBegan'
  | 'RecordedCycleEnded'
  | 'AddressRecorded'
  | 'ClockAdvanced'
  | 'HeapGrown'
  | 'SpanAllocated'
  | 'SpanCached'
  | 'SpanUncached'
  | 'McacheFlushed'
  | 'GCStarted'
  | 'MarkAdvanced'
  | 'SpanMarked'
  | 'GCMarkTerminated'
  | 'PacerCommitted'
  | 'SpanSwept'
  | 'SweepFinished'
  | 'Scavenged'
  | 'GCReturned'
  | 'HeapCompacted'
  | MarkingEventName
  | MemoryEventName
  | SpecialEventName;

export const EVENTS: Readonly<Record<EventName, EventSpec>> = {
  RunStarted: row(0, 'control', 'A run begins with this configuration.', [
    field('config', 'bytes', 'configuration and cost model, JSON in UTF-8'),
  ]),
  SiteDefined: row(1, 'mutator', 'A kind of allocation gets the next site number, from 1.', [
    field('bytes', 'uint', 'requested bytes'),
    field('scanBytes', 'uint', 'bytes up to the end of the last pointer; 0 is pointer-free'),
    field('held', 'uint', '1: each object is a root of its own until it is released'),
    field('spanClass', 'uint', 'size class doubled, plus 1 when pointer-free; 0 and 1 are large'),
    field('name', 'bytes', 'type name, UTF-8'),
  ]),
  ObjectAllocated: row(
    2,
    'mutator',
    'An object was allocated and takes the next ordinal.',
    [
      field('site', 'uint', 'its allocation site'),
      field(
        'foundDead',
        'uint',
        'recorded mark terminations until it was found dead; 0 is never or unknown',
      ),
      field(
        'place',
        'uint',
        '0: the next free slot of the cached span, or the large span just made',
      ),
    ],
    true,
  ),
  TinyAllocated: row(3, 'mutator', 'A tiny object joined the tiny block of the current P.', [
    field('site', 'uint', 'its allocation site'),
  ]),
  PointerStored: row(4, 'mutator', 'A pointer word of a heap object was written.', [
    field('object', 'object', 'the object written to'),
    field('word', 'uint', 'index of the 8-byte word in it'),
    field('target', 'object', 'the object now pointed to; 0 is nil'),
  ]),
  RootStored: row(5, 'mutator', 'A root (global or stack slot) was written.', [
    field('root', 'uint', 'index of the root'),
    field('target', 'object', 'the object now pointed to; 0 is nil'),
  ]),
  ObjectReleased: row(6, 'mutator', 'A held object stopped being a root of its own.', [
    field('object', 'delta', 'its ordinal'),
  ]),
  ProcSwitched: row(7, 'mutator', 'The events that follow come from this P and goroutine.', [
    field('p', 'uint', 'P'),
    field('g', 'uint', 'goroutine; 0 is unknown'),
  ]),
  MutatorRan: row(8, 'mutator', 'The program computes for a while; the clock follows.', [
    field('ns', 'uint', 'virtual time, ns'),
  ]),
  GCRequested: row(9, 'mutator', 'The program called runtime.GC().', []),
  GCPercentSet: row(10, 'mutator', 'debug.SetGCPercent was called.', [
    field('percent', 'int', 'GOGC; -1 is off'),
  ]),
  MemoryLimitSet: row(11, 'mutator', 'debug.SetMemoryLimit was called.', [
    field('bytes', 'uint', 'limit in bytes; 0 is none'),
  ]),
  MemStatsRead: row(12, 'mutator', 'runtime.ReadMemStats was called; it flushes every mcache.', []),
  PacerPrimed: row(13, 'mutator', 'The run continues a process that had already collected.', [
    field('heapMarked', 'uint', 'bytes marked by its last cycle'),
  ]),
  MarkCostSet: row(14, 'mutator', 'From here on marking costs this much.', [
    field('nsPerUnit', 'f64', 'CPU time of one unit of marking, ns'),
    field('markProcs', 'f64', 'Ps that mark in the background, on average while marking'),
    field('latencyNs', 'uint', 'time a cycle takes beyond that work, ns'),
  ]),
  TinyBlockSet: row(15, 'mutator', 'A P took up a tiny block, or dropped the one it had.', [
    field('p', 'uint', 'P'),
    field('object', 'object', 'the block, which marking keeps alive meanwhile; 0 is none'),
  ]),
  ProcsSet: row(16, 'mutator', 'runtime.GOMAXPROCS changed the number of Ps.', [
    field('procs', 'uint', 'Ps from here on'),
  ]),
  FreeOSMemoryRequested: row(17, 'mutator', 'The program called debug.FreeOSMemory().', []),
  RootNamed: row(18, 'mutator', 'A root has this name, for people.', [
    field('root', 'uint', 'index of the root'),
    field('name', 'bytes', 'such as `global cache`, UTF-8'),
  ]),
  RecordedCycleBegan: row(24, 'annotation', 'The recorded program began a GC cycle here.', [
    field('n', 'uint', 'cycle number in the recording'),
    field('timeNs', 'uint', 'recorded time since the recording began, ns'),
    field('heapLive', 'uint', 'heapLive at its start, bytes'),
    field('heapGoal', 'uint', 'goal in force, bytes; 0 is none'),
    field('trigger', 'uint', '0 heap, 1 runtime.GC, 2 periodic'),
  ]),
  RecordedCycleEnded: row(25, 'annotation', 'The recorded program ended a mark phase here.', [
    field('n', 'uint', 'cycle number in the recording'),
    field('timeNs', 'uint', 'recorded time since the recording began, ns'),
    field('heapAtMarkEnd', 'uint', 'heapLive at mark termination, bytes'),
    field('heapMarked', 'uint', 'bytes marked, bytes'),
    field('nextGoal', 'uint', 'goal of the next cycle, bytes'),
    field('pauseNs', 'uint', 'both stop-the-world pauses, ns'),
    field('assistNs', 'uint', 'time in mark assists, ns'),
  ]),
  AddressRecorded: row(26, 'annotation', 'Where the newest object lay in the recorded program.', [
    field('address', 'delta', 'its address, bytes'),
  ]),
  ClockAdvanced: row(32, 'collector', 'Virtual time passed.', [
    field('ns', 'uint', 'virtual time, ns'),
  ]),
  HeapGrown: row(33, 'collector', 'The heap took more address space from the system.', [
    field('pages', 'uint', 'pages added at the end'),
  ]),
  SpanAllocated: row(34, 'collector', 'A run of free pages became a span.', [
    field('page', 'delta', 'first page'),
    field('npages', 'uint', 'pages'),
    field('spanClass', 'uint', 'size class doubled, plus 1 when pointer-free'),
    field('scavenged', 'uint', 'pages of it that had been returned to the system'),
  ]),
  SpanCached: row(35, 'collector', 'A span with free slots went into the mcache of a P.', [
    field('p', 'uint', 'P'),
    field('page', 'delta', 'first page'),
  ]),
  SpanUncached: row(36, 'collector', 'A span left an mcache for its mcentral.', [
    field('p', 'uint', 'P'),
    field('spanClass', 'uint', 'span class'),
  ]),
  McacheFlushed: row(37, 'collector', 'Every span of an mcache was given back.', [
    field('p', 'uint', 'P'),
  ]),
  GCStarted: row(38, 'collector', 'A cycle began: sweep terminated, write barrier on, marking.', [
    field('n', 'uint', 'cycle number, from 1'),
    field('trigger', 'uint', '0 heap, 1 runtime.GC, 2 periodic'),
    field('heapLive', 'uint', 'heapLive at its start, bytes'),
    field('heapGoal', 'uint', 'goal in force, bytes'),
    field('pauseNs', 'uint', 'stop-the-world pause, ns'),
  ]),
  MarkAdvanced: row(39, 'collector', 'Marking made progress.', [
    field('heapScanWork', 'uint', 'heap bytes scanned'),
    field('stackScanWork', 'uint', 'stack bytes scanned'),
    field('globalsScanWork', 'uint', 'bytes of globals scanned'),
    field('workerNs', 'uint', 'CPU time of dedicated and fractional workers, ns'),
    field('idleNs', 'uint', 'CPU time of idle workers, ns'),
    field('assistNs', 'uint', 'time the program spent assisting, ns'),
  ]),
  SpanMarked: row(40, 'collector', 'Objects of a span were marked.', [
    field('page', 'delta', 'first page of the span'),
    field('marked', 'uint', 'objects newly marked'),
    field('how', 'uint', '0: those in bits; 1: every held object of the span'),
    field(
      'bits',
      'bytes',
      'newly marked slots, bit 0 of byte 0 is slot 0; trailing zeros left out',
    ),
  ]),
  GCMarkTerminated: row(41, 'collector', 'Marking ended; sweeping may begin.', [
    field('n', 'uint', 'cycle number'),
    field('heapAtMarkEnd', 'uint', 'heapLive at mark termination, bytes'),
    field('heapMarked', 'uint', 'bytes marked'),
    field('heapGoal', 'uint', 'goal in force at the end, bytes'),
    field('pauseNs', 'uint', 'stop-the-world pause, ns'),
    field('consMark', 'f64', 'the cons/mark ratio now in force'),
    field('cpuGCNs', 'uint', 'CPU time of this cycle but idle workers, ns'),
  ]),
  PacerCommitted: row(42, 'collector', 'A new heap goal and trigger are in force.', [
    field('heapGoal', 'uint', 'goal, bytes'),
    field('trigger', 'uint', 'heapLive at which the next cycle begins, bytes'),
    field('runway', 'uint', 'bytes the program may allocate while marking runs'),
  ]),
  SpanSwept: row(43, 'collector', 'A span was swept: its mark bits are now its allocation bits.', [
    field('page', 'delta', 'first page of the span'),
    field('freed', 'uint', 'objects freed'),
    field('fate', 'uint', '0: has free slots; 1: full; 2: its pages are free; 3: stays cached'),
  ]),
  SweepFinished: row(44, 'collector', 'No span of this cycle is left to sweep.', []),
  Scavenged: row(45, 'collector', 'Free pages were returned to the system.', [
    field('page', 'delta', 'first page'),
    field('npages', 'uint', 'pages'),
  ]),
  GCReturned: row(46, 'collector', 'runtime.GC() returned to the program.', []),
  HeapCompacted: row(
    104,
    'collector',
    'The experiment: objects slid together, every pointer to them was updated.',
    [
      field('objects', 'uint', 'objects moved'),
      field('bytes', 'uint', 'bytes of their slots'),
      field('pointers', 'uint', 'pointer words and roots updated'),
      field('pauseNs', 'uint', 'stop-the-world time it would have cost, ns'),
      field('moves', 'bytes', 'from and to, packed as docs/TAPE.md says'),
    ],
  ),
  ...MARKING_EVENTS,
  ...MEMORY_EVENTS,
  ...SPECIAL_EVENTS,
};

/** Names by tag; holes are empty strings. */
export const EVENT_NAMES: readonly string[] = (() => {
  const names: string[] = [];
  for (const [name, spec] of Object.entries(EVENTS)) names[spec.tag] = name;
  return Array.from(names, (name) => name ?? '');
})();

/** Highest tag plus one. */
export const TAG_COUNT: number = EVENT_NAMES.length;

/** Argument cells an event of each tag takes in an `EventBatch`. */
export const CELLS: Uint8Array = (() => {
  const cells = new Uint8Array(TAG_COUNT);
  for (const spec of Object.values(EVENTS)) {
    cells[spec.tag] = spec.fields.reduce((sum, f) => sum + cellsOf(f.wire), 0);
  }
  return cells;
})();

/** 1 for tags whose events take an allocation ordinal. */
export const ALLOCATES: Uint8Array = (() => {
  const flags = new Uint8Array(TAG_COUNT);
  for (const spec of Object.values(EVENTS)) flags[spec.tag] = spec.allocates ? 1 : 0;
  return flags;
})();

/** The specification of a tag, or undefined for a hole. */
export function specOfTag(tag: number): EventSpec | undefined {
  const name = EVENT_NAMES[tag];
  return name ? EVENTS[name as EventName] : undefined;
}
