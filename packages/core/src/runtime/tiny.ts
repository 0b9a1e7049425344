/**
 * The tiny allocator: pointer-free objects below 16 bytes share 16-byte blocks.
 *
 * 1. Each P has at most one current block and an offset into it. An object is aligned by its size:
 *    8 for a multiple of 8, 4 for one of 4, 2 for one of 2.
 * 2. What fits goes into the block. Otherwise a new block is allocated, and of the two the one with
 *    more room becomes the current one.
 * 3. Flushing a P's mcache drops its block. Here that shows at the next thing the program does:
 *    blocks whose P was flushed are dropped then, by a command, so that a tape decided again under
 *    other settings keeps exactly the blocks alive that its program goes on to use.
 *
 * Follows `runtime/malloc.go` mallocgcTiny, Go 1.22 to 1.26. Deviation: where a cycle ends and the
 * next begins within one command, the block survives that cycle too.
 */
import type { Decider } from '../decide/decider.ts';
import { SCALAR } from '../heap/scalars.ts';
import { TINY_SIZE } from '../heap/sizeclasses.ts';

/** Where a tiny object lies: its block, and the offset in it, bytes. */
export interface TinyPlace {
  readonly block: number;
  readonly offset: number;
}

interface CurrentBlock {
  readonly block: number;
  /** First byte that is free. */
  readonly offset: number;
  /** `World.flushGen` of the P when the block was taken up. */
  readonly flushGen: number;
}

function aligned(offset: number, size: number): number {
  const unit = size % 8 === 0 ? 8 : size % 4 === 0 ? 4 : size % 2 === 0 ? 2 : 1;
  return Math.ceil(offset / unit) * unit;
}

export class TinyAllocator {
  readonly #decider: Decider;
  /** By P. */
  readonly #current = new Map<number, CurrentBlock>();

  constructor(decider: Decider) {
    this.#decider = decider;
  }

  /** Drops the blocks of the Ps that were flushed. Call before every command. */
  settle(): void {
    const { flushGen } = this.#decider.world;
    for (const [p, current] of this.#current) {
      if (current.flushGen === flushGen[p]) continue;
      this.#current.delete(p);
      if (this.#decider.world.tinyBlock[p] !== 0) this.#decider.setTinyBlock(p, 0);
    }
  }

  /** Allocates an object of 1 to 15 bytes of a pointer-free site. */
  allocate(site: number, size: number): TinyPlace {
    const { world } = this.#decider;
    const p = world.scalars[SCALAR.p];
    const current = this.#current.get(p);
    if (current !== undefined) {
      const offset = aligned(current.offset, size);
      if (offset + size <= TINY_SIZE) {
        this.#current.set(p, { ...current, offset: offset + size });
        this.#decider.allocateTiny(site);
        return { block: current.block, offset };
      }
    }
    const block = this.#decider.allocate(site);
    const flushGen = world.flushGen[p];
    const flushed = current !== undefined && current.flushGen !== flushGen;
    if (current === undefined || flushed || size < current.offset) {
      this.#decider.setTinyBlock(p, block);
      this.#current.set(p, { block, offset: size, flushGen });
    }
    return { block, offset: 0 };
  }
}
