/**
 * Inside coarse events: what SpanMarked and SpanSwept do to one object after the other.
 *
 * Marking at the coarse setting says which slots of a span were marked, and a sweep frees what is not
 * marked and turns white what is. A position inside such an event has part of that behind it. The
 * state's figures (heap sizes, counts) are those of the whole events up to there; they change when the
 * event is over.
 */
import { slotAllocated, type World } from '@heaptape/core';
import { EVENTS, type EventBatch } from '@heaptape/schema';
import type { Colour } from '../colour.ts';
import { ownersOfSpan } from '../slotowners.ts';
import type { TapeFacts } from '../tapefacts.ts';

/** What an event does to one object. */
export interface ObjectChange {
  readonly object: number;
  readonly before: Colour;
  readonly after: Colour;
}

const BITMAP_WORDS = 32;
/** `SpanMarked.how`: every held object of the span. */
const HELD = 1;

/** Whether an event is made of changes to several objects. */
export const isCoarse = (kind: number): boolean =>
  kind === EVENTS.SpanMarked.tag || kind === EVENTS.SpanSwept.tag;

/**
 * The changes that the next event makes object by object, in the order of their slots; `world` is the
 * state before it. Empty for all other events.
 */
export function changesInside(
  world: World,
  facts: TapeFacts,
  kind: number,
  batch: EventBatch,
  at: number,
): readonly ObjectChange[] {
  if (kind === EVENTS.SpanMarked.tag) return marked(world, batch, at);
  return kind === EVENTS.SpanSwept.tag ? swept(world, facts, batch.args[at]) : [];
}

const bitOf = (bits: Int32Array, page: number, slot: number): boolean =>
  ((bits[page * BITMAP_WORDS + (slot >> 5)] >>> (slot & 31)) & 1) === 1;

function marked(w: World, { args, blob }: EventBatch, at: number): ObjectChange[] {
  const page = args[at];
  const changes: ObjectChange[] = [];
  ownersOfSpan(w, page).forEach((object, slot) => {
    const byte = slot >> 3 < args[at + 4] ? blob[args[at + 3] + (slot >> 3)] : 0;
    const told =
      args[at + 2] === HELD ? bitOf(w.heldBits, page, slot) : ((byte >> (slot & 7)) & 1) === 1;
    if (told && !bitOf(w.markBits, page, slot)) {
      changes.push({ object, before: 'white', after: 'black' });
    }
  });
  return changes;
}

function swept(w: World, facts: TapeFacts, page: number): ObjectChange[] {
  const changes: ObjectChange[] = [];
  ownersOfSpan(w, page).forEach((object, slot) => {
    if (object === 0 || !slotAllocated(w, page, slot)) return;
    const before = facts.owners.colourOf(w, object);
    changes.push({ object, before, after: bitOf(w.markBits, page, slot) ? 'white' : 'free' });
  });
  return changes;
}

/** Colours beyond a state, once the first `count` changes of the next event are made. */
export function colourAhead(
  changes: readonly ObjectChange[],
  count: number,
): ReadonlyMap<number, Colour> | null {
  if (count === 0) return null;
  return new Map(changes.slice(0, count).map(({ object, after }) => [object, after]));
}
