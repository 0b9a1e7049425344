/** When an object of the tape was born, and by whom: the same wherever one stands. */
import type { Query } from '../query.ts';

export interface BirthView {
  readonly object: number;
  /** The event that allocated it; 0 where none on the tape did. */
  readonly event: number;
}

export const birth: Query<{ readonly object: number }, BirthView> = ({ births }, { object }) => ({
  object,
  event: births.bornOf(object),
});
