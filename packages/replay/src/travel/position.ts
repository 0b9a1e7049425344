/**
 * Places on a tape, in one total order.
 *
 * A position is a number of whole events and, behind them, a number of objects inside the next event:
 * marking and sweeping record many objects in one event, and `120.3` is where event 120 is over and the
 * first 3 objects of event 121 have had their turn. The last object of an event ends the event, so
 * `inside` is always less than the number of its objects.
 */
import { HeaptapeError } from '@heaptape/schema';

export interface Position {
  /** Events that are over; 0 is the beginning of the tape. */
  readonly event: number;
  /** Objects of the next event that have had their turn. */
  readonly inside: number;
}

/** Negative, 0 or positive, as `a` comes before, at or after `b`. */
export const comparePositions = (a: Position, b: Position): number =>
  a.event - b.event || a.inside - b.inside;

/** `120`, or `120.3`. */
export const positionText = ({ event, inside }: Position): string =>
  inside === 0 ? String(event) : `${event}.${inside}`;

/** Reads what `positionText` writes. Throws `bad-usage`. */
export function parsePosition(text: string): Position {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text);
  if (match !== null) return { event: Number(match[1]), inside: Number(match[2] ?? 0) };
  const hint = 'use an event number, or 120.3 for the third object inside event 121';
  throw new HeaptapeError('bad-usage', `${text} is no position on a tape`, hint);
}
