/**
 * The GC CPU limiter: it limits when it must and only when it may.
 *
 * 1. `LimiterEnabled` comes only when the bucket can be full (`limiterbounds.ts`).
 * 2. When the bucket has been full for certain for 10 ms and a goroutine assists, it has come in this
 *    cycle or comes now: it is told once a cycle.
 * 3. While it limits nobody assists: from that event until the limiter can have looked again, 10 ms
 *    later or at a transition.
 * 4. Once the bucket has been drained, goroutines in debt pay again; that is checked in `assists.ts`.
 *
 * It cannot see the moment at which limiting ends; between 10 ms after it began and the next mark phase
 * both are in order.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';
import { LimiterBounds, SLACK_NS } from './limiterbounds.ts';

const NAME = 'limiter';
const PERIOD_NS = 10e6;

const TRANSITIONS: ReadonlySet<number> = new Set(
  (['GCStarted', 'GCMarkTerminated', 'ProcsSet'] as const).map((name) => EVENTS[name].tag),
);

export function limiter(): Checker {
  const bounds = new LimiterBounds();
  /** When limiting began, while it surely goes on; and the last cycle that told of it. */
  let since: number | null = null;
  let told = 0;
  let isFull = false;
  let fullSince: number | null = null;
  const fail = (event: StreamEvent, message: string): never => {
    throw new Violation(NAME, event.seq, message);
  };
  return {
    name: NAME,
    before(event: StreamEvent, m: Model): void {
      const { tag } = event;
      const { cycles } = m.ledger;
      if (tag === EVENTS.LimiterEnabled.tag) {
        if (bounds.most < bounds.capacity - SLACK_NS) {
          fail(event, `the bucket holds ${bounds.most} of ${bounds.capacity} ns at most`);
        }
        told = cycles + 1;
        since = m.times.nowNs;
      } else if (isFull) fail(event, 'the bucket is full and the limiter does not limit');
      isFull = false;
      if (tag === EVENTS.Assisted.tag && since !== null && m.times.nowNs <= since + PERIOD_NS) {
        fail(event, 'a goroutine assists while the limiter limits');
      }
      if (TRANSITIONS.has(tag)) since = null;
    },
    after(event: StreamEvent, m: Model): void {
      bounds.fold(event, m);
      const { nowNs } = m.times;
      if (bounds.atLeast < bounds.capacity + SLACK_NS) fullSince = null;
      else fullSince ??= nowNs;
      if (fullSince === null) return;
      const assists = event.tag === EVENTS.Assisted.tag && nowNs > fullSince + PERIOD_NS;
      isFull = assists && told !== m.ledger.cycles + 1;
    },
  };
}
