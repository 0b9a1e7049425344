/**
 * Where each object lies, and of which site it is, by allocation ordinal: of those that are there.
 *
 * A long run allocates without end while what lives stays about as much, so a column by ordinal would
 * grow for ever. This table keeps what is needed to find an object that a program can name:
 *
 * 1. Sixteen ordinals are a block. Blocks with an object in them have a place each, in ascending
 *    order, without holes between places.
 * 2. Blocks that came since the last tidying follow each other without gaps, so that their places are
 *    a subtraction away. Older ones are found by halving at first, and in a hash table once enough were
 *    asked for; their places change with a tidying or a restored snapshot only.
 * 3. When all places are taken, the dead are dropped (`deadobjects.ts`), and only if a quarter of the places is
 *    in use still is room made. So the cost of an allocation is constant on average, and the room in
 *    proportion to the live objects, or small.
 *
 * When that happens is no part of the state: nobody asks for an object that is dead. What a tape is
 * looked through for may be dead, so `keepDead` turns the dropping off.
 *
 * Between two tidyings nothing is done to a table but adding. So whoever goes back and forth on one tape shares the
 * arrays (`share`, `takeUp`) and remembers how many places were in use: the same events add the same objects
 * again, and write what is there already. Who does anything else than adding works on arrays of its own (`own`).
 *
 * Invariants: blocks ascend by place; place 0 belongs to no block, and its entries are `GONE`. What is
 * entered in shared arrays after the newest object is what will be entered there.
 */
import { HeaptapeError } from '@heaptape/schema';

/** Word of an object that has been dropped. Of one that was dead when others moved: -1 less its last word. */
export const GONE: number = -0x80000000;

/** Entries of a block, as a shift. */
export const BLOCK_SHIFT = 4;
const BLOCK = 1 << BLOCK_SHIFT;
const MASK = BLOCK - 1;
/** Most objects of a run. */
const MAX_ORDINAL = 2 ** 31 - 2;
/** Above every block. */
const NO_BLOCK = 0x7fffffff;

/** The arrays of a table, with what finds a block in them. */
interface Sheet {
  readonly words: Int32Array;
  readonly sites: Uint16Array | Uint32Array;
  readonly blocks: Int32Array;
  /** Blocks from `recent` on are at `block - offset`; `older` finds the others. */
  recent: number;
  offset: number;
  readonly older: BlockIndex;
  /** Places that have been in use: they are not emptied when they are again. */
  opened: number;
}

/** A table as it was. */
export interface SharedObjects {
  readonly sheet: Sheet;
  readonly count: number;
  readonly newest: number;
}

/** Bytes of shared arrays. */
export const bytesOfShared = ({ sheet }: SharedObjects): number =>
  sheet.words.byteLength + sheet.sites.byteLength + sheet.blocks.byteLength;

export class ObjectTable {
  /** Word index of the object of each entry, `BLOCK` entries a place; negative for none. */
  words: Int32Array = new Int32Array(64 * BLOCK).fill(GONE);
  sites: Uint16Array | Uint32Array = new Uint16Array(64 * BLOCK);
  /** Block of each place. */
  blocks: Int32Array = new Int32Array(64).fill(-1);
  /** Places in use, place 0 included. */
  count = 1;
  /** Changes when entries did that were there before; not when some are added. */
  version = 0;
  /** Places with which it begins to drop the dead: four million objects, 25 MB. Fewer come cheaper with more room. */
  tidyFrom: number = 1 << 18;
  /** Dead objects stay: for those who look through a tape. */
  keepDead = false;

  /** Blocks from this one on are at `block - #offset`. */
  #recent = NO_BLOCK;
  #offset = 0;
  #older = new BlockIndex(this.blocks, 1);
  /** The newest ordinal entered. */
  #newest = 0;
  /** The arrays, once they are shared. */
  #sheet: Sheet | null = null;
  /** The older block that was asked for last, and its place: what is decided about is evolved next. */
  #asked = -1;
  #answer = 0;

  /** Index of an object's entry in `words` and `sites`; of one that is not there, that of such an entry. */
  entryOf(ordinal: number): number {
    return (this.placeOf(ordinal >> BLOCK_SHIFT) << BLOCK_SHIFT) | (ordinal & MASK);
  }

  /** Word index of an object; negative when it is not there. */
  wordOf(ordinal: number): number {
    return this.words[this.entryOf(ordinal)];
  }

  /** Site of an object; 0 when it is not there. */
  siteOf(ordinal: number): number {
    return this.sites[this.entryOf(ordinal)];
  }

  /** Place of a block; 0 is none. */
  placeOf(block: number): number {
    if (block >= this.#recent) {
      const place = block - this.#offset;
      return place < this.count ? place : 0;
    }
    if (block === this.#asked) return this.#answer;
    const place = this.#older.find(block);
    this.#asked = block;
    this.#answer = place;
    return place;
  }

  /** Whether an entry for `ordinal`, the newest, needs room to be made first. */
  isFull(ordinal: number): boolean {
    return (
      this.count === this.blocks.length && ordinal >> BLOCK_SHIFT !== this.blocks[this.count - 1]
    );
  }

  /** Enters the newest object. There must be room. */
  add(ordinal: number, word: number, site: number): void {
    const block = ordinal >> BLOCK_SHIFT;
    if (block !== this.blocks[this.count - 1]) this.#open(block);
    const at = ((this.count - 1) << BLOCK_SHIFT) | (ordinal & MASK);
    this.words[at] = word;
    this.sites[at] = site;
    this.#newest = ordinal;
  }

  #open(block: number): void {
    const place = this.count;
    if (block << BLOCK_SHIFT >= MAX_ORDINAL - BLOCK) {
      throw new HeaptapeError('limit', `a run holds at most ${MAX_ORDINAL} allocations`);
    }
    this.count += 1;
    this.blocks[place] = block;
    if (this.#recent === NO_BLOCK) {
      this.#recent = block;
      this.#offset = block - place;
      this.#asked = -1;
    }
    const sheet = this.#sheet;
    if (sheet !== null) {
      if (place < sheet.opened) return;
      sheet.opened = place + 1;
      sheet.recent = this.#recent;
      sheet.offset = this.#offset;
    }
    const at = place << BLOCK_SHIFT;
    this.words.fill(GONE, at, at + BLOCK);
    this.sites.fill(0, at, at + BLOCK);
  }

  /** The table as it is, to be taken up again. */
  share(): SharedObjects {
    this.#sheet ??= {
      words: this.words,
      sites: this.sites,
      blocks: this.blocks,
      recent: this.#recent,
      offset: this.#offset,
      older: this.#older,
      opened: this.count,
    };
    return { sheet: this.#sheet, count: this.count, newest: this.#newest };
  }

  /** Is what was shared again. From here on the same must be added as was then. */
  takeUp({ sheet, count, newest }: SharedObjects): void {
    this.#sheet = sheet;
    this.words = sheet.words;
    this.sites = sheet.sites;
    this.blocks = sheet.blocks;
    this.#recent = sheet.recent;
    this.#offset = sheet.offset;
    this.#older = sheet.older;
    this.count = count;
    this.#newest = newest;
    this.#asked = -1;
    this.version += 1;
  }

  /** Has arrays that nobody else has, so that anything may be done to them. */
  own(): void {
    if (this.#sheet === null) return;
    this.words = this.words.slice();
    this.sites = this.sites.slice();
    this.blocks = this.blocks.slice();
    this.#leave();
  }

  /** The arrays are new ones: what will be in them some day is not in them yet. */
  #leave(): void {
    this.#sheet = null;
    this.#older = this.#older.over(this.blocks);
    const last = this.count - 1;
    if (this.blocks[last] !== this.#newest >> BLOCK_SHIFT) return;
    const from = (last << BLOCK_SHIFT) | (this.#newest & MASK);
    this.words.fill(GONE, from + 1, this.count << BLOCK_SHIFT);
    this.sites.fill(0, from + 1, this.count << BLOCK_SHIFT);
  }

  /** Makes room for `objects` more objects that are next to each other. */
  reserve(objects: number): void {
    const places = this.count + (objects >> BLOCK_SHIFT) + 2;
    if (places > this.blocks.length) this.grow(Math.max(places, this.blocks.length * 2));
  }

  /** Makes room for `size` places. */
  grow(size: number): void {
    this.blocks = grown(this.blocks, new Int32Array(size));
    this.words = grown(this.words, new Int32Array(size * BLOCK));
    const wide = this.sites instanceof Uint32Array;
    const sites = wide ? new Uint32Array(size * BLOCK) : new Uint16Array(size * BLOCK);
    this.sites = grown(this.sites, sites);
    this.#leave();
  }

  /** Makes room for the numbers of so many sites. */
  reserveSite(site: number): void {
    if (site <= 0xffff || this.sites instanceof Uint32Array) return;
    this.own();
    this.sites = grown(this.sites, new Uint32Array(this.sites.length));
  }

  /** Keeps the places up to `count` that have an entry, in order. The arrays are its own. */
  tidy(count: number): void {
    const { words, sites, blocks } = this;
    let to = 1;
    for (let place = 1; place < count; place += 1) {
      const from = place << BLOCK_SHIFT;
      let at = from;
      while (at < from + BLOCK && words[at] < 0) at += 1;
      if (at === from + BLOCK) continue;
      if (to !== place) {
        words.copyWithin(to << BLOCK_SHIFT, from, from + BLOCK);
        sites.copyWithin(to << BLOCK_SHIFT, from, from + BLOCK);
        blocks[to] = blocks[place];
      }
      to += 1;
    }
    this.count = to;
    this.reindex();
  }

  /** Every place may be another. The arrays are its own. */
  reindex(): void {
    this.#recent = NO_BLOCK;
    this.#asked = -1;
    this.#older = new BlockIndex(this.blocks, this.count);
  }

  /** Ordinals of the entries from `first` on that have a word, ascending. */
  ordinals(first = 1): Int32Array {
    const from = this.#placeFrom(first >> BLOCK_SHIFT);
    const found = new Int32Array((this.count - from) << BLOCK_SHIFT);
    let count = 0;
    for (let at = from << BLOCK_SHIFT; at < this.count << BLOCK_SHIFT; at += 1) {
      if (this.words[at] < 0) continue;
      const ordinal = (this.blocks[at >> BLOCK_SHIFT] << BLOCK_SHIFT) | (at & MASK);
      if (ordinal < first || ordinal > this.#newest) continue;
      found[count] = ordinal;
      count += 1;
    }
    return found.subarray(0, count);
  }

  /** By first word, the newest object that lies or lay there: of some words, in one pass over all objects. */
  newestAt(firstWords: ReadonlySet<number>): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    let most = 0;
    for (const word of firstWords) most = Math.max(most, word);
    // Almost all words lie in other chunks, which is quicker to see than that they are not in a set.
    const chunks = new Uint8Array((most >> BLOCK_SHIFT) + 1);
    for (const word of firstWords) if (word >= 0) chunks[word >> BLOCK_SHIFT] = 1;
    const { words, blocks } = this;
    const end = this.count << BLOCK_SHIFT;
    for (let at = BLOCK; at < end; at += 1) {
      const word = words[at];
      if (word < 0 || chunks[word >> BLOCK_SHIFT] !== 1 || !firstWords.has(word)) continue;
      found.set(word, (blocks[at >> BLOCK_SHIFT] << BLOCK_SHIFT) | (at & MASK));
    }
    return found;
  }

  #placeFrom(block: number): number {
    return placeFrom(this.blocks, this.count, block);
  }
}

/** First place below `count` whose block is `block` or a later one; `count` when there is none. */
function placeFrom(blocks: Int32Array, count: number, block: number): number {
  let low = 1;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle] < block) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the blocks of the first places. A hash table is built when enough have been asked for to be worth it. */
class BlockIndex {
  readonly #blocks: Int32Array;
  readonly #count: number;
  /** Pairs: a block plus 1 and its place; 0 is none. */
  #index = new Int32Array(2);
  #shift = 32;
  /** So many more times a block is found by halving, before the index is built. */
  #halvings: number;

  constructor(blocks: Int32Array, count: number) {
    this.#blocks = blocks;
    this.#count = count;
    this.#halvings = 1 + (count >> 3);
  }

  /** The same for a copy of the blocks. */
  over(blocks: Int32Array): BlockIndex {
    const index = new BlockIndex(blocks, this.#count);
    index.#index = this.#index;
    index.#shift = this.#shift;
    index.#halvings = this.#halvings;
    return index;
  }

  /** Place of a block; 0 is none. */
  find(block: number): number {
    if (this.#halvings > 0) {
      this.#halvings -= 1;
      if (this.#halvings > 0) return this.#halve(block);
      this.#build();
    }
    const index = this.#index;
    const last = index.length - 2;
    // A shift by 32 would be one by 0: a table of one pair is empty, and any start is right.
    let at = ((Math.imul(block, 0x9e3779b1) >>> this.#shift) << 1) & last;
    for (;;) {
      const key = index[at];
      if (key === block + 1) return index[at + 1];
      if (key === 0) return 0;
      at = (at + 2) & last;
    }
  }

  #halve(block: number): number {
    const place = placeFrom(this.#blocks, this.#count, block);
    return place < this.#count && this.#blocks[place] === block ? place : 0;
  }

  #build(): void {
    let bits = 1;
    while (1 << bits < this.#count * 2) bits += 1;
    const index = new Int32Array(2 << bits);
    this.#shift = 32 - bits;
    const last = index.length - 2;
    for (let place = 1; place < this.#count; place += 1) {
      const block = this.#blocks[place];
      let at = (Math.imul(block, 0x9e3779b1) >>> this.#shift) << 1;
      while (index[at] !== 0) at = (at + 2) & last;
      index[at] = block + 1;
      index[at + 1] = place;
    }
    this.#index = index;
  }
}

function grown<T extends { set(from: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  to: T,
): T {
  to.set(from);
  return to;
}
