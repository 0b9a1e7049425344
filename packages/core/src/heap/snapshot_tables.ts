/** The sites of a snapshot, which only grow, and what is small enough to copy whole. */
import { decodeUtf8, encodeUtf8, HeaptapeError } from '@heaptape/schema';
import { MAX_PAGES, MAX_PROCS } from './layout.ts';
import { SCALAR } from './scalars.ts';
import { NUM_SPAN_CLASSES } from './sizeclasses.ts';
import type { World } from './world.ts';

const SITE_CHUNK = 1024;
/** Bytes of a site's numbers. */
const SITE_BYTES = 18;

export function bytesOf(column: ArrayBufferView): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

export function bad(what: string): never {
  throw new HeaptapeError('bad-data', `the snapshot has no valid ${what}`);
}

export class SiteChunks {
  #held: Uint8Array[] = [];
  #names: Uint8Array[] = [];
  #count = 0;

  /** Numbers and names. */
  take(w: World): readonly [readonly Uint8Array[], readonly Uint8Array[]] {
    const total = w.siteCount;
    const from = Math.floor(this.#count / SITE_CHUNK) * SITE_CHUNK;
    for (let start = from; start < total && this.#count < total; start += SITE_CHUNK) {
      const first = start + 1;
      const end = Math.min(start + SITE_CHUNK, total) + 1;
      const chunk = new Uint8Array(SITE_CHUNK * SITE_BYTES);
      chunk.set(bytesOf(w.siteBytes.subarray(first, end)));
      chunk.set(bytesOf(w.siteScan.subarray(first, end)), SITE_CHUNK * 8);
      chunk.set(w.siteClass.subarray(first, end), SITE_CHUNK * 16);
      chunk.set(w.siteHeld.subarray(first, end), SITE_CHUNK * 17);
      this.#held[start / SITE_CHUNK] = chunk;
      const names = JSON.stringify(w.siteNames.slice(first, end));
      this.#names[start / SITE_CHUNK] = encodeUtf8(names);
    }
    this.#count = total;
    return [this.#held.slice(), this.#names.slice()];
  }

  restore(w: World, chunks: readonly Uint8Array[], names: readonly Uint8Array[]): void {
    const total = w.siteCount;
    const count = Math.ceil(total / SITE_CHUNK);
    if (chunks.length !== count || names.length !== count) bad('sites');
    w.reserveSite(total);
    w.siteNames.length = Math.min(w.siteNames.length, total + 1);
    for (let c = 0; c < count; c += 1) {
      const chunk = chunks[c];
      if (chunk.length !== SITE_CHUNK * SITE_BYTES) bad('sites');
      const first = c * SITE_CHUNK + 1;
      const length = Math.min(SITE_CHUNK, total + 1 - first);
      if (this.#held[c] === chunk && this.#names[c] === names[c]) continue;
      const part = (at: number, width: number): Uint8Array =>
        chunk.subarray(SITE_CHUNK * at, SITE_CHUNK * at + length * width);
      bytesOf(w.siteBytes).set(part(0, 8), first * 8);
      bytesOf(w.siteScan).set(part(8, 8), first * 8);
      w.siteClass.set(part(16, 1), first);
      w.siteHeld.set(part(17, 1), first);
      namesOf(names[c], length).forEach((name, i) => {
        w.siteNames[first + i] = name;
      });
    }
    this.#held = chunks.slice();
    this.#names = names.slice();
    this.#count = total;
  }
}

function namesOf(bytes: Uint8Array, count: number): readonly string[] {
  let names: unknown;
  try {
    names = JSON.parse(decodeUtf8(bytes));
  } catch {
    bad('site names');
  }
  if (!Array.isArray(names) || names.length !== count) bad('site names');
  return names.map(String);
}

/** Number columns of fixed length, in the order of the first `small` chunk, after the counts. */
function fixedColumns(w: World): Float64Array[] {
  return [w.scalars, w.smallAllocCount, w.smallFreeCount, w.pauses];
}

/** Counts at the head of the first `small` chunk. */
const COUNTS = 8;

/** What is copied whole at every snapshot. */
export function writeSmall(w: World): readonly Uint8Array[] {
  const counts = [w.pages, w.rootCount, w.siteCount, w.tinyBlock.length];
  const sums = [w.hashLow, w.hashHigh, w.objectsHashLow, w.objectsHashHigh];
  const numbers = [...counts, ...sums];
  for (const part of fixedColumns(w)) numbers.push(...part);
  const integers = Int32Array.of(
    ...w.lists,
    ...w.mcache,
    ...w.tinyBlock,
    ...w.flushGen,
    ...w.mspanCache,
  );
  return [
    bytesOf(Float64Array.from(numbers)),
    bytesOf(integers),
    bytesOf(w.goroutines.toIntegers()),
  ];
}

export function readSmall(w: World, chunks: readonly Uint8Array[]): void {
  if (chunks.length !== 3 || chunks[0].length % 8 !== 0) bad('scalars');
  const numbers = new Float64Array(chunks[0].slice().buffer);
  const fixed = fixedColumns(w);
  const [pages, rootCount, siteCount, procs] = numbers;
  const length = fixed.reduce((sum, part) => sum + part.length, COUNTS);
  if (numbers.length !== length || !(pages <= MAX_PAGES && procs <= MAX_PROCS)) bad('scalars');
  const words = w.lists.length + procs * (NUM_SPAN_CLASSES + 3);
  if (chunks[1].length !== words * 4 || chunks[2].length % 4 !== 0) bad('scalars');
  if (!w.goroutines.fromIntegers(new Int32Array(chunks[2].slice().buffer))) bad('goroutines');
  const integers = new Int32Array(chunks[1].slice().buffer);
  w.pages = pages;
  w.rootCount = rootCount;
  w.siteCount = siteCount;
  w.hashLow = numbers[4];
  w.hashHigh = numbers[5];
  w.objectsHashLow = numbers[6];
  w.objectsHashHigh = numbers[7];
  let at = COUNTS;
  for (const part of fixed) {
    part.set(numbers.subarray(at, at + part.length));
    at += part.length;
  }
  w.objectsHashed = w.scalars[SCALAR.nextOrdinal];
  const taken = (from: number, count: number): Int32Array => integers.slice(from, from + count);
  w.lists.set(taken(0, w.lists.length));
  at = w.lists.length;
  w.mcache = taken(at, procs * NUM_SPAN_CLASSES);
  at += procs * NUM_SPAN_CLASSES;
  w.tinyBlock = taken(at, procs);
  w.flushGen = taken(at + procs, procs);
  w.mspanCache = taken(at + 2 * procs, procs);
}
