/** Running to a breakpoint, in either direction: what the commands and the debug adapter share. */
import type { Hit, Journey, Rest, RunArrival, StopSpec } from '@heaptape/replay';
import type { Breakpoint, Session } from './session.ts';

/** Where a run has led. */
export interface Stopped {
  readonly why: RunArrival['why'];
  /** The breakpoints that stopped it, each with what it watches, in the order of their stops. */
  readonly hits: readonly { readonly breakpoint: Breakpoint; readonly watched: Hit['watched'] }[];
}

/** Goes to the next stop of a breakpoint that is enabled, or to the end of the tape. */
export function* runToStop(session: Session, back: boolean): Journey<Stopped> {
  const owners: Breakpoint[] = [];
  const stops = session.breakpoints
    .filter(({ enabled }) => enabled)
    .flatMap((one) =>
      one.places.map((place): StopSpec => {
        owners.push(one);
        const { ignore, condition } = one;
        return { ...place, ignore, ...(condition === null ? {} : { if: condition }) };
      }),
    );
  const { travel } = session;
  const journey = back ? travel.runningBack(stops) : travel.running(stops);
  let rest: Rest | null = null;
  try {
    for (;;) {
      const step = journey.next();
      if (step.done === true) {
        rest = null;
        count(step.value.counts, owners);
        const { why, hits } = step.value;
        for (const { stop } of hits) owners[stop].rearm?.(owners[stop]);
        return {
          why,
          hits: hits.map(({ stop, watched }) => ({ breakpoint: owners[stop], watched })),
        };
      }
      rest = step.value;
      yield rest;
    }
  } finally {
    // A run that is broken off has had its hits.
    if (rest !== null) count(rest.counts, owners);
  }
}

/** What breakpoints remember of a run. */
function count(counts: readonly number[], owners: readonly Breakpoint[]): void {
  counts.forEach((hits, i) => {
    owners[i].hits += hits;
    owners[i].ignore = Math.max(0, owners[i].ignore - hits);
  });
}
