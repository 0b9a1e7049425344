/**
 * The command table: what a program may ask of the simulated runtime.
 *
 * A command is a wish and may be refused. Carried out, it leaves exactly one mutator event of the
 * named kind on the tape, together with whatever the allocator and the collector did on its
 * account. Projecting the mutator events of a tape therefore gives its commands back: that is how a
 * tape is decided again, under the same settings (verify) or under others (what-if).
 */
import type { EventName } from './events.ts';

export interface CommandSpec {
  /** The event that records it. */
  readonly event: EventName;
  /** Fields of that event which the command supplies; the others are outcomes. */
  readonly inputs: readonly string[];
  readonly doc: string;
}

export type CommandName =
  | 'DefineSite'
  | 'Allocate'
  | 'AllocateTiny'
  | 'StorePointer'
  | 'StoreRoot'
  | 'Release'
  | 'SwitchProc'
  | 'RunMutator'
  | 'RequestGC'
  | 'SetGCPercent'
  | 'SetMemoryLimit'
  | 'ReadMemStats'
  | 'PrimePacer'
  | 'SetMarkCost'
  | 'SetTinyBlock'
  | 'SetProcs'
  | 'FreeOSMemory'
  | 'SetMarkDetail'
  | 'SetCacheModel';

export const COMMANDS: Readonly<Record<CommandName, CommandSpec>> = {
  DefineSite: {
    event: 'SiteDefined',
    inputs: ['bytes', 'scanBytes', 'held', 'name'],
    doc: 'Describe a kind of allocation; answers its site number.',
  },
  Allocate: {
    event: 'ObjectAllocated',
    inputs: ['site', 'foundDead'],
    doc: 'Allocate an object; answers its ordinal.',
  },
  AllocateTiny: {
    event: 'TinyAllocated',
    inputs: ['site'],
    doc: 'Put a tiny object into the current tiny block.',
  },
  StorePointer: {
    event: 'PointerStored',
    inputs: ['object', 'word', 'target'],
    doc: 'Write a pointer word of a heap object.',
  },
  StoreRoot: { event: 'RootStored', inputs: ['root', 'target'], doc: 'Write a root.' },
  Release: { event: 'ObjectReleased', inputs: ['object'], doc: 'Stop holding an object.' },
  SwitchProc: {
    event: 'ProcSwitched',
    inputs: ['p', 'g'],
    doc: 'Go on as another P and goroutine.',
  },
  RunMutator: { event: 'MutatorRan', inputs: ['ns'], doc: 'Compute for a while.' },
  RequestGC: { event: 'GCRequested', inputs: [], doc: 'Call runtime.GC().' },
  SetGCPercent: { event: 'GCPercentSet', inputs: ['percent'], doc: 'Call debug.SetGCPercent.' },
  SetMemoryLimit: { event: 'MemoryLimitSet', inputs: ['bytes'], doc: 'Call debug.SetMemoryLimit.' },
  ReadMemStats: { event: 'MemStatsRead', inputs: [], doc: 'Call runtime.ReadMemStats.' },
  PrimePacer: {
    event: 'PacerPrimed',
    inputs: ['heapMarked'],
    doc: 'Begin as a process whose last cycle marked this much.',
  },
  SetMarkCost: {
    event: 'MarkCostSet',
    inputs: ['nsPerUnit', 'markProcs', 'latencyNs'],
    doc: 'Let marking cost what a recording says it cost at this point.',
  },
  SetTinyBlock: {
    event: 'TinyBlockSet',
    inputs: ['p', 'object'],
    doc: 'Make an object the tiny block of a P, or drop the one it has.',
  },
  SetProcs: { event: 'ProcsSet', inputs: ['procs'], doc: 'Call runtime.GOMAXPROCS.' },
  FreeOSMemory: {
    event: 'FreeOSMemoryRequested',
    inputs: [],
    doc: 'Call debug.FreeOSMemory: collect, then return every free page.',
  },
  SetMarkDetail: {
    event: 'MarkDetailSet',
    inputs: ['detail'],
    doc: 'Record marking by span, or object by object.',
  },
  SetCacheModel: {
    event: 'CacheModelSet',
    inputs: ['l1Bytes', 'l1Ways', 'l2Bytes', 'l2Ways', 'tlbEntries', 'tlbWays'],
    doc: 'Count what marking touches in caches of these sizes, or no longer.',
  },
};
