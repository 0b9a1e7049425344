/**
 * Events of marking in detail: workers, write-barrier buffers, the ragged barrier, assists,
 * objects that turn grey and black, and what marking touches in a model of the caches.
 */
import type { EventSpec } from './events.ts';
import { field } from './fields.ts';
import { row } from './row.ts';

export type MarkingEventName =
  | 'MarkDetailSet'
  | 'ObjectGreyed'
  | 'ObjectBlackened'
  | 'MarkWorkerStarted'
  | 'MarkWorkerStopped'
  | 'BarrierFlushed'
  | 'RaggedBarrierPassed'
  | 'MarkRestarted'
  | 'AssistWaited'
  | 'CacheModelSet'
  | 'MarkTouched'
  | 'MarkStepsSet'
  | 'Assisted';

export const MARKING_EVENTS: Readonly<Record<MarkingEventName, EventSpec>> = {
  MarkDetailSet: row(72, 'mutator', 'How marking is recorded from here on.', [
    field('detail', 'uint', '0: mark bits by span; 1: each object that turns grey or black'),
  ]),
  ObjectGreyed: row(73, 'collector', 'A white object was marked and waits to be scanned.', [
    field(
      'word',
      'delta',
      'first word of its slot; the address is the heap base plus 8 times this',
    ),
  ]),
  ObjectBlackened: row(74, 'collector', 'An object was scanned, or found to hold no pointers.', [
    field('word', 'delta', 'first word of its slot'),
  ]),
  MarkWorkerStarted: row(75, 'collector', 'A background mark worker took up its P.', [
    field('p', 'uint', 'P'),
    field('mode', 'uint', '1 dedicated, 2 fractional, 3 idle'),
    field('share', 'f64', 'part of the time of its P that it gets'),
  ]),
  MarkWorkerStopped: row(76, 'collector', 'A background mark worker left its P.', [
    field('p', 'uint', 'P'),
    field('mode', 'uint', '1 dedicated, 2 fractional, 3 idle'),
    field('ns', 'uint', 'CPU time that it marked for, ns'),
  ]),
  BarrierFlushed: row(
    77,
    'collector',
    'A write-barrier buffer was flushed: its objects are marked.',
    [field('p', 'uint', 'P'), field('entries', 'uint', 'entries that the buffer held')],
  ),
  RaggedBarrierPassed: row(78, 'collector', 'Every P gave up its grey objects, to end marking.', [
    field('flushed', 'uint', 'Ps that had some; marking goes on unless it is 0'),
  ]),
  MarkRestarted: row(79, 'collector', 'The world had stopped to end marking, but work was left.', [
    field('pauseNs', 'uint', 'stop-the-world pause, ns'),
  ]),
  AssistWaited: row(80, 'collector', 'A goroutine in debt waited for background credit.', [
    field('g', 'uint', 'goroutine'),
    field('debt', 'uint', 'bytes that it had allocated beyond its credit'),
    field('ns', 'uint', 'time it waited, ns'),
  ]),
  CacheModelSet: row(81, 'mutator', 'From the next cycle on the touches of marking are counted.', [
    field('l1Bytes', 'uint', 'size of the first-level cache, bytes; 0 turns counting off'),
    field('l1Ways', 'uint', 'its ways'),
    field('l2Bytes', 'uint', 'size of the second-level cache, bytes'),
    field('l2Ways', 'uint', 'its ways'),
    field('tlbEntries', 'uint', 'page translations kept'),
    field('tlbWays', 'uint', 'their ways'),
  ]),
  MarkTouched: row(82, 'collector', 'What the marking that has ended touched.', [
    field('marked', 'uint', 'bytes marked'),
    field('touches', 'uint', 'cache lines touched, repeats included'),
    field('lines', 'uint', 'different 64-byte lines'),
    field('pages', 'uint', 'different 8 KiB pages'),
    field('l1Misses', 'uint', 'touches that missed the first-level cache'),
    field('l2Misses', 'uint', 'those of them that missed the second-level cache'),
    field('tlbMisses', 'uint', 'touches whose page translation was not at hand'),
  ]),
  MarkStepsSet: row(84, 'mutator', 'Where marking stops for the program from here on.', [
    field('single', 'uint', '0: between rounds; 1: after each object, root and flush of a P'),
  ]),
  Assisted: row(83, 'collector', 'A goroutine in debt paid, before it got its object.', [
    field('g', 'uint', 'goroutine'),
    field('debt', 'uint', 'bytes that it had allocated beyond its credit'),
    field('ratio', 'f64', 'scan work owed per allocated byte'),
    field('stolen', 'uint', 'scan work taken from the background’s credit, bytes'),
    field('marked', 'uint', 'scan work that it did itself, whole bytes'),
    field('credit', 'uint', 'bytes that it may allocate for both'),
    field('ns', 'uint', 'CPU time that it marked for, whole ns'),
  ]),
};
