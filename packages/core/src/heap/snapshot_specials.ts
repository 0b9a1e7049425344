/** The specials of a snapshot: their records in chunks, which change anywhere, and their queues. */
import { cleaned } from './snapshot_cells.ts';
import { bad, bytesOf } from './snapshot_tables.ts';
import { SPECIAL_CHUNK_SHIFT, type SpecialTable } from './specials.ts';
import type { World } from './world.ts';

const CHUNK = 1 << SPECIAL_CHUNK_SHIFT;
/** Bytes of a record. */
const RECORD_BYTES = 30;

/** One column as bytes, and its bytes a record. */
function columns(t: SpecialTable): (readonly [bytes: Uint8Array, width: number])[] {
  return [
    [bytesOf(t.offset), 8],
    [bytesOf(t.object), 4],
    [bytesOf(t.fn), 4],
    [bytesOf(t.closure), 4],
    [bytesOf(t.arg), 4],
    [bytesOf(t.next), 4],
    [t.kind, 1],
    [t.state, 1],
  ];
}

export class SpecialChunks {
  #held: Uint8Array[] = [];

  /** Chunks of records, and the queues last. */
  take({ specials }: World): readonly Uint8Array[] {
    const count = chunksOf(specials);
    specials.reserve(count * CHUNK - 1);
    for (let c = 0; c < count; c += 1) {
      if (!cleaned(specials.dirty, c, 1) && c < this.#held.length) continue;
      const chunk = new Uint8Array(CHUNK * RECORD_BYTES);
      let at = 0;
      for (const [bytes, width] of columns(specials)) {
        chunk.set(bytes.subarray(c * CHUNK * width, (c + 1) * CHUNK * width), at);
        at += CHUNK * width;
      }
      this.#held[c] = chunk;
    }
    const queues = [specials.hashLow, specials.hashHigh, ...specials.queues()];
    return [...this.#held.slice(0, count), bytesOf(Int32Array.from(queues))];
  }

  restore({ specials }: World, chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0 || chunks[chunks.length - 1].length % 4 !== 0) bad('specials');
    const numbers = new Int32Array(chunks[chunks.length - 1].slice().buffer);
    if (!specials.takeQueues(numbers.subarray(2))) bad('specials');
    const count = chunksOf(specials);
    if (chunks.length - 1 !== count) bad('specials');
    specials.hashLow = numbers[0];
    specials.hashHigh = numbers[1];
    specials.reserve(count * CHUNK - 1);
    for (let c = 0; c < count; c += 1) {
      const chunk = chunks[c];
      if (chunk.length !== CHUNK * RECORD_BYTES) bad('specials');
      if (!cleaned(specials.dirty, c, 1) && this.#held[c] === chunk) continue;
      let at = 0;
      for (const [bytes, width] of columns(specials)) {
        bytes.set(chunk.subarray(at, at + CHUNK * width), c * CHUNK * width);
        at += CHUNK * width;
      }
    }
    for (const [bytes, width] of columns(specials)) bytes.fill(0, count * CHUNK * width);
    cleaned(specials.dirty, count, specials.dirty.length);
    this.#held = chunks.slice(0, count);
  }
}

/** Chunks that the records fill. */
function chunksOf({ count }: SpecialTable): number {
  return count === 0 ? 0 : (count >> SPECIAL_CHUNK_SHIFT) + 1;
}
