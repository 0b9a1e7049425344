/**
 * Compaction, the experiment: objects slide together, and nothing else changes.
 *
 * 1. `HeapCompacted` counts what it moves, the bytes of their slots, and the pointers, of live objects and
 *    roots, that lead to them; its pause is what the cost model asks for that.
 * 2. Objects only move down, within their span class, and keep their order. Afterwards the objects of a
 *    class fill the first slots of its spans, without a gap, and a span without any is gone.
 * 3. It happens only in a run that asks for it.
 *
 * That no object lands on another is the model's to notice (property `events`); that every pointer leads
 * to where its object now is, `allocator.ts` finds out at the end, from the run's own words.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type ModelObject, type ModelSpan, objectWord } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'compaction';

/** Small objects of each span class, in address order. */
function byClass(m: Model): Map<number, ModelObject[]> {
  const classes = new Map<number, ModelObject[]>();
  for (const object of m.objects.values()) {
    const { spanClass } = object.span;
    if (spanClass < 2) continue;
    const known = classes.get(spanClass) ?? [];
    known.push(object);
    classes.set(spanClass, known);
  }
  for (const objects of classes.values()) objects.sort((a, b) => objectWord(a) - objectWord(b));
  return classes;
}

function spansByClass(m: Model): Map<number, ModelSpan[]> {
  const classes = new Map<number, ModelSpan[]>();
  for (const span of [...m.spans.values()].sort((a, b) => a.page - b.page)) {
    const known = classes.get(span.spanClass) ?? [];
    known.push(span);
    classes.set(span.spanClass, known);
  }
  return classes;
}

class Compaction implements Checker {
  readonly name: string = NAME;
  #before = new Map<number, ModelObject[]>();
  #words = new Map<ModelObject, number>();

  before(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.HeapCompacted.tag) return;
    if ((m.config?.compact ?? 0) === 0) this.#fail(event, 'nobody asked for compaction');
    this.#before = byClass(m);
    this.#words = new Map();
    for (const objects of this.#before.values()) {
      for (const object of objects) this.#words.set(object, objectWord(object));
    }
  }

  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.HeapCompacted.tag) return;
    const moved = new Set<number>();
    let bytes = 0;
    for (const [spanClass, objects] of byClass(m)) {
      const before = this.#before.get(spanClass) ?? [];
      objects.forEach((object, i) => {
        if (object !== before[i]) this.#fail(event, `object #${object.ordinal} lost its place`);
        const by = (this.#words.get(object) ?? 0) - objectWord(object);
        if (by < 0) this.#fail(event, `object #${object.ordinal} moves up`);
        if (by === 0) return;
        moved.add(object.ordinal);
        bytes += object.span.slotBytes;
      });
    }
    this.#expectDense(event, m);
    this.#same(event, 'objects moved', event.arg(0), moved.size);
    this.#same(event, 'bytes moved', event.arg(1), bytes);
    this.#same(event, 'pointers updated', event.arg(2), pointersTo(m, moved));
    this.#same(event, 'the pause', event.arg(3), pauseOf(m, bytes));
  }

  #expectDense(event: StreamEvent, m: Model): void {
    for (const [spanClass, spans] of spansByClass(m)) {
      if (spanClass < 2) continue;
      let ended = false;
      for (const { page, objects, slots } of spans) {
        if (ended) this.#fail(event, `objects at page ${page} could have moved down`);
        for (let slot = 0; slot < objects.size; slot += 1) {
          if (!objects.has(slot)) this.#fail(event, `slot ${slot} at page ${page} is a gap`);
        }
        ended = objects.size < slots;
      }
    }
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said !== found) this.#fail(event, `${what}: said to be ${said}, found ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

/** Pointers and roots that lead to these objects. */
function pointersTo({ objects, roots }: Model, targets: ReadonlySet<number>): number {
  let count = 0;
  for (const { edges } of objects.values())
    for (const to of edges.values()) if (targets.has(to)) count += 1;
  for (const to of roots.values()) if (targets.has(to)) count += 1;
  return count;
}

function pauseOf({ config, ledger }: Model, bytes: number): number {
  const { copyNsPerByte = 0, updateNsPerByte = 0 } = config?.costs ?? {};
  const scanned = ledger.heapScanWork + ledger.stackScanWork + ledger.globalsScanWork;
  return Math.ceil(bytes * copyNsPerByte + scanned * updateNsPerByte);
}

export const compaction = (): Checker => new Compaction();
