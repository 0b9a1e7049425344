/**
 * The first event of a tape after which a condition holds.
 *
 * 1. A condition that only asks what events say is looked for among the events; nothing is folded.
 * 2. One that holds for good once it holds is provably so when all it compares with constants only
 *    grows: counts of what ever happened, time, the number of the event, joined with `&&` and `||`. Then
 *    the known states (snapshots on the tape and in memory) are halved, and only the interval between two
 *    of them is folded.
 * 3. Any other condition may hold and cease to hold. The tape is folded from its start, and the condition
 *    read after every event that can change it.
 */
import { SCALAR } from '@heaptape/core';
import type { Expression } from '../lang/expression.ts';
import type { TapeFacts } from '../tapefacts.ts';
import type { Timeline } from '../timeline.ts';
import { HoldSearch } from './holds.ts';
import type { Due, Journey } from './journey.ts';

export interface Bisection {
  /** The event, and the virtual time after it, ns; null when the condition never holds. */
  readonly event: number | null;
  readonly timeNs: number | null;
  /** How it was found. */
  readonly method: 'events' | 'halving' | 'scan';
  /** How often the condition was read. */
  readonly read: number;
}

export function* bisect(
  timeline: Timeline,
  facts: TapeFacts,
  condition: Expression,
  due: Due,
): Journey<Bisection> {
  const search = new HoldSearch(timeline, facts, condition, due);
  const end = facts.reader.events;
  const method = !condition.ofState ? 'events' : condition.grows ? 'halving' : 'scan';
  const [from, to] = method === 'halving' ? between(timeline, search, end) : [timeline.begin, end];
  const event = yield* search.first(from, to);
  const { read } = search;
  if (event === 0) return { event: null, timeNs: null, method, read };
  const timeNs = timeline.seek(event).scalars[SCALAR.timeNs];
  return { event, timeNs, method, read };
}

/** The last known state in which the condition does not hold, and the first in which it does, or the end. */
function between(timeline: Timeline, search: HoldSearch, end: number): [number, number] {
  const known = timeline.known();
  let low = 0;
  let high = known.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (search.at(known[middle])) high = middle;
    else low = middle;
  }
  return [known[low], known[high] ?? end];
}
