/**
 * Span queues of Green Tea: spans that hold grey objects, first in first out.
 *
 * 1. Each P has a ring of 256 spans. A span is queued by the first of its objects to turn grey since it
 *    was last scanned; the entry names that object too.
 * 2. When the ring is full its older half moves to the P's chain, from which other Ps may steal; and
 *    every 64th entry moves up to 16 there if the chain has nothing to steal.
 * 3. A P whose ring is empty takes half of what the oldest block of a chain holds, 128 at most: of its
 *    own chain first, then of the others'.
 *
 * Waiting is the point: the longer a span stays queued, the more of its objects are found, and
 * the more of them one scan takes in, side by side in memory.
 *
 * An entry is `page << 10 | slot`. Follows `runtime/mgcmark_greenteagc.go` spanQueue and spanSPMC, Go
 * 1.26.
 */

const RING = 256;
const RING_MASK = RING - 1;
const SPILL_PERIOD = 64;
const SPILL_MOST = 16;
const SPILL_LEAST = 5;
/** Entries of the first block of a chain, and of the largest. */
const BLOCK = 1024;
const LARGEST_BLOCK = 1 << 17;
/** Returned where there is no entry. */
export const NO_SPAN = -1;

interface Block {
  readonly entries: Int32Array;
  head: number;
  tail: number;
}

export class SpanQueue {
  readonly #ring: Int32Array = new Int32Array(RING);
  #head = 0;
  #tail = 0;
  #putsSinceDrain = 0;
  /** Oldest first; the last one is filled. */
  #chain: Block[] = [];

  get isEmpty(): boolean {
    return this.#head === this.#tail && !this.canSteal;
  }

  /** Whether other Ps find something here. */
  get canSteal(): boolean {
    for (const block of this.#chain) if (block.head !== block.tail) return true;
    return false;
  }

  /** Queues an entry; true when that made work visible to other Ps. */
  put(entry: number): boolean {
    if (this.#tail - this.#head === RING) {
      this.#drain(RING / 2);
      this.#putFast(entry);
      return true;
    }
    this.#putFast(entry);
    this.#putsSinceDrain += 1;
    if (this.#putsSinceDrain < SPILL_PERIOD) return false;
    this.#putsSinceDrain = 0;
    const spill = Math.min((this.#tail - this.#head) >> 1, SPILL_MOST);
    if (spill < SPILL_LEAST || this.canSteal) return false;
    this.#drain(spill);
    return true;
  }

  /** Moves everything to the chain; true when there was something. */
  flush(): boolean {
    const local = this.#tail - this.#head;
    if (local > 0) this.#drain(local);
    return this.canSteal;
  }

  /** The oldest entry of the ring, or `NO_SPAN`. */
  get(): number {
    if (this.#head === this.#tail) return NO_SPAN;
    const entry = this.#ring[this.#head & RING_MASK];
    this.#head += 1;
    return entry;
  }

  /** Takes entries of a chain (its own or another P's) into the empty ring; the first comes back. */
  steal(from: SpanQueue): number {
    const chain = from.#chain;
    while (chain.length > 0) {
      const [block] = chain;
      const held = block.tail - block.head;
      const taken = Math.min(held - (held >> 1), RING / 2);
      if (taken > 0) {
        for (let i = 0; i < taken; i += 1) this.#ring[i] = slot(block, block.head + i);
        block.head += taken;
        this.#head = 0;
        this.#tail = taken;
        return this.get();
      }
      if (chain.length === 1) return NO_SPAN;
      chain.shift();
    }
    return NO_SPAN;
  }

  /** Drops the blocks of a finished cycle. */
  reset(): void {
    this.#chain = [];
    this.#head = 0;
    this.#tail = 0;
    this.#putsSinceDrain = 0;
  }

  #putFast(entry: number): void {
    this.#ring[this.#tail & RING_MASK] = entry;
    this.#tail += 1;
  }

  #drain(count: number): void {
    this.#putsSinceDrain = 0;
    let block = this.#chain.at(-1);
    if (block === undefined || block.tail - block.head + count > block.entries.length) {
      const size = block === undefined ? BLOCK : block.entries.length * 2;
      block = { entries: new Int32Array(Math.min(size, LARGEST_BLOCK)), head: 0, tail: 0 };
      this.#chain.push(block);
    }
    const { entries } = block;
    const mask = entries.length - 1;
    for (let i = 0; i < count; i += 1) {
      entries[(block.tail + i) & mask] = this.#ring[(this.#head + i) & RING_MASK];
    }
    block.tail += count;
    this.#head += count;
  }
}

function slot({ entries }: Block, at: number): number {
  return entries[at & (entries.length - 1)];
}
