/**
 * Marking, decided: what a worker does when it runs, and how the end of marking is found.
 *
 * 1. Roots first, as numbered jobs: tiny blocks when the cycle starts, then globals in pieces of
 *    256 KiB, then what specials keep (`specialroots.ts`), then the stacks one by one (their bytes and
 *    those of globals: `rootbytes.ts`), then the held objects span by span, which stacks would hold. What
 *    becomes a root later has passed the write barrier or is new, so the jobs are those of the cycle's
 *    start.
 * 2. Then grey objects. A P takes from its own work buffers, then from its own span queue, then from the
 *    global list and from what its span queue has given away; when all are empty it flushes its
 *    write-barrier buffer and looks again; last it steals spans from other Ps. An assist takes root
 *    jobs only when nothing else is left.
 * 3. Nothing left anywhere: the ragged barrier (`raggedBarrier`) has every P flush its write-barrier
 *    buffer and give up its work buffers. If any P had something, marking goes on.
 *
 * Work is counted in two ways. Scan work is Go's: bytes up to the last pointer word of what was
 * scanned. Units add 32 bytes for each object marked, because a pointer-free object costs time
 * too; the cost model prices units. Follows `runtime/mgcmark.go` gcDrain, gcDrainN, markroot, and
 * `mwbbuf.go` wbBufFlush1, Go 1.26. Deviation: an object's extent is its slot.
 */
import { assert, EVENTS } from '@heaptape/schema';
import type { CacheModel } from '../collector/cachemodel.ts';
import { MARKED_HELD } from '../evolve/spans.ts';
import { BITMAP_WORDS, SPAN_IN_USE } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { BARRIER_ENTRIES, BarrierBuffers } from './barrierbuffers.ts';
import type { Journal } from './journal.ts';
import { MarkState } from './markstate.ts';
import { ROOT_BLOCK_BYTES, RootBytes } from './rootbytes.ts';
import { Scanner } from './scanner.ts';
import { NO_SPAN } from './spanqueue.ts';
import { markQueues, markSpanSpecials, markSpecial } from './specialroots.ts';

/** Roots of one job: a 256 KiB piece of globals. */
const ROOT_JOB = ROOT_BLOCK_BYTES / 8;
/** Pages looked at for specials in one job. */
const SPECIAL_JOB = 512;

export class Marker {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #state: MarkState;
  readonly #scanner: Scanner;
  readonly rootBytes: RootBytes = new RootBytes();
  readonly #barriers: BarrierBuffers = new BarrierBuffers();
  readonly #batch: Int32Array = new Int32Array(BARRIER_ENTRIES);
  #rootCursor = 0;
  #rootEnd = 0;
  #pageCursor = 0;
  /** Where to go on with specials, and to stop; -1 is their queues. */
  #specialCursor = 0;
  #specialEnd = 0;
  #single = false;
  #pageEnd = 0;

  constructor(journal: Journal, greenTea: boolean) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#state = new MarkState(journal, greenTea);
    this.#scanner = new Scanner(this.#state);
  }

  /** Of the cycle so far: scan work in the heap, in bytes; with that of stacks and globals; and units. */
  get heapScanned(): number {
    return this.#state.scanned;
  }

  get scanned(): number {
    return this.heapScanned + this.rootBytes.scanned;
  }

  get units(): number {
    return this.#state.units;
  }

  /** A cycle begins: nothing is grey but what the root jobs will find. Sizes in bytes. */
  begin(globalsBytes: number, stacks: readonly number[]): void {
    assert(!this.workAvailable, 'a cycle begins with no grey object');
    this.#state.begin();
    this.rootBytes.begin(globalsBytes, stacks);
    this.#rootCursor = 0;
    this.#rootEnd = this.#world.rootCount;
    this.#pageCursor = 0;
    this.#specialCursor = -1;
    this.#specialEnd = this.#world.specials.inUse ? this.#world.pages : -1;
    this.#pageEnd = this.#world.pages;
  }

  get #rootsLeft(): boolean {
    if (this.#pageCursor < this.#pageEnd || this.#specialCursor < this.#specialEnd) return true;
    return this.#globalsLeft || this.rootBytes.stacksLeft;
  }

  get #globalsLeft(): boolean {
    return this.#rootCursor < this.#rootEnd || this.rootBytes.globalsLeft;
  }

  /** Whether any P could take work up: root jobs, full buffers, spans to steal. */
  get workAvailable(): boolean {
    if (this.#rootsLeft || this.#state.work.fullCount > 0) return true;
    return this.#state.queues.some((queue) => queue.canSteal);
  }

  /** Whether a P's own buffers hold grey objects. */
  hasLocalWork(p: number): boolean {
    const { work, queues } = this.#state;
    return !work.isEmpty(p) || (p < queues.length && !queues[p].isEmpty);
  }

  /** Greys the objects that hold these ordinals' words, on P `p`. */
  greyObjects(ordinals: Int32Array, p: number): void {
    this.#state.reserve();
    this.#state.runOn(p);
    for (const ordinal of ordinals) {
      if (ordinal !== 0) this.#state.greyWord(this.#world.objectWord[ordinal]);
    }
  }

  /** Marks the object that holds a word, if it is white. For root jobs and what stands in for them. */
  greyWord(word: number): void {
    this.#state.reserve();
    this.#state.greyWord(word);
  }

  /** The write barrier of P `p`: two references (word + 1; 0 is nil), the old value and the new. */
  barrier(p: number, before: number, after: number): void {
    if (this.#barriers.isFull(p)) this.flushBarrier(p);
    this.#barriers.note(p, before, after);
  }

  /** Greys what a P's write-barrier buffer holds. */
  flushBarrier(p: number): void {
    const count = this.#barriers.count(p);
    if (count === 0) return;
    this.#journal.emit(EVENTS.BarrierFlushed.tag, p, count);
    const state = this.#state;
    state.reserve();
    state.runOn(p);
    state.batch = this.#batch;
    const references = this.#barriers.take(p);
    for (let i = 0; i < count; i += 1) if (references[i] !== 0) state.greyWord(references[i] - 1);
    state.batch = null;
    state.work.putBatch(p, this.#batch, state.batched);
    state.batched = 0;
  }

  /** Marks on P `p` until `budget` units are done or it finds nothing; returns the units done. */
  drain(p: number, budget: number, assisting: boolean): number {
    const state = this.#state;
    state.reserve();
    state.runOn(p);
    const before = state.units;
    const limit = before + budget;
    while (state.units < limit) {
      if (!assisting && this.#rootsLeft) this.#rootJob();
      else if (!this.#drainOnce(p, limit)) break;
      if (this.#single && !assisting) break;
    }
    return state.units - before;
  }

  /** Workers stop after one object or root, or no longer. */
  setSteps(single: boolean): void {
    this.#single = single;
    this.#scanner.single = single;
  }

  /** Does work from the first queue that has some. */
  #drainOnce(p: number, limit: number): boolean {
    const { work, queues } = this.#state;
    if (work.fullCount === 0) work.balance(p);
    const own = queues[p];
    if (work.count[work.first[p]] > 0) {
      this.#scanner.scanObjects(limit);
      return true;
    }
    let span = own.get();
    if (span === NO_SPAN) {
      if (work.refill(p)) {
        this.#scanner.scanObjects(limit);
        return true;
      }
      span = own.steal(own);
    }
    if (span === NO_SPAN && this.#barriers.count(p) > 0) {
      this.flushBarrier(p);
      return true;
    }
    if (span === NO_SPAN && this.#rootsLeft) {
      this.#rootJob();
      return true;
    }
    if (span === NO_SPAN) span = this.#steal(p);
    if (span === NO_SPAN) return false;
    this.#scanner.scanSpan(span);
    return true;
  }

  /** Takes spans from another P, the next one first. */
  #steal(p: number): number {
    const { queues } = this.#state;
    for (let i = 1; i < queues.length; i += 1) {
      const from = queues[(p + i) % queues.length];
      if (!from.canSteal) continue;
      const span = queues[p].steal(from);
      if (span !== NO_SPAN) return span;
    }
    return NO_SPAN;
  }

  #rootJob(): void {
    if (this.#globalsLeft) this.#globalsJob();
    else if (this.#specialCursor < this.#specialEnd) this.#specialJob();
    else if (this.rootBytes.stacksLeft) this.#state.units += this.rootBytes.scanStack();
    else this.#heldJob();
  }

  #globalsJob(): void {
    const { roots } = this.#world;
    const job = this.#single ? 1 : ROOT_JOB;
    const end = Math.min(this.#rootCursor + job, this.#rootEnd);
    for (let root = this.#rootCursor; root < end; root += 1) {
      if (roots[root] !== 0) this.#state.greyWord(roots[root] - 1);
    }
    this.#rootCursor = end;
    this.#state.units += this.rootBytes.scanGlobals();
  }

  /** Marks the held objects of the next span. */
  #heldJob(): void {
    const w = this.#world;
    const page = this.#pageCursor;
    this.#pageCursor += Math.max(1, w.spanPages[page]);
    if (w.spanState[page] !== SPAN_IN_USE) return;
    const words = (w.nelems[page] + 31) >> 5;
    const base = page * BITMAP_WORDS;
    if (w.words.length > 0 && (w.spanClass[page] & 1) === 0) {
      for (let i = 0; i < words; i += 1) this.#greySlots(page, i, w.heldBits[base + i]);
      return;
    }
    const state = this.#state;
    let white = 0;
    for (let i = 0; i < words; i += 1) white |= w.heldBits[base + i] & state.white(base + i);
    if (white === 0) return;
    let marked = 0;
    for (let i = 0; i < words; i += 1) {
      const bits = w.heldBits[base + i] & ~w.markBits[base + i];
      if (bits !== 0) marked += state.markBlack(page, i, bits);
    }
    if (marked > 0) this.#journal.emit(EVENTS.SpanMarked.tag, page, marked, MARKED_HELD, 0, 0);
    state.scanned += w.heldScan[page];
    state.units += w.heldScan[page];
  }

  /** Marks what the queues of specials keep, or what the specials of the next pages keep. */
  #specialJob(): void {
    const w = this.#world;
    const from = this.#specialCursor;
    this.#specialCursor = from < 0 ? 0 : from + SPECIAL_JOB;
    if (from < 0) markQueues(w, this);
    let bytes = 0;
    for (let page = Math.max(0, from); page < Math.min(this.#specialCursor, w.pages); page += 1) {
      if (w.spanSpecials[page] !== 0) bytes += markSpanSpecials(w, this, page);
    }
    if (bytes > 0) this.#journal.emit(EVENTS.FinalizersScanned.tag, bytes);
  }

  /** A special was made while marking: does for it what its root job would have done. */
  specialMade(special: number): void {
    this.#state.reserve();
    this.#state.runOn(this.#world.scalars[SCALAR.p]);
    const bytes = markSpecial(this.#world, this, special);
    if (bytes > 0) this.#journal.emit(EVENTS.FinalizersScanned.tag, bytes);
  }

  /** Counts scan work outside of objects taken from a buffer. */
  countScan(bytes: number): void {
    this.#state.scanned += bytes;
    this.#state.units += bytes;
  }

  #greySlots(page: number, i: number, bits: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const index = (i << 5) + 31 - Math.clz32(rest & -rest);
      this.#state.greyWord(this.#state.slotWord(page, index));
    }
  }

  /**
   * Every P flushes its write-barrier buffer and gives up its buffers; returns how many Ps have given
   * work away since the last time. When it is none, nothing is grey.
   */
  raggedBarrier(): number {
    let flushed = 0;
    for (let p = 0; p < this.flushable; p += 1) flushed += this.raggedBarrierOn(p);
    return flushed;
  }

  /** Ps that have to flush. */
  get flushable(): number {
    const { work, queues } = this.#state;
    return Math.max(this.#barriers.procs, work.first.length, queues.length);
  }

  /** One P flushes and gives up; 1 if it has given work away since the last time. */
  raggedBarrierOn(p: number): number {
    const { work, queues } = this.#state;
    this.flushBarrier(p);
    work.dispose(p);
    if (p < queues.length && queues[p].flush()) work.flushed[p] = 1;
    if (p >= work.flushed.length || work.flushed[p] === 0) return 0;
    work.flushed[p] = 0;
    return 1;
  }

  /** The world has stopped: flushes all write-barrier buffers. True if that left nothing grey. */
  stopped(): boolean {
    for (let p = 0; p < this.#barriers.procs; p += 1) {
      this.flushBarrier(p);
      if (this.hasLocalWork(p)) return false;
    }
    return true;
  }

  /** Records what was marked since the last time; at the fine setting that has been done already. */
  record(): void {
    this.#state.record();
  }

  /** Fine or coarse recording, from here on. */
  setDetail(fine: boolean, marking: boolean): void {
    this.#journal.emit(EVENTS.MarkDetailSet.tag, fine ? 1 : 0);
    if (fine === this.#state.fine) return;
    if (marking) this.#state.record();
    this.#state.fine = fine;
    if (marking && fine) this.#state.recordGrey();
  }

  /** Counts what marking touches, or no longer. */
  setModel(model: CacheModel | null): void {
    this.#state.model = model;
  }

  get model(): CacheModel | null {
    return this.#state.model;
  }
}
