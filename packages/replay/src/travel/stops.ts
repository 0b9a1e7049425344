/**
 * Where to stop: breakpoints and watchpoints as plain values, and the triggers that they become.
 *
 * A trigger looks only at events of the kinds that can matter to it, and says whether the event at hand is
 * one to stop at. One that needs no state is looked for among the events, without folding any.
 */
import { objectCells, SCALAR } from '@heaptape/core';
import { EVENTS, type EventName, HeaptapeError, specOfTag, TAG_COUNT } from '@heaptape/schema';
import type { Expression, Expressions } from '../lang/expression.ts';
import { kindsOf } from '../lang/kinds.ts';
import type { Moment, Value } from '../lang/values.ts';

/**
 * What happens to an object. `reached` is greyed or blackened, whichever marking records first; `dead` is
 * found dead when marking ends, `freed` its sweep; `changed` any of these but `moved`, and turning white;
 * `touched` an event of the program that names it.
 */
export type Happening =
  | 'allocated'
  | 'reached'
  | 'greyed'
  | 'blackened'
  | 'dead'
  | 'freed'
  | 'moved'
  | 'changed'
  | 'touched';

export const HAPPENINGS: readonly Happening[] = [
  'allocated',
  'reached',
  'greyed',
  'blackened',
  'dead',
  'freed',
  'moved',
  'changed',
  'touched',
];

export type StopPlace =
  | { readonly on: 'event'; readonly event: number }
  | { readonly on: 'kind'; readonly kinds: readonly EventName[] }
  | { readonly on: 'object'; readonly object: number; readonly what: Happening }
  /** The value of an expression changes. */
  | { readonly on: 'change'; readonly of: string }
  /** A condition turns true; one about events themselves: an event for which it holds. */
  | { readonly on: 'turns'; readonly when: string };

export type StopSpec = StopPlace & {
  /** Stops only where this holds after the event. */
  readonly if?: string;
  /** Passes over so many hits first. */
  readonly ignore?: number;
};

export interface Trigger {
  /** By tag: 1 for events that can be hits. */
  readonly kinds: Uint8Array;
  readonly ofState: boolean;
  /** The search goes on from this moment. */
  begin(moment: Moment): void;
  /** Whether the event at hand, which is of one of `kinds`, is a hit. */
  isHit(moment: Moment): boolean;
}

const NOTHING = (): void => undefined;

/** Makes the trigger of a stop. Throws `ExpressionError`, or `bad-usage`. */
export function triggerOf(
  spec: StopSpec,
  expressions: Expressions,
  kindAt: (seq: number) => number,
): Trigger {
  const trigger = placeTrigger(spec, expressions, kindAt);
  return spec.if === undefined ? trigger : conditional(trigger, expressions.condition(spec.if));
}

/** Hits of a trigger at which a condition holds. */
function conditional(trigger: Trigger, condition: Expression): Trigger {
  return {
    kinds: trigger.kinds,
    ofState: trigger.ofState || condition.ofState,
    begin: (moment) => trigger.begin(moment),
    // The trigger is asked first: it may have to remember what it sees.
    isHit: (moment) => trigger.isHit(moment) && condition.read(moment) === true,
  };
}

function placeTrigger(
  spec: StopPlace,
  expressions: Expressions,
  kindAt: (seq: number) => number,
): Trigger {
  switch (spec.on) {
    case 'event': {
      const kinds = new Uint8Array(TAG_COUNT);
      const kind = kindAt(spec.event);
      if (kind < 0) throw new HeaptapeError('not-found', `no event ${spec.event}`);
      kinds[kind] = 1;
      return { kinds, ofState: false, begin: NOTHING, isHit: ({ seq }) => seq === spec.event };
    }
    case 'kind': {
      const kinds = kindsOf(...spec.kinds);
      return { kinds, ofState: false, begin: NOTHING, isHit: () => true };
    }
    case 'change':
      return changeTrigger(expressions.value(spec.of));
    case 'turns':
      return turnsTrigger(expressions.condition(spec.when));
    case 'object':
      return objectTrigger(spec.object, spec.what, expressions);
  }
}

function changeTrigger(
  expression: Expression,
  isHit: (before: Value, after: Value) => boolean = (before, after) => before !== after,
): Trigger {
  let last: Value = null;
  return {
    kinds: expression.kinds,
    ofState: true,
    begin: (moment) => {
      last = expression.read(moment);
    },
    isHit: (moment) => {
      const before = last;
      last = expression.read(moment);
      return isHit(before, last);
    },
  };
}

function turnsTrigger(condition: Expression): Trigger {
  if (!condition.ofEvent)
    return changeTrigger(condition, (before, after) => !before && after === true);
  const { kinds, ofState } = condition;
  return { kinds, ofState, begin: NOTHING, isHit: (moment) => condition.read(moment) === true };
}

/** The expression whose value a stop watches, to be shown as it was and as it is; undefined for none. */
export function watchedBy(spec: StopPlace): string | undefined {
  if (spec.on === 'change') return spec.of;
  if (spec.on === 'turns') return undefined;
  if (spec.on !== 'object' || spec.what === 'touched') return undefined;
  return `#${spec.object}.${spec.what === 'moved' ? 'addr' : 'state'}`;
}

function objectTrigger(object: number, what: Happening, expressions: Expressions): Trigger {
  const colour = expressions.value(`#${object}.color`);
  const there = expressions.value(`#${object}.there`);
  switch (what) {
    case 'allocated':
      return {
        kinds: kindsOf('ObjectAllocated'),
        ofState: true,
        begin: NOTHING,
        isHit: ({ world }) => world.scalars[SCALAR.nextOrdinal] === object + 1,
      };
    case 'reached':
      return changeTrigger(colour, (a, b) => !isMarked(a) && isMarked(b));
    case 'greyed':
      return changeTrigger(colour, (a, b) => a !== 'grey' && b === 'grey');
    case 'blackened':
      return changeTrigger(colour, (a, b) => a !== 'black' && b === 'black');
    case 'dead':
      return changeTrigger(colour, (a, b) => a !== 'free' && b === 'free');
    case 'freed':
      return changeTrigger(there, (a, b) => a === true && b === false);
    case 'moved':
      return changeTrigger(expressions.value(`#${object}.addr`), (a, b) => a !== null && a !== b);
    case 'changed':
      return changeTrigger(expressions.value(`#${object}.state`));
    case 'touched':
      return touchTrigger(object);
  }
}

const isMarked = (colour: Value): boolean => colour === 'grey' || colour === 'black';

/** By tag: the cell that names a special; -1 is none. Such events hold no byte strings. */
const SPECIAL_CELL: readonly number[] = Array.from({ length: TAG_COUNT }, (_, tag) =>
  (specOfTag(tag)?.fields ?? []).findIndex(({ name }) => name === 'special'),
);

/** Events that name an object, or a special of it. */
function touchTrigger(object: number): Trigger {
  const kinds = new Uint8Array(TAG_COUNT);
  for (const { tag } of Object.values(EVENTS)) {
    if (objectCells(tag).length > 0 || SPECIAL_CELL[tag] >= 0) kinds[tag] = 1;
  }
  return {
    kinds,
    ofState: true,
    begin: NOTHING,
    isHit: ({ kind, batch, at, world }) => {
      for (const cell of objectCells(kind)) if (batch.args[at + cell] === object) return true;
      const cell = SPECIAL_CELL[kind];
      return cell >= 0 && world.specials.object[batch.args[at + cell]] === object;
    },
  };
}
