/** Who keeps an object alive here; `large` where the heap is so large that this is a job (`jobs/heap.ts`). */
import { isSmall } from '../heap/heapfacts.ts';
import { type Keepers, keepersOf } from '../heap/keepers.ts';
import type { Query } from '../query.ts';

export const keepers: Query<{ readonly object: number }, Keepers | 'large' | null> = (
  { travel, heaps },
  { object },
) => {
  if (object === 0) return null;
  return isSmall(travel) ? keepersOf(heaps.at(travel), object) : 'large';
};
