/** Units of steps: each goes to the next event of some kinds, or to the next object inside one. */

import { objectCells } from '@heaptape/core';
import { EVENTS, type EventName, specOfTag, TAG_COUNT } from '@heaptape/schema';
import { kindsOf } from '../lang/kinds.ts';
import { ALL_KINDS } from '../lang/node.ts';

/**
 * `micro` is the smallest step: an object inside a coarse event, else an event. `object` passes over
 * events that are about no object; `command` goes from one thing that the program did to the next.
 */
export type StepUnit = 'micro' | 'event' | 'object' | 'span' | 'phase' | 'cycle' | 'command';

export const STEP_UNITS: readonly StepUnit[] = [
  'micro',
  'event',
  'object',
  'span',
  'phase',
  'cycle',
  'command',
];

const kindsWhere = (test: (name: EventName, tag: number) => boolean): Uint8Array => {
  const kinds = new Uint8Array(TAG_COUNT);
  for (const [name, { tag }] of Object.entries(EVENTS)) {
    if (test(name as EventName, tag)) kinds[tag] = 1;
  }
  return kinds;
};

const ABOUT_OBJECTS: ReadonlySet<EventName> = new Set([
  'ObjectAllocated',
  'TinyAllocated',
  'ObjectGreyed',
  'ObjectBlackened',
  'SpanMarked',
  'SpanSwept',
  'HeapCompacted',
]);

const KINDS: Readonly<Record<StepUnit, Uint8Array>> = {
  micro: ALL_KINDS,
  event: ALL_KINDS,
  object: kindsWhere(
    (name, tag) =>
      ABOUT_OBJECTS.has(name) ||
      objectCells(tag).length > 0 ||
      (specOfTag(tag)?.fields.some((field) => field.name === 'special') ?? false),
  ),
  span: kindsOf(
    'SpanAllocated',
    'SpanCached',
    'SpanUncached',
    'SpanMarked',
    'SpanSwept',
    'StackSpanAllocated',
    'StackSpanFreed',
  ),
  phase: kindsOf('GCStarted', 'GCMarkTerminated', 'SweepFinished'),
  cycle: kindsOf('GCStarted'),
  command: kindsWhere((_, tag) => specOfTag(tag)?.role === 'mutator'),
};

/** By tag: 1 for the events at which a step of this unit ends. */
export const kindsOfUnit = (unit: StepUnit): Uint8Array => KINDS[unit];

/** Whether steps of this unit end inside coarse events too. */
export const goesInside = (unit: StepUnit): boolean => unit === 'micro' || unit === 'object';
