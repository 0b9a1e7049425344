/**
 * Tapes that a page carries in itself: how they lie in it.
 *
 * The frames of a tape's segments, then those of its snapshots, one after the other, are compressed as one
 * (raw deflate) and written in Base64, in lines. The index says how long each frame is. The element with
 * the bytes is `tape-N-bytes`, the one with the index `tape-N`; N counts from 0.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { TapeHeader } from './header.ts';
import type { TapeSource } from './source.ts';

export interface CarriedIndex {
  readonly header: TapeHeader;
  /** Lengths of frames: of each segment, and of each snapshot of the header. */
  readonly segments: readonly number[];
  readonly snapshots: readonly number[];
  readonly documents: Readonly<Record<string, unknown>>;
  /** The address that the page opens with, from `#` on; empty is none. */
  readonly link: string;
}

/** Element of a page, and names of what else is in it. */
export const CARRIED = {
  index: (tape: number): string => `tape-${tape}`,
  bytes: (tape: number): string => `tape-${tape}-bytes`,
  worker: 'worker',
} as const;

/** Sums of lengths: where each frame begins, and where the last one ends. */
function startsOf(lengths: readonly number[]): Float64Array {
  const starts = new Float64Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) starts[i + 1] = starts[i] + length;
  return starts;
}

/** A tape whose bytes, no longer compressed, are `size` and are read by `read`. Throws `bad-data`. */
export function carriedSource(
  index: CarriedIndex,
  size: number,
  read: (from: number, to: number) => Uint8Array,
): TapeSource {
  const { header, segments, snapshots, documents } = index;
  const starts = startsOf([...segments, ...snapshots]);
  if (starts[starts.length - 1] !== size) {
    throw new HeaptapeError('bad-data', 'the tape in this page is not whole');
  }
  const frame = (at: number): Uint8Array => {
    if (at in starts && at + 1 in starts) return read(starts[at], starts[at + 1]);
    throw new HeaptapeError('not-found', 'there is no such part of the tape');
  };
  return {
    header: () => header,
    segment: (at) => frame(at < segments.length ? at : -1),
    snapshot: (seq) => {
      const at = header.snapshots.indexOf(seq);
      return frame(at < 0 ? -1 : segments.length + at);
    },
    document: (name) => (Object.hasOwn(documents, name) ? documents[name] : undefined),
  };
}
