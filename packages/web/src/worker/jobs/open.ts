/** Opens a tape for a worker, before anything else is asked of it. */
import { type CarriedIndex, carriedSource } from '../../wire/carried.ts';
import type { TapeSource } from '../../wire/source.ts';
import { httpSource } from '../http.ts';
import { Session, type SessionHolder } from '../session.ts';

/** Where a tape is: at the server that the page came from, by number, or in the page itself. */
export type TapePlace =
  | { readonly tape: number; readonly base: string }
  | { readonly index: CarriedIndex; readonly bytes: Blob };

/** What the page has to know of a tape at once. */
export interface Opened {
  readonly name: string;
  /** Number of the last event. */
  readonly events: number;
  /** Events of the run before the first one of the tape, and virtual time then: 0 but for a cut. */
  readonly begin: number;
  readonly beginNs: number;
  /** Why there is no more of it, where it is damaged; else empty. */
  readonly damage: string;
  /** Where segments end: event numbers, and virtual times in ns. */
  readonly ends: Float64Array;
  readonly endTimesNs: Float64Array;
}

/** The part of a worker's reader of blobs that is used: the types of pages know it not. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };

export function sourceOf(place: TapePlace): TapeSource {
  if ('tape' in place) return httpSource(place.tape, place.base);
  const { index, bytes } = place;
  const reader = new FileReaderSync();
  const read = (from: number, to: number): Uint8Array =>
    new Uint8Array(reader.readAsArrayBuffer(bytes.slice(from, to)));
  return carriedSource(index, bytes.size, read);
}

export const openJob =
  (holder: SessionHolder) =>
  (place: TapePlace): Opened => {
    const session = new Session(sourceOf(place));
    holder.set(session);
    const { reader } = session;
    const { name, begin, beginNs, damage } = reader.header;
    return {
      name,
      events: reader.events,
      begin,
      beginNs,
      damage,
      ends: Float64Array.from(reader.segments, ({ firstSeq, count }) => firstSeq + count - 1),
      endTimesNs: Float64Array.from(reader.segments, ({ endTimeNs }) => endTimeNs),
    };
  };
