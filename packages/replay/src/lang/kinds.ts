/** Sets of event kinds, by name, as flags by tag. */
import { EVENTS, type EventName, TAG_COUNT } from '@heaptape/schema';

export function kindsOf(...names: readonly EventName[]): Uint8Array {
  const kinds = new Uint8Array(TAG_COUNT);
  for (const name of names) kinds[EVENTS[name].tag] = 1;
  return kinds;
}
