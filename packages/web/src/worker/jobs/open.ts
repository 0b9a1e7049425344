/** Opens a tape for a worker, before anything else is asked of it. */
import { httpSource } from '../http.ts';
import { Session, type SessionHolder } from '../session.ts';

export interface OpenArgs {
  /** Number of the tape at the server, and the address of the page. */
  readonly tape: number;
  readonly base: string;
}

/** What the page has to know of a tape at once. */
export interface Opened {
  readonly name: string;
  readonly events: number;
  /** Where segments end: event numbers, and virtual times in ns. */
  readonly ends: Float64Array;
  readonly endTimesNs: Float64Array;
}

export const openJob =
  (holder: SessionHolder) =>
  ({ tape, base }: OpenArgs): Opened => {
    const session = new Session(httpSource(tape, base));
    holder.set(session);
    const { reader } = session;
    return {
      name: reader.header.name,
      events: reader.events,
      ends: Float64Array.from(reader.segments, ({ firstSeq, count }) => firstSeq + count - 1),
      endTimesNs: Float64Array.from(reader.segments, ({ endTimeNs }) => endTimeNs),
    };
  };
