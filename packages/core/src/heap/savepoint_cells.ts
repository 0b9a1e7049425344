/**
 * Pointer words and roots in savepoints: whole, as chunks of 4096 cells that savepoints share while they are
 * equal, or as a patch, the cells that changed with what they hold now.
 */
import { cleaned } from './snapshot_cells.ts';
import { DIRTY_SNAPSHOT } from './world.ts';

const CHUNK_SHIFT = 12;
const CHUNK = 1 << CHUNK_SHIFT;
/** Cells of a dirty flag, as a shift, and flags of a chunk: those of words and roots are alike. */
const FLAG_SHIFT = 10;
const FLAGS = CHUNK >> FLAG_SHIFT;
const ZERO = new Int32Array(CHUNK);

/** Cells, ascending, and what they hold. */
export interface CellPatch {
  readonly cells: Int32Array;
  readonly values: Int32Array;
}

/** A column of the world as it is at the moment. */
export interface CellView {
  readonly values: Int32Array;
  readonly dirty: Uint8Array;
}

/** A set of cells that is filled, and then emptied in order. */
class CellSet {
  #bits = new Int32Array(CHUNK >> 5);
  #blocks = new Uint8Array(1);
  #count = 0;

  add(cell: number): void {
    const at = cell >> 5;
    const bit = 1 << (cell & 31);
    if (at >= this.#bits.length) this.#grow(at);
    if ((this.#bits[at] & bit) !== 0) return;
    this.#bits[at] |= bit;
    this.#blocks[cell >> CHUNK_SHIFT] = 1;
    this.#count += 1;
  }

  #grow(at: number): void {
    const blocks = Math.max((at >> (CHUNK_SHIFT - 5)) + 1, this.#blocks.length * 2);
    const bits = new Int32Array(blocks << (CHUNK_SHIFT - 5));
    bits.set(this.#bits);
    this.#bits = bits;
    const flags = new Uint8Array(blocks);
    flags.set(this.#blocks);
    this.#blocks = flags;
  }

  /** The cells, ascending; none is left. */
  drain(): Int32Array {
    const cells = new Int32Array(this.#count);
    let count = 0;
    for (let block = 0; block < this.#blocks.length; block += 1) {
      if (this.#blocks[block] === 0) continue;
      this.#blocks[block] = 0;
      const first = block << (CHUNK_SHIFT - 5);
      for (let at = first; at < first + (CHUNK >> 5); at += 1) {
        let bits = this.#bits[at];
        this.#bits[at] = 0;
        while (bits !== 0) {
          const low = bits & -bits;
          cells[count] = (at << 5) | (31 - Math.clz32(low));
          count += 1;
          bits ^= low;
        }
      }
    }
    this.#count = 0;
    return cells;
  }
}

export class CellColumn {
  /** Chunks that the column equals where its dirty flags do not say otherwise; zero from their end on. */
  #held: Int32Array[] = [];
  readonly #set = new CellSet();

  /** A cell has changed: the next patch has it. */
  add(cell: number): void {
    this.#set.add(cell);
  }

  addAll({ cells }: CellPatch): void {
    for (let i = 0; i < cells.length; i += 1) this.#set.add(cells[i]);
  }

  /** The cells that were added, as they are. */
  patch({ values }: CellView): CellPatch {
    const cells = this.#set.drain();
    const found = new Int32Array(cells.length);
    for (let i = 0; i < cells.length; i += 1) found[i] = values[cells[i]];
    return { cells, values: found };
  }

  /** The first `count` cells, whole; all others are zero. */
  whole({ values, dirty }: CellView, count: number): readonly Int32Array[] {
    const chunks = Math.ceil(count / CHUNK);
    const held = this.#held;
    for (let c = 0; c < chunks; c += 1) {
      if (!cleaned(dirty, c * FLAGS, FLAGS)) {
        if (c === held.length) held.push(ZERO);
        continue;
      }
      const part = values.subarray(c << CHUNK_SHIFT, (c + 1) << CHUNK_SHIFT);
      held[c] = isZero(part) ? ZERO : new Int32Array(CHUNK);
      if (held[c] !== ZERO) held[c].set(part);
    }
    return held.slice(0, chunks);
  }

  /** Puts the column to chunks and then patches, in order. */
  restore(
    { values, dirty }: CellView,
    chunks: readonly Int32Array[],
    patches: readonly CellPatch[],
  ): void {
    const held = this.#held;
    for (let c = 0; c << CHUNK_SHIFT < values.length; c += 1) {
      const chunk = c < chunks.length ? chunks[c] : ZERO;
      const same = (c < held.length ? held[c] : ZERO) === chunk;
      if (!cleaned(dirty, c * FLAGS, FLAGS) && same) continue;
      const at = c << CHUNK_SHIFT;
      values.set(at + CHUNK > values.length ? chunk.subarray(0, values.length - at) : chunk, at);
    }
    this.#held = chunks.slice();
    for (const patch of patches) {
      const { cells } = patch;
      for (let i = 0; i < cells.length; i += 1) {
        const cell = cells[i];
        values[cell] = patch.values[i];
        dirty[cell >> FLAG_SHIFT] |= DIRTY_SNAPSHOT;
      }
    }
  }

  /** The column holds none of the chunks. */
  forget({ dirty }: CellView): void {
    this.#held = [];
    for (let i = 0; i < dirty.length; i += 1) dirty[i] |= DIRTY_SNAPSHOT;
  }
}

function isZero(values: Int32Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (values[i] !== 0) return false;
  return true;
}
