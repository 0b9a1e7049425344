/**
 * Events of memory beside the heap's objects: goroutines and their stacks, the scavenger's work, and the
 * figures that Go's trace lines print.
 */
import type { EventSpec } from './events.ts';
import { field } from './fields.ts';
import { row } from './row.ts';

export type MemoryEventName =
  | 'GoroutineStarted'
  | 'GoroutineExited'
  | 'StackUsed'
  | 'StackSpanAllocated'
  | 'StackSpanFreed'
  | 'StackPlaced'
  | 'StartingStackSet'
  | 'ScavengeWorked'
  | 'LimiterEnabled'
  | 'MarkPaced'
  | 'MarkMeasured'
  | 'SweepMeasured'
  | 'ScavengeMeasured';

export const MEMORY_EVENTS: Readonly<Record<MemoryEventName, EventSpec>> = {
  GoroutineStarted: row(88, 'mutator', 'A go statement made a goroutine; the current P has it.', [
    field('g', 'uint', 'its number, from 1; 1 is the main goroutine'),
  ]),
  GoroutineExited: row(89, 'mutator', 'A goroutine ended on the current P.', [
    field('g', 'uint', 'its number'),
  ]),
  StackUsed: row(90, 'mutator', 'The frames of a goroutine now take so much of its stack.', [
    field('g', 'uint', 'its number'),
    field('bytes', 'uint', 'bytes between the stack pointer and the top of the stack'),
  ]),
  StackSpanAllocated: row(91, 'collector', 'A run of free pages became a span of stacks.', [
    field('page', 'delta', 'first page'),
    field('npages', 'uint', 'pages'),
    field('order', 'uint', 'its stacks are 2048 << order bytes; 4: one stack takes it all'),
    field('scavenged', 'uint', 'pages of it that had been returned to the system'),
  ]),
  StackSpanFreed: row(92, 'collector', 'A span of stacks gave its pages back.', [
    field('page', 'delta', 'first page'),
  ]),
  StackPlaced: row(93, 'collector', 'A goroutine got this stack, and left the one it had.', [
    field('g', 'int', 'its number; negative: one of the runtime itself'),
    field('page', 'delta', 'first page of the span'),
    field('offset', 'uint', 'where in the span it begins, bytes'),
    field('bytes', 'uint', 'its size'),
    field('used', 'uint', 'bytes of it in use'),
  ]),
  StartingStackSet: row(94, 'collector', 'New goroutines start with a stack of another size.', [
    field('bytes', 'uint', 'a power of two'),
  ]),
  ScavengeWorked: row(95, 'collector', 'Returning pages to the system took CPU time.', [
    field('backgroundNs', 'uint', 'of the background scavenger, ns'),
    field('assistNs', 'uint', 'of allocations, ns'),
  ]),
  LimiterEnabled: row(96, 'collector', 'The GC CPU limiter began to limit.', []),
  MarkPaced: row(97, 'collector', 'The pacer split the workers and set the first assist ratio.', [
    field('assistRatio', 'f64', 'scan work owed per allocated byte'),
    field('heapScan', 'uint', 'scannable heap, bytes'),
    field('heapLive', 'uint', 'heapLive at the start, bytes'),
    field('heapGoal', 'uint', 'goal while marking, bytes'),
    field('dedicated', 'uint', 'dedicated workers'),
    field('fractional', 'f64', 'share of each P that fractional workers take'),
  ]),
  MarkMeasured: row(98, 'collector', 'The pacer measured a cycle in which the heap grew.', [
    field('utilization', 'f64', 'share of the CPU that marking took, idle workers left out'),
    field('expected', 'uint', 'scan work that was expected, bytes'),
    field('consMark', 'f64', 'the cons/mark ratio that the cycle began with'),
  ]),
  SweepMeasured: row(99, 'collector', 'What the sweep that just ended did.', [
    field('heapLive', 'uint', 'heapLive at its end, bytes'),
    field('allocated', 'int', 'bytes that heapLive grew by since sweeping was last paced'),
    field('pagesSwept', 'uint', 'pages swept'),
    field('pagesPerByte', 'f64', 'the proportional sweep ratio'),
  ]),
  ScavengeMeasured: row(
    100,
    'collector',
    'What was returned to the system since the last such line.',
    [
      field('background', 'uint', 'by the background scavenger, bytes'),
      field('eager', 'uint', 'by allocations and debug.FreeOSMemory, bytes'),
      field('released', 'uint', 'free memory that the system has, bytes'),
      field('utilization', 'uint', 'heapInUse as a percentage of what is retained'),
      field('why', 'uint', '0: a sweep ended; 1: debug.FreeOSMemory; 2: as 0, controller reset'),
    ],
  ),
};
