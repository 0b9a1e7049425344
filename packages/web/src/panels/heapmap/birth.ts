/** When the object under the cursor was born, in words: asked of the scout, once the cursor rests. */
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app/context.ts';
import { count } from '../../model/units.ts';
import type { BirthView } from '../../worker/queries/birth.ts';

/** Milliseconds for which the cursor rests. */
const REST_MS = 120;

export function useBirth(object: number): string {
  const app = useApp();
  const { scout } = app;
  const [birth, setBirth] = useState<BirthView | null>(null);
  useEffect(() => {
    if (object === 0) return undefined;
    const timer = setTimeout(() => {
      const wants = [{ name: 'birth' as const, args: { object } }];
      scout.call('visit', { to: [], wants }).answer.then(
        ({ answers: [first] }) => {
          if (first !== undefined && 'value' in first) setBirth(first.value as BirthView);
        },
        () => undefined,
      );
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [scout, object]);
  if (object === 0 || birth?.object !== object || birth.event === 0) return '';
  const { event } = app.state.value.position;
  const { bands } = app.overview.value;
  const cycles = bands.filter(
    ({ kind, from }) => kind === 'mark' && from > birth.event && from <= event,
  ).length;
  const since = `${cycles} ${cycles === 1 ? 'cycle' : 'cycles'}`;
  const ago = `${count(Math.max(0, event - birth.event))} events and ${since} ago`;
  return `born at event ${count(birth.event)}, ${ago}`;
}
