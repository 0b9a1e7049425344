/** What specials wait for, by their objects; `large` where the heap is so large that this is a job (`jobs/heap.ts`). */
import { isSmall } from '../heap/heapfacts.ts';
import { type Wait, waitsOf } from '../heap/waits.ts';
import type { Query } from '../query.ts';

export const waits: Query<{ readonly objects: readonly number[] }, readonly Wait[] | 'large'> = (
  { travel, heaps },
  { objects },
) => {
  if (objects.length === 0) return [];
  return isSmall(travel) ? waitsOf(heaps.at(travel), objects) : 'large';
};
