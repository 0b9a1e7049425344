/**
 * select: the first of several channel operations that can go on.
 *
 * 1. The cases are tried in an order chosen by chance. The first that need not wait is the one.
 * 2. If there is none, the default case is taken; without one the goroutine waits on all channels and
 *    the first to serve it decides.
 * 3. Cases on nil channels are never chosen.
 *
 * Follows `runtime/select.go` selectgo, Go 1.26.
 */
import type { Chan, Turn, Waiter } from './chan.ts';
import { GoPanic } from './errors.ts';
import type { Heap } from './heap.ts';
import { letGo } from './process.ts';
import type { Random } from './random.ts';
import type { Go } from './task.ts';
import type { GoValue } from './values.ts';

/** `case ch <- value`, or `case v, ok := <-ch`. */
export type SelectCase = { readonly send: Chan; readonly value: GoValue } | { readonly recv: Chan };

/** The case that was chosen, -1 for the default; and what it received. */
export interface Selected {
  readonly index: number;
  readonly value: GoValue;
  readonly ok: boolean;
}

const DEFAULT: Selected = { index: -1, value: null, ok: false };

/** `select { … }`; `orElse` says that there is a default case. */
export function* selectOf(
  heap: Heap,
  random: Random,
  cases: readonly SelectCase[],
  orElse: boolean,
): Go<Selected> {
  for (const index of shuffled(cases.length, random)) {
    const chosen = cases[index];
    if ('recv' in chosen) {
      const received = chosen.recv.tryRecv();
      if (received !== null) return { index, ...received };
    } else if (chosen.send.trySend(chosen.value)) {
      yield 'check';
      return { index, value: null, ok: false };
    }
  }
  if (orElse) {
    yield 'check';
    return DEFAULT;
  }
  const turn: Turn = { served: null };
  const waiters = cases.map((one) =>
    'recv' in one
      ? one.recv.wait(one.recv.receivers, turn, null)
      : one.send.wait(one.send.senders, turn, one.value),
  );
  yield 'park';
  return served(heap, cases, waiters, turn);
}

function served(
  heap: Heap,
  cases: readonly SelectCase[],
  waiters: readonly Waiter[],
  turn: Turn,
): Selected {
  const index = turn.served === null ? -1 : waiters.indexOf(turn.served);
  waiters.forEach((waiter, i) => {
    const one = cases[i];
    const queue = 'recv' in one ? one.recv.receivers : one.send.senders;
    const at = queue.indexOf(waiter);
    if (at >= 0) queue.splice(at, 1);
    const got = i === index && 'recv' in one;
    letGo(heap, got ? waiter.slots.slice(0, 1) : waiter.slots);
  });
  const chosen = cases[index];
  const waiter = waiters[index];
  if ('recv' in chosen) return { index, ...chosen.recv.received(waiter) };
  if (!waiter.ok) throw new GoPanic('send on closed channel');
  return { index, value: null, ok: false };
}

function shuffled(count: number, random: Random): number[] {
  const order: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const j = random.below(i + 1);
    order.push(order[j] ?? i);
    order[j] = i;
  }
  return order;
}
