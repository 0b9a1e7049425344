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
  | 'NameRoot'
  | 'SetFinalizer'
  | 'ClearFinalizer'
  | 'AddCleanup'
  | 'StopCleanup'
  | 'MakeWeakHandle'
  | 'LoadWeak'
  | 'RegisterPool'
  | 'StartFinalizer'
  | 'ReturnFinalizer'
  | 'StartCleanup'
  | 'ReturnCleanup'
  | 'StartGoroutine'
  | 'ExitGoroutine'
  | 'UseStack'
  | 'SetMarkDetail'
  | 'SetCacheModel'
  | 'SetMarkSteps'
  | 'CallGC'
  | 'StepSweep'
  | 'WaitSweep';

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
  NameRoot: { event: 'RootNamed', inputs: ['root', 'name'], doc: 'Give a root a name for people.' },
  FreeOSMemory: {
    event: 'FreeOSMemoryRequested',
    inputs: [],
    doc: 'Call debug.FreeOSMemory: collect, then return every free page.',
  },
  SetFinalizer: {
    event: 'FinalizerSet',
    inputs: ['object', 'offset', 'fn', 'closure'],
    doc: 'Call runtime.SetFinalizer.',
  },
  ClearFinalizer: {
    event: 'FinalizerCleared',
    inputs: ['object', 'offset'],
    doc: 'Call runtime.SetFinalizer with nil.',
  },
  AddCleanup: {
    event: 'CleanupAdded',
    inputs: ['object', 'offset', 'fn', 'arg', 'closure'],
    doc: 'Call runtime.AddCleanup; answers the number of its special.',
  },
  StopCleanup: {
    event: 'CleanupStopped',
    inputs: ['special'],
    doc: 'Call Cleanup.Stop.',
  },
  MakeWeakHandle: {
    event: 'WeakHandleMade',
    inputs: ['object', 'offset', 'handle'],
    doc: 'Call weak.Make for an address that has no handle.',
  },
  LoadWeak: {
    event: 'WeakLoaded',
    inputs: ['handle'],
    doc: 'Call weak.Pointer.Value; answers the object or 0.',
  },
  RegisterPool: {
    event: 'PoolRegistered',
    inputs: ['localRoot', 'victimRoot'],
    doc: 'Let cycles empty a sync.Pool.',
  },
  StartFinalizer: {
    event: 'FinalizerStarted',
    inputs: ['special'],
    doc: 'Call the next finalizer.',
  },
  ReturnFinalizer: {
    event: 'FinalizerReturned',
    inputs: [],
    doc: 'Return from the finalizer that runs.',
  },
  StartCleanup: {
    event: 'CleanupStarted',
    inputs: ['worker', 'special'],
    doc: 'Call the next cleanup of a cleanup goroutine.',
  },
  ReturnCleanup: {
    event: 'CleanupReturned',
    inputs: ['special'],
    doc: 'Return from a cleanup.',
  },
  StartGoroutine: {
    event: 'GoroutineStarted',
    inputs: ['g'],
    doc: 'Start a goroutine on the current P: it gets a stack.',
  },
  ExitGoroutine: { event: 'GoroutineExited', inputs: ['g'], doc: 'End a goroutine.' },
  UseStack: {
    event: 'StackUsed',
    inputs: ['g', 'bytes'],
    doc: 'Use so much of the stack of a goroutine, which grows when it does not fit.',
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
  SetMarkSteps: {
    event: 'MarkStepsSet',
    inputs: ['single'],
    doc: 'Let marking stop between rounds, or after each single step.',
  },
  CallGC: {
    event: 'GCCalled',
    inputs: [],
    doc: 'Call runtime.GC() as a goroutine among others.',
  },
  StepSweep: {
    event: 'SweepStepped',
    inputs: [],
    doc: 'Sweep a span for runtime.GC(), which then yields.',
  },
  WaitSweep: {
    event: 'SweepWaited',
    inputs: [],
    doc: 'Return from runtime.GC() when everything is swept.',
  },
};
