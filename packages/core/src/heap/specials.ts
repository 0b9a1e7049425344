/**
 * Specials: records beside objects that say what happens when the object is found dead.
 *
 * 1. A special names an object by ordinal and a byte in it, and is attached to the span that holds the
 *    object, in a list sorted by address and then by kind. `World.spanSpecials` has the list's head.
 * 2. A sweep that finds the object dead takes specials off and queues finalizers and cleanups.
 * 3. The finalizer queue `finq` grows at its end. Its goroutine takes it whole as `finRunning` and calls
 *    from the end backwards: what was queued last runs first.
 * 4. A cleanup is queued in a block of the sweeping P. Full blocks, and at the end of the sweep all, go
 *    on a stack; a cleanup goroutine pops a block and calls from its beginning.
 * 5. What a queued or running entry refers to is a root.
 *
 * Special numbers count from 1 and are never used again; a record that has served stays as `gone`.
 * Follows `runtime/mheap.go` (specials), `mfinal.go` and `mcleanup.go`, Go 1.26.
 */
import { HeaptapeError, mixHigh, mixLow } from '@heaptape/schema';
import type { World } from './world.ts';

/** `SpecialTable.kind`, with Go's numbers: specials of one byte are sorted by them. */
export const SPECIAL_KIND = { finalizer: 2, weakHandle: 3, cleanup: 7 } as const;
/** `SpecialTable.state`. */
export const SPECIAL_STATE = { gone: 0, attached: 1, queued: 2, running: 3 } as const;
/** Entries of a block of the finalizer queue, and of the cleanup queue. */
export const FINALIZER_BLOCK = 101;
export const CLEANUP_BLOCK = 20;
/** Specials of a dirty-tracked chunk, as a shift. */
export const SPECIAL_CHUNK_SHIFT = 10;

const MAX_SPECIALS = 1 << 28;
const SPECIAL_SALT = 0x6a09e667;

/** A goroutine that runs cleanups: the rest of its block, the special it runs (0 is none). */
export interface CleanupWorker {
  readonly block: number[];
  running: number;
  /** Cleanups of the block that have returned; they are counted when the block is done. */
  done: number;
}

export class SpecialTable {
  /** Numbers handed out, and specials attached to objects. */
  count = 0;
  attached = 0;
  kind: Uint8Array = new Uint8Array(1);
  state: Uint8Array = new Uint8Array(1);
  /** Ordinal of the object, and the byte in it. */
  object: Int32Array = new Int32Array(1);
  offset: Float64Array = new Float64Array(1);
  /** Number of the function. */
  fn: Int32Array = new Int32Array(1);
  /** Ordinals kept alive: the function's closure; the argument of a cleanup or the weak handle. */
  closure: Int32Array = new Int32Array(1);
  arg: Int32Array = new Int32Array(1);
  /** Next special of the same span; 0 ends the list. */
  next: Int32Array = new Int32Array(1);
  dirty: Uint8Array = new Uint8Array(1);
  /** Sum of the hashes of all records. */
  hashLow = 0;
  hashHigh = 0;

  /** Finalizers due, in the order in which they were queued. */
  finq: number[] = [];
  /** What the finalizer goroutine has taken; it calls the last one next. */
  finRunning: number[] = [];
  /** The finalizer that runs; 0 is none. */
  finCurrent = 0;
  /** Finalizers of the current block that have returned; they are counted when the block is done. */
  finDone = 0;
  /** Cleanups queued by each P and not yet to be run. */
  readonly cleanupLocal: number[][] = [];
  /** Blocks that may be run; the last one is next. */
  readonly cleanupBlocks: number[][] = [];
  readonly cleanupWorkers: CleanupWorker[] = [];
  /** Roots of each pool's primary cache and victim cache, in turn. */
  readonly pools: number[] = [];

  /** Whether the run has had a special or a pool at all. */
  get inUse(): boolean {
    return this.count > 0 || this.pools.length > 0;
  }

  /** Makes room for special `special`. */
  reserve(special: number): void {
    if (special < this.kind.length) return;
    if (special >= MAX_SPECIALS) {
      throw new HeaptapeError('limit', `a run has at most ${MAX_SPECIALS} specials`);
    }
    const size = Math.max(special + 1, this.kind.length * 2, 1 << SPECIAL_CHUNK_SHIFT);
    this.kind = grown(this.kind, new Uint8Array(size));
    this.state = grown(this.state, new Uint8Array(size));
    this.object = grown(this.object, new Int32Array(size));
    this.offset = grown(this.offset, new Float64Array(size));
    this.fn = grown(this.fn, new Int32Array(size));
    this.closure = grown(this.closure, new Int32Array(size));
    this.arg = grown(this.arg, new Int32Array(size));
    this.next = grown(this.next, new Int32Array(size));
    this.dirty = grown(this.dirty, new Uint8Array((size >> SPECIAL_CHUNK_SHIFT) + 1));
  }

  /** Adds a record's hash to the sum (`sign` 1), or takes it out before a change (-1). */
  hashRecord(special: number, sign: number): void {
    const where = Math.imul(special, SPECIAL_SALT);
    this.#hash(where, this.kind[special] | (this.state[special] << 8), sign);
    this.#hash(where ^ 1, this.object[special], sign);
    this.#hash(where ^ 2, this.offset[special] | 0, sign);
    this.#hash(where ^ 3, this.fn[special], sign);
    this.#hash(where ^ 4, this.closure[special], sign);
    this.#hash(where ^ 5, this.arg[special], sign);
    this.#hash(where ^ 6, this.next[special], sign);
  }

  #hash(where: number, value: number, sign: number): void {
    if (value === 0) return;
    this.hashLow = (this.hashLow + sign * mixLow(where, value)) | 0;
    this.hashHigh = (this.hashHigh + sign * mixHigh(where, value)) | 0;
  }

  /** The goroutine `worker` that runs cleanups. */
  worker(worker: number): CleanupWorker {
    while (this.cleanupWorkers.length <= worker) {
      this.cleanupWorkers.push({ block: [], running: 0, done: 0 });
    }
    return this.cleanupWorkers[worker];
  }

  /** The block that P `p` queues cleanups in. */
  local(p: number): number[] {
    while (this.cleanupLocal.length <= p) this.cleanupLocal.push([]);
    return this.cleanupLocal[p];
  }

  /** Queues and pools as numbers, each list after its length. */
  queues(): number[] {
    const { cleanupLocal, cleanupBlocks, cleanupWorkers } = this;
    const out = [this.count, this.attached, this.finCurrent, this.finDone];
    const add = (list: readonly number[]): void => {
      out.push(list.length);
      for (const one of list) out.push(one);
    };
    add(this.finq);
    add(this.finRunning);
    add(this.pools);
    for (const lists of [cleanupLocal, cleanupBlocks]) {
      out.push(lists.length);
      for (const list of lists) add(list);
    }
    out.push(cleanupWorkers.length);
    for (const { block, running, done } of cleanupWorkers) {
      out.push(running, done);
      add(block);
    }
    return out;
  }

  /** Takes over what `queues` gave; false when it is not of that form. */
  takeQueues(numbers: ArrayLike<number>): boolean {
    let at = 0;
    const one = (): number => {
      at += 1;
      return numbers[at - 1] ?? -1;
    };
    const list = (): number[] => {
      const length = Math.min(one(), numbers.length - at);
      return Array.from({ length: Math.max(0, length) }, one);
    };
    const lists = (into: number[][]): void => {
      into.length = 0;
      for (let left = one(); left > 0 && at < numbers.length; left -= 1) into.push(list());
    };
    this.count = one();
    this.attached = one();
    this.finCurrent = one();
    this.finDone = one();
    this.finq = list();
    this.finRunning = list();
    this.pools.length = 0;
    for (const root of list()) this.pools.push(root);
    lists(this.cleanupLocal);
    lists(this.cleanupBlocks);
    this.cleanupWorkers.length = 0;
    for (let left = one(); left > 0 && at < numbers.length; left -= 1) {
      const running = one();
      this.cleanupWorkers.push({ running, done: one(), block: list() });
    }
    return at === numbers.length && this.count >= 0;
  }
}

/** Copies a column into a larger one. */
function grown<T extends { set(from: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  to: T,
): T {
  to.set(from);
  return to;
}

/** Byte of the heap that a special is about. */
export function specialByte(w: World, special: number): number {
  const { object, offset } = w.specials;
  return w.objects.wordOf(object[special]) * 8 + offset[special];
}

/**
 * The place in a span's list for a byte and a kind: the last special that sorts before it, 0 for the
 * head of the list.
 */
export function specialBefore(w: World, page: number, byte: number, kind: number): number {
  const { specials } = w;
  let before = 0;
  for (let at = w.spanSpecials[page]; at !== 0; at = specials.next[at]) {
    const place = specialByte(w, at);
    if (place > byte || (place === byte && specials.kind[at] >= kind)) break;
    before = at;
  }
  return before;
}

/** The first special of a kind at a byte of an object; 0 when there is none. */
export function findSpecial(w: World, object: number, offset: number, kind: number): number {
  const page = w.spanAtWord(w.objects.wordOf(object));
  if (w.spanSpecials[page] === 0) return 0;
  const byte = w.objects.wordOf(object) * 8 + offset;
  const before = specialBefore(w, page, byte, kind);
  const at = before === 0 ? w.spanSpecials[page] : w.specials.next[before];
  if (at === 0 || w.specials.kind[at] !== kind || specialByte(w, at) !== byte) return 0;
  return at;
}
