/**
 * Nothing reachable is ever freed, and what is unreachable does not stay.
 *
 * 1. Safety, at every `SpanSwept`: none of the objects that it frees is reachable at that event.
 * 2. Liveness: an object that could not be reached when a cycle began is gone when that cycle's sweep is
 *    over, which is sooner than the second cycle that a collector with floating garbage may
 *    need. Excepted: what has a finalizer or is due for one, and what a weak load or a finalizer brought
 *    back in between. The newest object at the start of a cycle may still be in a register: it is a root.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { keptBy, Reach, reachFrom } from '../model/reach.ts';
import type { StreamEvent } from '../stream.ts';
import { type Checker, expectThat } from './checker.ts';

const NAME = 'reachability';

/** Unreachable objects at the start of a cycle. */
function condemned(m: Model): Set<number> {
  const finalized = [...m.specials.live]
    .filter(({ kind }) => kind === 'finalizer')
    .map(({ object }) => object);
  const kept = reachFrom(m, [...keptBy(m), ...finalized, m.nextOrdinal - 1]);
  return new Set([...m.objects.keys()].filter((ordinal) => !kept.has(ordinal)));
}

export function reachability(): Checker {
  const reach = new Reach();
  let doomed = new Set<number>();
  const pardon = (m: Model, ordinal: number): void => {
    for (const object of reachFrom(m, [ordinal])) doomed.delete(object);
  };
  return {
    name: NAME,
    before(event: StreamEvent, m: Model): void {
      if (event.tag === EVENTS.GCStarted.tag) doomed = condemned(m);
      if (event.tag !== EVENTS.SpanSwept.tag) return;
      const span = m.spans.get(event.arg(0));
      if (span === undefined) return;
      const dying = m.doomed(span);
      if (dying.length === 0) return;
      const kept = reach.kept(m);
      for (const { ordinal } of dying) {
        expectThat(!kept.has(ordinal), NAME, event.seq, () => `object #${ordinal} is reachable`);
      }
    },
    after(event: StreamEvent, m: Model): void {
      if (event.tag === EVENTS.WeakLoaded.tag) pardon(m, event.arg(1));
      if (event.tag === EVENTS.FinalizerStarted.tag) {
        pardon(m, m.specials.all.get(event.arg(0))?.object ?? 0);
      }
      if (event.tag !== EVENTS.SweepFinished.tag) return;
      for (const ordinal of doomed) {
        expectThat(
          !m.objects.has(ordinal),
          NAME,
          event.seq,
          () => `object #${ordinal} outlived a cycle that began when it was unreachable`,
        );
      }
      doomed.clear();
    },
  };
}
