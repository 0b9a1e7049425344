/**
 * Storage for what lies in the slots of spans: one 32-bit number per slot, 0 for an empty slot.
 *
 * A span's slots are a run of consecutive entries in a chunk. Runs of freed spans are kept by their length and used
 * again for the next span of that length (there are some sixty lengths, one for each count of slots that a size
 * class has), so the pool is as large as the heap was at its fullest, four bytes a slot, however long the
 * recording. Runs never cross a chunk, and chunks never move.
 */
import { CHUNK_LENGTH, CHUNK_MASK, CHUNK_SHIFT } from './columns.ts';

/** The longest run; Go puts at most this many objects in a span. */
export const MAX_SLOTS = 1024;

export class SlotPool {
  readonly chunks: Uint32Array[] = [];
  private readonly free: number[][] = [];
  private top = 0;

  /** First entry of a run of `length` entries, all 0. */
  take(length: number): number {
    const freed = this.free[length]?.pop();
    if (freed !== undefined) return freed;
    if ((this.top & CHUNK_MASK) + length > CHUNK_LENGTH)
      this.top = this.chunks.length << CHUNK_SHIFT;
    const start = this.top;
    while (this.chunks.length << CHUNK_SHIFT < start + length) {
      this.chunks.push(new Uint32Array(CHUNK_LENGTH));
    }
    this.top += length;
    return start;
  }

  /** Gives a run back. Its entries must be 0. */
  release(start: number, length: number): void {
    const list = this.free[length];
    if (list === undefined) this.free[length] = [start];
    else list.push(start);
  }

  get(entry: number): number {
    return this.chunks[entry >>> CHUNK_SHIFT][entry & CHUNK_MASK];
  }

  set(entry: number, value: number): void {
    this.chunks[entry >>> CHUNK_SHIFT][entry & CHUNK_MASK] = value;
  }
}
