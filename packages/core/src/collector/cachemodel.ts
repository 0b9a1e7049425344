/**
 * A simple cache: what marking touches, and how much of it a processor would have had at hand.
 *
 * 1. Memory is touched by 64-byte lines. A first-level and a second-level cache and a table of page
 *    translations (8 KiB pages) are set-associative and replace the entry that was used longest ago.
 *    Sizes can be chosen; the defaults are those of a common server core.
 * 2. Touched are: the words of an object up to its last pointer; its mark bit; and what leads to it.
 *    For a span with inline bits that is the arena's bitmap of such spans, and bits in the span's own
 *    last lines; for any other the arena's span table, the mspan and its mark bits elsewhere. A scan of a
 *    span reads its two bitmaps once.
 * 3. Counted per cycle: touches, different lines and pages, and misses.
 *
 * It counts what is touched, not what it costs: no prefetching, no sharing between cores. Metadata lies
 * beyond the heap: line numbers from 2^28 up belong to it. Layout after `runtime/mheap.go` heapArena and
 * mspan, and `mgcmark_greenteagc.go` spanInlineMarkBits, Go 1.26.
 */

/** Sizes of the caches: bytes and ways; entries and ways of the translation table. */
export interface CacheGeometry {
  readonly l1Bytes: number;
  readonly l1Ways: number;
  readonly l2Bytes: number;
  readonly l2Ways: number;
  readonly tlbEntries: number;
  readonly tlbWays: number;
}

export const DEFAULT_CACHES: CacheGeometry = {
  l1Bytes: 32 * 1024,
  l1Ways: 8,
  l2Bytes: 1024 * 1024,
  l2Ways: 16,
  tlbEntries: 64,
  tlbWays: 4,
};

/** Stands for none. */
export const NO_CACHES: CacheGeometry = {
  l1Bytes: 0,
  l1Ways: 0,
  l2Bytes: 0,
  l2Ways: 0,
  tlbEntries: 0,
  tlbWays: 0,
};

/** What one cycle's marking touched. */
export interface Touches {
  readonly touches: number;
  /** Different 64-byte lines and 8 KiB pages. */
  readonly lines: number;
  readonly pages: number;
  readonly l1Misses: number;
  readonly l2Misses: number;
  readonly tlbMisses: number;
}

const LINE_BYTES = 64;
/** Words of a line, and lines of a page, as shifts. */
const LINE_SHIFT = 3;
const PAGE_SHIFT = 7;
/** First line of each kind of metadata. */
const ARENA_BITMAP = 1 << 28;
const SPAN_TABLE = ARENA_BITMAP + (1 << 24);
const MSPANS = SPAN_TABLE + (1 << 24);
const MARK_BITS = MSPANS + (1 << 26);
/** Lines of an mspan, and of a span's mark bits. */
const MSPAN_LINES = 3;
const BITS_LINES = 2;

/** A set-associative table: `find` says whether a key was there, and puts it in. */
class Ways {
  readonly #keys: Int32Array;
  readonly #ways: number;
  readonly #sets: number;

  constructor(entries: number, ways: number) {
    this.#ways = Math.max(1, Math.min(ways, entries));
    this.#sets = Math.max(1, Math.floor(entries / this.#ways));
    this.#keys = new Int32Array(this.#sets * this.#ways).fill(-1);
  }

  find(key: number): boolean {
    const keys = this.#keys;
    const from = (key % this.#sets) * this.#ways;
    const end = from + this.#ways;
    let at = from;
    while (at < end - 1 && keys[at] !== key) at += 1;
    const found = keys[at] === key;
    keys.copyWithin(from + 1, from, at);
    keys[from] = key;
    return found;
  }
}

/** Which of 2^31 numbers have come up. */
class Seen {
  readonly #chunks = new Map<number, Int32Array>();
  count = 0;

  add(key: number): void {
    let chunk = this.#chunks.get(key >> 15);
    if (chunk === undefined) {
      chunk = new Int32Array(1024);
      this.#chunks.set(key >> 15, chunk);
    }
    const at = (key >> 5) & 1023;
    const bit = 1 << (key & 31);
    if ((chunk[at] & bit) !== 0) return;
    chunk[at] |= bit;
    this.count += 1;
  }
}

export class CacheModel {
  readonly #geometry: CacheGeometry;
  #l1: Ways;
  #l2: Ways;
  #tlb: Ways;
  #lines = new Seen();
  #pages = new Seen();
  #touches = 0;
  #l1Misses = 0;
  #l2Misses = 0;
  #tlbMisses = 0;

  constructor(geometry: CacheGeometry = DEFAULT_CACHES) {
    this.#geometry = geometry;
    this.#l1 = new Ways(geometry.l1Bytes / LINE_BYTES, geometry.l1Ways);
    this.#l2 = new Ways(geometry.l2Bytes / LINE_BYTES, geometry.l2Ways);
    this.#tlb = new Ways(geometry.tlbEntries, geometry.tlbWays);
  }

  /** A cycle begins: the program has had the caches meanwhile, so they are cold. */
  begin(): void {
    const { l1Bytes, l1Ways, l2Bytes, l2Ways, tlbEntries, tlbWays } = this.#geometry;
    this.#l1 = new Ways(l1Bytes / LINE_BYTES, l1Ways);
    this.#l2 = new Ways(l2Bytes / LINE_BYTES, l2Ways);
    this.#tlb = new Ways(tlbEntries, tlbWays);
    this.#lines = new Seen();
    this.#pages = new Seen();
    this.#touches = 0;
    this.#l1Misses = 0;
    this.#l2Misses = 0;
    this.#tlbMisses = 0;
  }

  get figures(): Touches {
    return {
      touches: this.#touches,
      lines: this.#lines.count,
      pages: this.#pages.count,
      l1Misses: this.#l1Misses,
      l2Misses: this.#l2Misses,
      tlbMisses: this.#tlbMisses,
    };
  }

  /** Heap words are read. */
  readWords(first: number, count: number): void {
    if (count === 0) return;
    const end = (first + count - 1) >> LINE_SHIFT;
    for (let line = first >> LINE_SHIFT; line <= end; line += 1) this.#touch(line);
  }

  /** The mark bit of a slot is looked at, coming from a pointer. */
  testMark(page: number, index: number, inline: boolean): void {
    this.#touch((inline ? ARENA_BITMAP : SPAN_TABLE) + (inline ? page >> 9 : page >> 3));
    if (inline) {
      // The last 128 bytes of the page: scan bits and owner in the first line, marks in the second.
      this.#touch(((page + 1) << PAGE_SHIFT) - 1);
      return;
    }
    this.#touch(MSPANS + page * MSPAN_LINES);
    this.#touch(MARK_BITS + page * BITS_LINES + (index >> 9));
  }

  /** A queued span is taken up; both of its bitmaps are read unless only one object is grey. */
  ownSpan(page: number, whole: boolean): void {
    const end = (page + 1) << PAGE_SHIFT;
    this.#touch(end - 2);
    if (whole) this.#touch(end - 1);
  }

  #touch(line: number): void {
    this.#touches += 1;
    this.#lines.add(line);
    this.#pages.add(line >> PAGE_SHIFT);
    if (!this.#tlb.find(line >> PAGE_SHIFT)) this.#tlbMisses += 1;
    if (this.#l1.find(line)) return;
    this.#l1Misses += 1;
    if (!this.#l2.find(line)) this.#l2Misses += 1;
  }
}
