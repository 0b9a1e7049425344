/**
 * Work buffers: where grey objects wait to be scanned.
 *
 * 1. Each P owns two buffers of 2 KiB, room for 253 objects beside their header. The P pushes to and
 *    pops from the first one; when it is full or empty the two change places.
 * 2. When both are full one goes to the global list of full buffers; when both are empty one is taken
 *    from there, last in first out.
 * 3. While the global list is empty a P that has more than it needs shares (`balance`): its second
 *    buffer, or the older half of its first.
 * 4. A P that gives anything to the global list notes that it flushed; the ragged barrier asks.
 *
 * An entry is the first word of an object or of a 128 KiB piece of a large one. Buffers are columns,
 * so that the scanning loop can push and pop without a call: entry i of buffer b lies at
 * `(b << BUFFER_SHIFT) + i` of `entries`.
 *
 * Follows `runtime/mgcwork.go` putObj, tryGetObj, dispose and balance, Go 1.26.
 */

/** Entries of a buffer: 2048 bytes less a header of 24, 8 bytes each. */
export const BUFFER_ENTRIES = 253;
export const BUFFER_SHIFT = 8;
/** A first buffer of no more entries than this is not worth sharing. */
const KEEP_ENTRIES = 4;
const NONE = -1;

export class WorkBuffers {
  entries: Int32Array = new Int32Array(16 << BUFFER_SHIFT);
  /** Entries in use, by buffer. */
  count: Int32Array = new Int32Array(16);
  /** First and second buffer by P; -1 while the P has none. */
  first: Int32Array = new Int32Array(4).fill(NONE);
  second: Int32Array = new Int32Array(4).fill(NONE);
  /** 1 for a P that gave work away since it was last asked. */
  flushed: Uint8Array = new Uint8Array(4);
  /** Buffers on the global list. */
  fullCount = 0;
  #full: Int32Array = new Int32Array(16);
  #empty: Int32Array = new Int32Array(16);
  #emptyCount = 0;
  #made = 0;

  /** Makes sure that a P has its two buffers. */
  own(p: number): void {
    if (p >= this.first.length) this.#growProcs(p + 1);
    if (this.first[p] !== NONE) return;
    this.first[p] = this.#getEmpty();
    const second = this.#getFull();
    this.second[p] = second === NONE ? this.#getEmpty() : second;
  }

  /** Queues one object on P `p`, which has its buffers. */
  put(p: number, word: number): void {
    let buffer = this.first[p];
    if (this.count[buffer] === BUFFER_ENTRIES) buffer = this.makeRoom(p);
    this.entries[(buffer << BUFFER_SHIFT) + this.count[buffer]] = word;
    this.count[buffer] += 1;
  }

  /** The first buffer is full: makes one with room the first, and returns it. */
  makeRoom(p: number): number {
    this.#swap(p);
    if (this.count[this.first[p]] === BUFFER_ENTRIES) {
      this.#putFull(p, this.first[p]);
      this.first[p] = this.#getEmpty();
    }
    return this.first[p];
  }

  /** Queues objects as a barrier's flush does, which turns the buffers over in another order. */
  putBatch(p: number, words: Int32Array, length: number): void {
    for (let i = 0; i < length; i += 1) {
      while (this.count[this.first[p]] === BUFFER_ENTRIES) {
        this.#putFull(p, this.first[p]);
        this.first[p] = this.second[p];
        this.second[p] = this.#getEmpty();
      }
      this.put(p, words[i]);
    }
  }

  /** Makes sure that the first buffer holds something, from the second or the global list. */
  refill(p: number): boolean {
    if (this.count[this.first[p]] > 0) return true;
    this.#swap(p);
    if (this.count[this.first[p]] > 0) return true;
    const full = this.#getFull();
    if (full === NONE) return false;
    this.#putEmpty(this.first[p]);
    this.first[p] = full;
    return true;
  }

  /** The global list is empty: P `p` gives some of its work to it. */
  balance(p: number): void {
    const first = this.first[p];
    if (first === NONE) return;
    const second = this.second[p];
    if (this.count[second] > 0) {
      this.#putFull(p, second);
      this.second[p] = this.#getEmpty();
    } else if (this.count[first] > KEEP_ENTRIES) this.#handOff(p, first);
  }

  /** The newer half of a buffer stays with the P; the rest goes to the global list. */
  #handOff(p: number, buffer: number): void {
    const kept = this.#getEmpty();
    const moved = this.count[buffer] >> 1;
    this.count[buffer] -= moved;
    const from = (buffer << BUFFER_SHIFT) + this.count[buffer];
    this.entries.copyWithin(kept << BUFFER_SHIFT, from, from + moved);
    this.count[kept] = moved;
    this.#putFull(p, buffer);
    this.first[p] = kept;
  }

  /** Gives up both buffers of a P. */
  dispose(p: number): void {
    if (p >= this.first.length || this.first[p] === NONE) return;
    for (const buffer of [this.first[p], this.second[p]]) {
      if (this.count[buffer] === 0) this.#putEmpty(buffer);
      else this.#putFull(p, buffer);
    }
    this.first[p] = NONE;
    this.second[p] = NONE;
  }

  /** Whether a P's own buffers hold nothing. */
  isEmpty(p: number): boolean {
    if (p >= this.first.length || this.first[p] === NONE) return true;
    return this.count[this.first[p]] === 0 && this.count[this.second[p]] === 0;
  }

  /** Every queued entry, in no particular order. */
  forEach(visit: (word: number) => void): void {
    for (let buffer = 0; buffer < this.#made; buffer += 1) {
      const base = buffer << BUFFER_SHIFT;
      for (let i = 0; i < this.count[buffer]; i += 1) visit(this.entries[base + i]);
    }
  }

  #swap(p: number): void {
    const first = this.first[p];
    this.first[p] = this.second[p];
    this.second[p] = first;
  }

  #putFull(p: number, buffer: number): void {
    this.#full[this.fullCount] = buffer;
    this.fullCount += 1;
    this.flushed[p] = 1;
  }

  #getFull(): number {
    if (this.fullCount === 0) return NONE;
    this.fullCount -= 1;
    return this.#full[this.fullCount];
  }

  #putEmpty(buffer: number): void {
    this.#empty[this.#emptyCount] = buffer;
    this.#emptyCount += 1;
  }

  #getEmpty(): number {
    if (this.#emptyCount > 0) {
      this.#emptyCount -= 1;
      return this.#empty[this.#emptyCount];
    }
    const buffer = this.#made;
    this.#made += 1;
    if (this.#made > this.count.length) this.#growBuffers(this.#made * 2);
    return buffer;
  }

  #growBuffers(buffers: number): void {
    this.entries = grown(this.entries, buffers << BUFFER_SHIFT);
    this.count = grown(this.count, buffers);
    this.#full = grown(this.#full, buffers);
    this.#empty = grown(this.#empty, buffers);
  }

  #growProcs(procs: number): void {
    const before = this.first.length;
    const size = Math.max(procs, before * 2);
    this.first = grown(this.first, size).fill(NONE, before);
    this.second = grown(this.second, size).fill(NONE, before);
    const flushed = new Uint8Array(size);
    flushed.set(this.flushed);
    this.flushed = flushed;
  }
}

function grown(column: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(length);
  larger.set(column);
  return larger;
}
