/**
 * A compiled part of an expression: how to read it, and what it depends on.
 *
 * A search asks for a value after event upon event. `changedBy` tells which kinds of event can change
 * it, so that it is read after those only; `known` tells the value after events of a kind where the kind
 * alone settles it; `grows` says that the value never falls (false counts as less than true), so that a
 * search may halve.
 */
import { TAG_COUNT } from '@heaptape/schema';
import type { Moment, Value, ValueType } from './values.ts';

export interface Node {
  readonly type: ValueType;
  read(moment: Moment): Value;
  /** The value after every event with this tag; undefined where more than the tag decides. */
  known(tag: number): Value | undefined;
  /** By tag: 1 where such an event can change the value. Not about what the event itself says. */
  readonly changedBy: Uint8Array;
  /** Depends on what the event itself is or says. */
  readonly ofEvent: boolean;
  /** Depends on the state. */
  readonly ofState: boolean;
  readonly grows: boolean;
  /** The same on every tape at every moment. */
  readonly constant: boolean;
}

/** Tags of no events. */
export const NO_KINDS: Uint8Array = new Uint8Array(TAG_COUNT);
/** All tags. */
export const ALL_KINDS: Uint8Array = new Uint8Array(TAG_COUNT).fill(1);

/** Tags that either has. */
export function eitherKinds(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a === b || b === NO_KINDS) return a;
  if (a === NO_KINDS) return b;
  return a.map((flag, tag) => flag | b[tag]);
}

const unknown = (): undefined => undefined;

/** A node that reads the state; nothing is known of its value beforehand. */
export function stateNode(
  type: ValueType,
  changedBy: Uint8Array,
  read: (moment: Moment) => Value,
  grows = false,
): Node {
  return {
    type,
    read,
    known: unknown,
    changedBy,
    ofEvent: false,
    ofState: true,
    grows,
    constant: false,
  };
}

export function constantNode(type: ValueType, value: Value): Node {
  const read = (): Value => value;
  return {
    type,
    read,
    known: read,
    changedBy: NO_KINDS,
    ofEvent: false,
    ofState: false,
    grows: true,
    constant: true,
  };
}

/** What a combination of nodes depends on. */
export function combined(
  parts: readonly Node[],
): Pick<Node, 'changedBy' | 'ofEvent' | 'ofState' | 'constant'> {
  return {
    changedBy: parts.map((part) => part.changedBy).reduce(eitherKinds, NO_KINDS),
    ofEvent: parts.some((part) => part.ofEvent),
    ofState: parts.some((part) => part.ofState),
    constant: parts.every((part) => part.constant),
  };
}
