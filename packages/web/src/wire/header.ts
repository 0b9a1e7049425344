/**
 * What a reader elsewhere has to know of a tape before it reads any event: the index of its segments,
 * as columns, and where its snapshots are. JSON.
 */
import { beginningOf, cutOf } from '@heaptape/replay';
import { HeaptapeError, type SegmentInfo, type TapeReader } from '@heaptape/schema';

export interface TapeHeader {
  readonly name: string;
  /** Events of the run before the first one of the tape, and virtual time then: 0 but for a cut. */
  readonly begin: number;
  readonly beginNs: number;
  /** Why there is no more of it, where it is damaged; else empty. */
  readonly damage: string;
  readonly counts: readonly number[];
  readonly firstOrdinals: readonly number[];
  readonly endTimesNs: readonly number[];
  readonly stateHashes: readonly string[];
  readonly snapshots: readonly number[];
}

export function headerOf(name: string, reader: TapeReader, damage = ''): TapeHeader {
  const { segments, snapshots } = reader;
  return {
    name,
    begin: beginningOf(reader),
    beginNs: cutOf(reader)?.timeNs ?? 0,
    damage,
    counts: segments.map(({ count }) => count),
    firstOrdinals: segments.map(({ firstOrdinal }) => firstOrdinal),
    endTimesNs: segments.map(({ endTimeNs }) => endTimeNs),
    stateHashes: segments.map(({ stateHash }) => stateHash),
    snapshots: [...snapshots],
  };
}

/** The segments of a header. Throws `bad-data` where its columns do not fit together. */
export function segmentsOf(header: TapeHeader): SegmentInfo[] {
  const { begin, counts, firstOrdinals, endTimesNs, stateHashes } = header;
  const lengths = [firstOrdinals, endTimesNs, stateHashes].map(({ length }) => length);
  if (lengths.some((length) => length !== counts.length)) {
    throw new HeaptapeError('bad-data', 'the index of the tape is not whole');
  }
  let firstSeq = begin + 1;
  return counts.map((count, i) => {
    const info = {
      firstSeq,
      count,
      firstOrdinal: firstOrdinals[i],
      endTimeNs: endTimesNs[i],
      stateHash: stateHashes[i],
    };
    firstSeq += count;
    return info;
  });
}
