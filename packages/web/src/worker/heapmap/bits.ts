/**
 * The slots of a span by what they are, thirty-two at a time, at a position that may lie inside an event.
 *
 * 1. A slot is taken when it was handed out and no sweep has freed it. It is dead when its span is still to
 *    be swept and it is not marked; with a finalizer it lives on even so, as it will be revived.
 * 2. A live slot is white, or marked: grey while it waits to be scanned (where the tape says so), else black.
 *    Fresh is black from birth: allocated since the cycle started.
 * 3. Inside a coarse event, slots whose turn has been are what the event makes of them.
 *
 * Colours agree with `colourOfWord` of replay.
 */
import {
  SCALAR,
  SPECIAL_KIND,
  SPECIAL_STATE,
  slotAllocated,
  slotOfWord,
  type World,
} from '@heaptape/core';
import type { ObjectChange } from '@heaptape/replay';

const BITMAP_WORDS = 32;
/** Pairs of a sweep generation: cached after its sweep. */
const CACHED = 3;

/** Number of one bits. */
export function ones(value: number): number {
  const a = value - ((value >>> 1) & 0x55555555);
  const b = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  return Math.imul((b + (b >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** What the first changes of the next event make of the slots of its span. */
interface Ahead {
  readonly page: number;
  readonly black: Int32Array;
  readonly white: Int32Array;
  readonly free: Int32Array;
}

function aheadOf(w: World, changes: readonly ObjectChange[]): Ahead | null {
  const known = changes.filter(({ object, after }) => object > 0 && after !== 'grey');
  if (known.length === 0) return null;
  const page = w.spanAtWord(w.objects.wordOf(known[0].object));
  const bits = () => new Int32Array(BITMAP_WORDS);
  const ahead = { page, black: bits(), white: bits(), free: bits() };
  for (const { object, after } of known) {
    if (after === 'grey') continue;
    const index = slotOfWord(w, page, w.objects.wordOf(object));
    ahead[after][index >> 5] |= 1 << (index & 31);
  }
  return ahead;
}

export class SlotBits {
  /** Of the thirty-two slots that were read last. */
  taken = 0;
  live = 0;
  marked = 0;
  grey = 0;
  fresh = 0;
  readonly #w: World;
  readonly #ahead: Ahead | null;
  readonly #fresh: Int32Array | null;
  readonly #revived = new Int32Array(BITMAP_WORDS);
  #page = 0;
  #unswept = false;
  #isAhead = false;
  #revives = false;

  /**
   * `changes`: of the next event, those that are made. `since`: the first ordinal of the running cycle; 0 where nothing
   * is marked or nobody asks.
   */
  constructor(w: World, changes: readonly ObjectChange[], since: number) {
    this.#w = w;
    this.#ahead = aheadOf(w, changes);
    this.#fresh = since > 0 ? bornSince(w, since) : null;
  }

  /** Goes to the span that begins at a page; returns how many words of thirty-two slots it has. */
  open(page: number): number {
    const w = this.#w;
    this.#page = page;
    const behind = w.sweepgen[page] - w.scalars[SCALAR.sweepgen];
    this.#unswept = behind !== 0 && behind !== CACHED;
    this.#isAhead = this.#ahead?.page === page;
    this.#revives = this.#unswept && w.spanSpecials[page] !== 0;
    if (this.#revives) this.#findRevived();
    return (w.nelems[page] + 31) >> 5;
  }

  #findRevived(): void {
    const { objects, specials, spanSpecials } = this.#w;
    this.#revived.fill(0);
    const { object, kind, state, next } = specials;
    for (let at = spanSpecials[this.#page]; at !== 0; at = next[at]) {
      if (kind[at] !== SPECIAL_KIND.finalizer || state[at] !== SPECIAL_STATE.attached) continue;
      const index = slotOfWord(this.#w, this.#page, objects.wordOf(object[at]));
      this.#revived[index >> 5] |= 1 << (index & 31);
    }
  }

  /** Reads slots `32 * i` to `32 * i + 31`. */
  read(i: number): void {
    const w = this.#w;
    const at = this.#page * BITMAP_WORDS + i;
    const slots = below(w.nelems[this.#page] - i * 32);
    this.taken = (w.allocBits[at] | below(w.freeIndex[this.#page] - i * 32)) & slots;
    this.marked = w.markBits[at] & this.taken;
    this.grey = at < w.greyBits.length ? w.greyBits[at] & this.marked : 0;
    this.live = this.#unswept ? this.marked : this.taken;
    if (this.#revives) this.live |= this.#revived[i] & this.taken;
    if (this.#isAhead && this.#ahead !== null) this.#look(this.#ahead, i);
    this.fresh = this.#fresh === null ? 0 : this.#fresh[at] & this.marked & ~this.grey;
  }

  #look({ black, white, free }: Ahead, i: number): void {
    this.marked = (this.marked | black[i]) & ~white[i] & ~free[i];
    this.grey &= this.marked & ~black[i];
    this.taken &= ~free[i];
    this.live = ((this.live | white[i]) & ~free[i]) | (black[i] & this.taken);
  }
}

/** The lowest `count` bits; none below 0, all from 32 on. */
function below(count: number): number {
  if (count <= 0) return 0;
  return count >= 32 ? -1 : (1 << count) - 1;
}

/** Entries of a block of the object table, as a shift. */
const BLOCK_SHIFT = 4;

/** Ordinal of an entry of the object table. */
export const ordinalAt = ({ blocks }: World['objects'], at: number): number =>
  (blocks[at >> BLOCK_SHIFT] << BLOCK_SHIFT) | (at & ((1 << BLOCK_SHIFT) - 1));

/** One past the last entry of the object table. */
export const endOfEntries = ({ count }: World['objects']): number => count << BLOCK_SHIFT;

/** First entry of the object table that may be an object's. */
export const FIRST_ENTRY: number = 1 << BLOCK_SHIFT;

/** Bits of the slots of objects from an ordinal on. */
function bornSince(w: World, since: number): Int32Array {
  const bits = new Int32Array(w.pages * BITMAP_WORDS);
  const { objects } = w;
  for (let at = endOfEntries(objects) - 1; at >= FIRST_ENTRY; at -= 1) {
    if (ordinalAt(objects, at) < since) break;
    const word = objects.words[at];
    const page = word < 0 ? -1 : w.spanOf[word >> 10] - 1;
    if (page < 0) continue;
    const index = slotOfWord(w, page, word);
    if (index < w.nelems[page] && slotAllocated(w, page, index)) {
      bits[page * BITMAP_WORDS + (index >> 5)] |= 1 << (index & 31);
    }
  }
  return bits;
}
