/**
 * What a reader elsewhere has to know of a tape before it reads any event: the index of its segments,
 * as columns, and where its snapshots are. JSON.
 */
import { HeaptapeError, type SegmentInfo, type TapeReader } from '@heaptape/schema';

export interface TapeHeader {
  readonly name: string;
  readonly counts: readonly number[];
  readonly firstOrdinals: readonly number[];
  readonly endTimesNs: readonly number[];
  readonly stateHashes: readonly string[];
  readonly snapshots: readonly number[];
}

export function headerOf(name: string, reader: TapeReader): TapeHeader {
  const { segments, snapshots } = reader;
  return {
    name,
    counts: segments.map(({ count }) => count),
    firstOrdinals: segments.map(({ firstOrdinal }) => firstOrdinal),
    endTimesNs: segments.map(({ endTimeNs }) => endTimeNs),
    stateHashes: segments.map(({ stateHash }) => stateHash),
    snapshots: [...snapshots],
  };
}

/** The segments of a header. Throws `bad-data` where its columns do not fit together. */
export function segmentsOf(header: TapeHeader): SegmentInfo[] {
  const { counts, firstOrdinals, endTimesNs, stateHashes } = header;
  const lengths = [firstOrdinals, endTimesNs, stateHashes].map(({ length }) => length);
  if (lengths.some((length) => length !== counts.length)) {
    throw new HeaptapeError('bad-data', 'the index of the tape is not whole');
  }
  let firstSeq = 1;
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
