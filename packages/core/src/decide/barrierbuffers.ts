/**
 * Write-barrier buffers: what the barrier has seen and marking has not.
 *
 * 1. While marking every pointer store first notes the old and the new value, whatever they are; that
 *    is the hybrid barrier, the deletion half and the insertion half of it, unconditional.
 * 2. The notes go to the P's buffer of 512 entries. It is flushed when two more would not fit, when a
 *    worker on that P runs dry, at the ragged barrier, and once the world has stopped to end marking.
 * 3. So a white object that a black one points to is always in some buffer, and no buffer outlives
 *    marking.
 *
 * An entry is a reference as pointer words hold it: word index plus 1, 0 for nil. Follows
 * `runtime/mbarrier.go` and `mwbbuf.go` get2, Go 1.26.
 */

/** Entries of a P's buffer. */
export const BARRIER_ENTRIES = 512;

export class BarrierBuffers {
  #entries: Int32Array = new Int32Array(4 * BARRIER_ENTRIES);
  #count: Int32Array = new Int32Array(4);

  /** Ps that have had a buffer. */
  get procs(): number {
    return this.#count.length;
  }

  /** Whether P `p` has to flush before it can note two more. */
  isFull(p: number): boolean {
    return p < this.#count.length && this.#count[p] + 2 > BARRIER_ENTRIES;
  }

  note(p: number, before: number, after: number): void {
    if (p >= this.#count.length) this.#grow(p + 1);
    const at = p * BARRIER_ENTRIES + this.#count[p];
    this.#entries[at] = before;
    this.#entries[at + 1] = after;
    this.#count[p] += 2;
  }

  count(p: number): number {
    return p < this.#count.length ? this.#count[p] : 0;
  }

  /** Empties a P's buffer; the entries may be read until the next note. */
  take(p: number): Int32Array {
    const at = p * BARRIER_ENTRIES;
    const count = this.#count[p];
    this.#count[p] = 0;
    return this.#entries.subarray(at, at + count);
  }

  #grow(procs: number): void {
    const size = Math.max(procs, this.#count.length * 2);
    const entries = new Int32Array(size * BARRIER_ENTRIES);
    entries.set(this.#entries);
    this.#entries = entries;
    const count = new Int32Array(size);
    count.set(this.#count);
    this.#count = count;
  }
}
