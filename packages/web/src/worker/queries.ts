/** Every query by its name. A new one is a file in `queries` and a row here. */

import { birth } from './queries/birth.ts';
import { events } from './queries/events.ts';
import { find } from './queries/find.ts';
import { goroutines } from './queries/goroutines.ts';
import { heapmap } from './queries/heapmap.ts';
import { keepers } from './queries/keepers.ts';
import { memstats } from './queries/memstats.ts';
import { object } from './queries/object.ts';
import { pacer } from './queries/pacer.ts';
import { place } from './queries/place.ts';
import { queues } from './queries/queues.ts';
import { waits } from './queries/waits.ts';

export const QUERIES = {
  place,
  events,
  memstats,
  find,
  object,
  keepers,
  queues,
  waits,
  goroutines,
  pacer,
  heapmap,
  birth,
} as const;

export type QueryName = keyof typeof QUERIES;
export type QueryArgs<N extends QueryName> = Parameters<(typeof QUERIES)[N]>[1];
export type QueryAnswer<N extends QueryName> = ReturnType<(typeof QUERIES)[N]>;

/** A query with its arguments, to be asked wherever the page goes next. */
export interface Want<N extends QueryName = QueryName> {
  readonly name: N;
  readonly args: QueryArgs<N>;
}
