/**
 * Objects in a snapshot: of each that is there, where it lies and its site.
 *
 * 1. A chunk holds the objects among 8192 ordinals, in order. Chunks without any are left out, so a snapshot
 *    grows with what lives and not with how long the run has been.
 * 2. A chunk is 32-bit integers: its number; then the ordinals within it, the words, each as differences,
 *    and the sites.
 * 3. While nothing but additions happened to the table, chunks before the last hold what they held. After that
 *    all are made anew, and those that came out the same are handed on, so that snapshots share them.
 */
import { BLOCK_SHIFT, GONE, type ObjectTable } from './objects.ts';
import { SCALAR } from './scalars.ts';
import { bad, bytesOf } from './snapshot_tables.ts';
import type { World } from './world.ts';

/** Ordinals of a chunk, and its blocks, as shifts. */
const CHUNK_SHIFT = 13;
const CHUNK = 1 << CHUNK_SHIFT;
const CHUNK_BLOCK_SHIFT = CHUNK_SHIFT - BLOCK_SHIFT;
const BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;
const MAX_CHUNKS = 2 ** 31 / CHUNK;

export class ObjectChunks {
  #held: Uint8Array[] = [];
  /** First place of each chunk that is held. */
  #places: number[] = [];
  /** `ObjectTable.version` when `#held` was true. */
  #version = -1;
  /** Room for one chunk. */
  readonly #cells = new Int32Array(1 + 3 * CHUNK);

  take(w: World): readonly Uint8Array[] {
    const { objects } = w;
    objects.own();
    const same = this.#version === objects.version;
    const before = this.#held;
    const settled = same ? Math.max(0, before.length - 1) : 0;
    let place = settled === 0 ? 1 : this.#places[settled];
    this.#held = before.slice(0, settled);
    this.#places.length = settled;
    this.#version = objects.version;
    let old = settled;
    while (place < objects.count) {
      const number = objects.blocks[place] >> CHUNK_BLOCK_SHIFT;
      const first = place;
      while (place < objects.count && objects.blocks[place] >> CHUNK_BLOCK_SHIFT === number) {
        place += 1;
      }
      const bytes = this.#encode(objects, number, first, place);
      if (bytes === undefined) continue;
      while (old < before.length && numberOf(before[old]) < number) old += 1;
      const shared = old < before.length && isEqual(before[old], bytes);
      this.#held.push(shared ? before[old] : bytes.slice());
      this.#places.push(first);
    }
    return this.#held.slice();
  }

  /** The chunk of the places from `first` to `end`, or undefined when nothing is there. */
  #encode(
    objects: ObjectTable,
    number: number,
    first: number,
    end: number,
  ): Uint8Array | undefined {
    const { words, sites, blocks } = objects;
    const cells = this.#cells;
    let count = 0;
    for (let at = first << BLOCK_SHIFT; at < end << BLOCK_SHIFT; at += 1) {
      if (words[at] === GONE) continue;
      const ordinal = (blocks[at >> BLOCK_SHIFT] << BLOCK_SHIFT) | (at & BLOCK_MASK);
      cells[1 + count] = ordinal & (CHUNK - 1);
      cells[1 + CHUNK + count] = words[at];
      cells[1 + 2 * CHUNK + count] = sites[at];
      count += 1;
    }
    if (count === 0) return undefined;
    cells[0] = number;
    differences(cells, 1, count);
    differences(cells, 1 + CHUNK, count);
    cells.copyWithin(1 + count, 1 + CHUNK, 1 + CHUNK + count);
    cells.copyWithin(1 + 2 * count, 1 + 2 * CHUNK, 1 + 2 * CHUNK + count);
    return bytesOf(cells.subarray(0, 1 + 3 * count));
  }

  restore(w: World, chunks: readonly Uint8Array[]): void {
    const { objects } = w;
    objects.own();
    let kept = 0;
    if (this.#version === objects.version) {
      const settled = Math.min(this.#held.length - 1, chunks.length);
      while (kept < settled && this.#held[kept] === chunks[kept]) kept += 1;
    }
    objects.count = kept === 0 ? 1 : this.#places[kept];
    this.#places.length = kept;
    let last = kept === 0 ? -1 : numberOf(chunks[kept - 1]);
    const total = w.scalars[SCALAR.nextOrdinal] - 1;
    for (let c = kept; c < chunks.length; c += 1) {
      this.#places.push(objects.count);
      last = decode(objects, chunks[c], last, total);
    }
    objects.version += 1;
    objects.reindex();
    this.#held = chunks.slice();
    this.#version = objects.version;
  }
}

const numberOf = (chunk: Uint8Array): number =>
  chunk[0] | (chunk[1] << 8) | (chunk[2] << 16) | (chunk[3] << 24);

/** Enters the objects of a chunk, which has to come after chunk `last`; returns its number. */
function decode(objects: ObjectTable, chunk: Uint8Array, last: number, total: number): number {
  const count = (chunk.length / 4 - 1) / 3;
  if (!(Number.isInteger(count) && count > 0 && count <= CHUNK)) bad('objects');
  const cells = new Int32Array(chunk.slice().buffer);
  const number = cells[0];
  if (!(number > last && number < MAX_CHUNKS)) bad('objects');
  let ordinal = number * CHUNK;
  let word = 0;
  for (let i = 0; i < count; i += 1) {
    const next = i === 0 ? ordinal + cells[1] : ordinal + cells[1 + i];
    word += cells[1 + count + i];
    const after = i === 0 ? next >= ordinal && next > 0 : next > ordinal;
    if (!(after && next <= total && next >> CHUNK_SHIFT === number && word > GONE)) bad('objects');
    ordinal = next;
    if (objects.isFull(ordinal)) objects.grow(objects.blocks.length * 2);
    objects.add(ordinal, word, cells[1 + 2 * count + i] >>> 0);
  }
  return number;
}

/** Replaces `count` cells by their differences; the first stays. */
function differences(cells: Int32Array, from: number, count: number): void {
  for (let i = from + count - 1; i > from; i -= 1) cells[i] -= cells[i - 1];
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
