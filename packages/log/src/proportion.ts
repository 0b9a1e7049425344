/**
 * What a tape may expand to. Deflate shortens up to a thousand times and a chunk may be named again and again, so a
 * small file can be made that fills the memory, or takes hours to go through. Tapes expand three to ten times.
 */
import { statSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';

/** Largest segment or chunk, bytes. */
export const MOST_PIECE: number = 128 << 20;
/** Largest control state, bytes; they have some ten thousand. */
export const MOST_CONTROL: number = 1 << 20;

/** A bound on what is read of a tape: so many bytes of any, or so many times the size of a larger one. */
export interface Bound {
  readonly bytes: number;
  readonly times: number;
}

/** Of what is in memory at once. */
export const IN_MEMORY: Bound = { bytes: 256 << 20, times: 40 };
/** Of what is gone through. */
export const IN_TIME: Bound = { bytes: 512 << 20, times: 50 };

/** Bytes of the file and of the log beside it; 0 where they cannot be told. */
function fileBytes(path: string): number {
  const sizes = [path, `${path}-wal`].map(
    (name) => statSync(name, { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** Throws `too-large` when `bytes`, which `what` expand to, are out of proportion to the file. */
export function requireProportion(path: string, what: string, bytes: number, bound: Bound): void {
  if (bytes <= bound.bytes || bytes <= fileBytes(path) * bound.times) return;
  throw new HeaptapeError(
    'too-large',
    `${path}: ${what} to ${bytes} bytes, more than ${bound.times} times the file`,
    'a tape does not do that unless it is made to',
  );
}
