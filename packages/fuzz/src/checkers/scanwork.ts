/**
 * Scan work adds up: every object that was grey has been scanned once, whole, and nothing else.
 *
 * 1. Work in the heap, at the end of a mark: an object that was there when the cycle began and is marked
 *    gives its bytes up to its last pointer, piece by piece of 128 KiB if it is larger (oblets); one
 *    without pointers gives nothing, nor does one made meanwhile (it is born black). What the program has
 *    stored to meanwhile counts between nothing and its slot, since nobody says when it was scanned.
 * 2. Contents of objects with finalizers count once more for each finalizer, and their slots are what
 *    `FinalizersScanned` adds up to.
 * 3. Globals are scanned once, and each stack once, as much of it as is in use when the cycle begins.
 *
 * So a piece left out, a span dropped from a queue, an object scanned twice or a pointer-free one scanned
 * at all changes the sum. It cannot see two errors that cancel each other out, nor the order.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { bytesNeeded, type ModelObject } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'scanwork';
const OBLET_WORDS = 16_384;

const hasPointers = ({ span }: ModelObject): boolean => (span.spanClass & 1) === 0;

/** Scan work of an object: bytes up to the last pointer, of each piece. */
function workOf(object: ModelObject): number {
  const { edges, span, site } = object;
  if (edges.size === 0) return 0;
  const header = (bytesNeeded(site) - site.bytes) / 8;
  if (span.slotBytes / 8 <= OBLET_WORDS) {
    let last = 0;
    for (const word of edges.keys()) if (word > last) last = word;
    return (last + 1 + header) * 8;
  }
  const ends = new Map<number, number>();
  for (const word of edges.keys()) {
    const piece = Math.floor(word / OBLET_WORDS);
    ends.set(piece, Math.max(ends.get(piece) ?? 0, word + 1 - piece * OBLET_WORDS));
  }
  let words = 0;
  for (const end of ends.values()) words += end;
  return words * 8;
}

class ScanWork implements Checker {
  readonly name: string = NAME;
  /** First object that the running cycle has seen made. */
  #firstNew = 0;
  readonly #stored = new Set<number>();
  /** Held objects that were let go while the cycle ran. */
  readonly #released = new Set<number>();
  /** Finalizers that were attached when the cycle began, and no longer are if taken off since. */
  #finalizers = new Set<number>();
  /** Slots of objects whose finalizers were set or taken off meanwhile. */
  #changing = 0;
  #finalizerBytes = 0;
  #stackBytes = 0;
  /** Used bytes of each stack, by goroutine. */
  readonly #stacks = new Map<number, { bytes: number; used: number }>();

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.PointerStored.tag) {
      if (m.marking) this.#stored.add(event.arg(0));
    } else if (tag === EVENTS.ObjectReleased.tag) this.#released.add(event.arg(0));
    else if (tag === EVENTS.GCStarted.tag) this.#begin(m);
    else if (tag === EVENTS.GCMarkTerminated.tag) this.#end(event, m);
    else if (tag === EVENTS.FinalizersScanned.tag) this.#finalizerBytes += event.arg(0);
    else if (tag === EVENTS.FinalizerCleared.tag) this.#takeOff(event, m);
    else if (tag === EVENTS.FinalizerStarted.tag) this.#lose(m, event.arg(0));
    else this.#foldStacks(event);
  }

  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.FinalizerSet.tag || !m.marking) return;
    // Scanned at once, and again if its root job is still to come.
    this.#changing += 2 * (m.objects.get(event.arg(0))?.span.slotBytes ?? 0);
  }

  #takeOff(event: StreamEvent, m: Model): void {
    const special = m.specials.attached('finalizer', event.arg(0), event.arg(1));
    if (special !== undefined) this.#lose(m, special.number);
  }

  #lose(m: Model, number: number): void {
    if (!m.marking || !this.#finalizers.delete(number)) return;
    const object = m.objects.get(m.specials.all.get(number)?.object ?? 0);
    this.#changing += object?.span.slotBytes ?? 0;
  }

  #foldStacks(event: StreamEvent): void {
    const { tag } = event;
    if (tag === EVENTS.StackPlaced.tag) {
      this.#stacks.set(event.arg(0), { bytes: event.arg(3), used: event.arg(4) });
    } else if (tag === EVENTS.GoroutineExited.tag) this.#stacks.delete(event.arg(0));
    else if (tag === EVENTS.StackUsed.tag) {
      const stack = this.#stacks.get(event.arg(0));
      if (stack !== undefined) stack.used = Math.min(event.arg(1), stack.bytes);
    }
  }

  #begin(m: Model): void {
    this.#firstNew = m.nextOrdinal;
    this.#stored.clear();
    this.#released.clear();
    this.#changing = 0;
    this.#finalizerBytes = 0;
    this.#finalizers = new Set();
    for (const { kind, state, number } of m.specials.live) {
      if (kind === 'finalizer' && state === 'attached') this.#finalizers.add(number);
    }
    this.#stackBytes = this.#stacks.size === 0 ? (m.config?.stackBytes ?? 0) : 0;
    for (const { used } of this.#stacks.values()) this.#stackBytes += used;
  }

  #end(event: StreamEvent, m: Model): void {
    const { heapScanWork, stackScanWork, globalsScanWork } = m.ledger;
    this.#same(event, 'stack bytes scanned', stackScanWork, this.#stackBytes);
    this.#same(event, 'bytes of globals scanned', globalsScanWork, m.config?.globalsBytes ?? 0);
    let least = 0;
    let most = 0;
    const add = (object: ModelObject): void => {
      const work = workOf(object);
      const known = !this.#stored.has(object.ordinal);
      least += known ? work : 0;
      most += known ? work : object.span.slotBytes;
    };
    for (const object of m.objects.values()) {
      if (object.ordinal >= this.#firstNew || !hasPointers(object) || !m.isMarked(object)) continue;
      add(object);
      // Without pointers in the heap a held object counts what its type says.
      const wasHeld = m.held.has(object.ordinal) || this.#released.has(object.ordinal);
      if (wasHeld) most += object.site.scanBytes;
    }
    let slots = 0;
    for (const number of this.#finalizers) {
      const object = m.objects.get(m.specials.all.get(number)?.object ?? 0);
      if (object === undefined || !hasPointers(object)) continue;
      slots += object.span.slotBytes;
      add(object);
    }
    const beyond = this.#finalizerBytes - slots;
    if (beyond < 0 || beyond > this.#changing) {
      const said = `${this.#finalizerBytes} bytes of objects with finalizers were scanned`;
      this.#fail(event, `${said}, not ${slots}`);
    }
    most += beyond;
    if (heapScanWork >= least && heapScanWork <= most) return;
    this.#fail(event, `${heapScanWork} bytes of the heap were scanned, not ${least} to ${most}`);
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said !== found) this.#fail(event, `${what} are said to be ${said} and add up to ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const scanWork = (): Checker => new ScanWork();
