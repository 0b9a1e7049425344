/**
 * Sweeping in proportion to allocation, and what may not meet an unswept span.
 *
 * 1. At each commit the ratio is the pages that are left over what may be allocated before the next
 *    trigger, less a MiB. Before a P gets a span, or a large object is made, as many pages have been swept
 *    as that ratio asks for. `SweepMeasured` states the ratio, the pages and the bytes in between.
 * 2. The sweep ends with the last span: no command comes between.
 * 3. After marking no mcache holds a span from before, once the program goes on.
 * 4. Finalizers, cleanups and weak handles are made and taken off, and weak loads give an object, only in
 *    spans that have been swept.
 *
 * How fast the background sweeper goes is the cost model's, and not checked.
 */
import { EVENTS, specOfTag } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'sweeping';
const LEAST_DISTANCE = 8192;
const ROOM = 1024 * 1024;

/** Events whose first argument is an object that must lie in a swept span. */
const TOUCHES: ReadonlySet<number> = new Set(
  (['FinalizerSet', 'FinalizerCleared', 'CleanupAdded', 'WeakHandleMade'] as const).map(
    (name) => EVENTS[name].tag,
  ),
);

class Sweeping implements Checker {
  readonly name: string = NAME;
  #pagesPerByte = 0;
  #basisLive = 0;
  #basisSwept = 0;
  #unswept = 0;
  #fresh = false;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (!m.sweeping) {
      if (tag === EVENTS.SweepMeasured.tag) this.#measured(event, m);
      else if (tag === EVENTS.PacerCommitted.tag) this.#pagesPerByte = 0;
      return;
    }
    switch (tag) {
      case EVENTS.PacerCommitted.tag:
        this.#pace(event.arg(1), m);
        return;
      case EVENTS.SpanCached.tag:
        this.#expectPaid(event, m, m.spans.get(event.arg(1))?.npages ?? 0, 0);
        return;
      case EVENTS.SpanAllocated.tag:
        if (event.arg(2) < 2) this.#expectPaid(event, m, event.arg(1), event.arg(1));
        return;
      case EVENTS.SpanSwept.tag:
        this.#unswept -= 1;
        return;
      default:
        if (specOfTag(tag)?.role === 'mutator') this.#command(event, m);
    }
  }

  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.GCMarkTerminated.tag) return;
    this.#unswept = m.spans.size;
    this.#fresh = true;
  }

  #pace(trigger: number, { ledger, pages }: Model): void {
    const distance = Math.max(trigger - ledger.heapLive - ROOM, LEAST_DISTANCE);
    const left = pages.inUse - pages.swept;
    this.#pagesPerByte = Math.max(0, left) / distance;
    // Where nothing is left the share is counted from where it was before.
    if (left <= 0) return;
    this.#basisLive = ledger.heapLive;
    this.#basisSwept = pages.swept;
  }

  #expectPaid(event: StreamEvent, m: Model, npages: number, credit: number): void {
    const bytes = npages * PAGE_BYTES + Math.max(0, m.ledger.heapLive - this.#basisLive);
    const due = Math.floor(this.#pagesPerByte * bytes) - credit;
    const done = m.pages.swept - this.#basisSwept;
    if (done < due) this.#fail(event, `${due} pages had to be swept before, ${done} were`);
  }

  #measured(event: StreamEvent, m: Model): void {
    const { ledger, pages } = m;
    this.#same(event, 'the bytes in between', event.arg(1), ledger.heapLive - this.#basisLive);
    this.#same(event, 'the pages', event.arg(2), pages.swept);
    this.#same(event, 'the ratio', event.arg(3), this.#pagesPerByte);
    this.#pagesPerByte = 0;
  }

  #command(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (this.#unswept === 0) this.#fail(event, 'everything is swept and the sweep goes on');
    if (this.#fresh) {
      this.#fresh = false;
      for (const span of m.mcache.values()) {
        if (span.needsSweep) this.#fail(event, `P ${span.cachedBy} still has an unswept span`);
      }
    }
    let object = 0;
    if (TOUCHES.has(tag)) object = event.arg(0);
    else if (tag === EVENTS.WeakLoaded.tag) object = event.arg(1);
    if (m.objects.get(object)?.span.needsSweep === true) {
      this.#fail(event, `the span of object #${object} is not swept`);
    }
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said === found) return;
    this.#fail(event, `${what} of the sweep: said to be ${said}, by the rules ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const sweeping = (): Checker => new Sweeping();
