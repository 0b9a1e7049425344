/** Who keeps an object alive here; null where the heap is so large that this is a job (`jobs/heap.ts`). */
import { isSmall } from '../heap/heapfacts.ts';
import { type Keepers, keepersOf } from '../heap/keepers.ts';
import type { Query } from '../query.ts';

export const keepers: Query<{ readonly object: number }, Keepers | null> = (
  { travel, heaps },
  { object },
) => (object > 0 && isSmall(travel.world) ? keepersOf(heaps.at(travel), object) : null);
