/**
 * Where things lie: pages, spans, slots.
 *
 * 1. A span, of objects or of stacks, takes pages of the heap that no other has, as many as its size class
 *    says; only free pages are scavenged, once, and a span says how many of its own had been.
 * 2. An object lies inside its span, in a slot of its class that fits it and that no object has.
 *    It takes the lowest run of free pages that is long enough; the heap grows only when there is none.
 *    A span without objects goes when it is swept, unless it is swept to be allocated from at once.
 * 3. A P has one span a class in its mcache, which no other P has.
 * 4. At the end every object that is alive is where the events have put it, and pointers lead there.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { FATE_FREED } from '../model/pagebooks.ts';
import {
  bytesNeeded,
  classPages,
  type ModelObject,
  type ModelSite,
  objectWord,
  PAGE_BYTES,
} from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker, Claims } from './checker.ts';

const NAME = 'allocator';
/** The heap grows by so many pages, 4 MiB. */
const CHUNK = 512;
/** `SpanSwept.fate`: the sweeper gives the span to a P. */
const FATE_HELD = 3;

class Placement implements Checker {
  readonly name: string = NAME;
  #pages = 0;
  /** 1 for pages in use, and the lowest page that may be free. */
  #used = new Uint8Array(CHUNK);
  #lowest = 0;
  /** Page to the first page of what has it. */
  readonly #owner = new Map<number, number>();
  readonly #scavenged = new Set<number>();
  /** Pages that the heap had before it grew for the next span; -1: it did not. */
  #grownFrom = -1;

  before(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.HeapGrown.tag:
        if (event.arg(0) % CHUNK !== 0) this.#fail(event, 'the heap grows by whole chunks');
        this.#grow(event);
        return;
      case EVENTS.SpanAllocated.tag: {
        const [npages, spanClass] = [event.arg(1), event.arg(2)];
        if (spanClass >= 2 && npages !== classPages(spanClass)) {
          this.#fail(event, `a span of class ${spanClass} has ${classPages(spanClass)} pages`);
        }
        this.#take(event, event.arg(3));
        return;
      }
      case EVENTS.StackSpanAllocated.tag:
        this.#take(event, event.arg(3));
        return;
      case EVENTS.StackSpanFreed.tag:
        this.#give(event.arg(0));
        return;
      case EVENTS.SpanSwept.tag:
        this.#sweep(event, m);
        return;
      case EVENTS.Scavenged.tag:
        this.#scavenge(event);
        return;
      default:
        this.#beforeSlots(event, m);
    }
  }

  #beforeSlots(event: StreamEvent, m: Model): void {
    if (event.tag === EVENTS.ObjectAllocated.tag) {
      const site = m.sites[event.arg(0) - 1];
      if (site !== undefined) this.#place(event, m, site);
    } else if (event.tag === EVENTS.SpanCached.tag) {
      const [p, page] = [event.arg(0), event.arg(1)];
      const span = m.spans.get(page);
      if (span === undefined) this.#fail(event, `there is no span at page ${page}`);
      if (span.cachedBy >= 0) this.#fail(event, `P ${span.cachedBy} has that span`);
      const own = m.mcache.has(`${p}/${span.spanClass}`);
      if (own) this.#fail(event, `P ${p} has a span of class ${span.spanClass} already`);
      if (span.objects.size >= span.slots) this.#fail(event, 'a full span is cached');
    }
  }

  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.HeapCompacted.tag) return;
    const bases = new Set(this.#owner.values());
    for (const page of bases) {
      if (!m.spans.has(page) && !m.pages.stackSpans.has(page)) this.#give(page);
    }
    for (const object of m.objects.values()) {
      if (object.slot < object.span.slots && object.slot >= 0) continue;
      this.#fail(event, `object #${object.ordinal} moves out of its span`);
    }
  }

  finish(m: Model, claims: Claims, seq: number): void {
    const alive = (object: ModelObject | undefined): object is ModelObject =>
      object !== undefined && (!object.span.needsSweep || m.isMarked(object));
    const expectAt = (what: string, found: number, expected: number): void => {
      if (found === expected) return;
      throw new Violation(NAME, seq, `${what} is at word ${found}, not at ${expected}`);
    };
    const reference = (to: number): number => {
      const target = m.objects.get(to);
      return target === undefined ? 0 : objectWord(target) + 1;
    };
    for (const object of m.objects.values()) {
      if (!alive(object)) continue;
      const from = objectWord(object);
      expectAt(`object #${object.ordinal}`, claims.wordOf(object.ordinal), from);
      for (const [word, to] of object.edges) {
        const what = `what word ${word} of object #${object.ordinal} refers to`;
        expectAt(what, claims.referenceAt(from + word), reference(to));
      }
    }
    for (const [root, to] of m.roots) {
      expectAt(`what root ${root} refers to`, claims.referenceOf(root), reference(to));
    }
  }

  #place(event: StreamEvent, m: Model, site: ModelSite): void {
    const span = m.spanFor(site);
    if (span === undefined) this.#fail(event, 'there is no span to allocate from');
    const slot = m.nextSlot(span);
    if (slot >= span.slots) this.#fail(event, `the span has ${span.slots} slots, all are taken`);
    if (bytesNeeded(site) > span.slotBytes) {
      this.#fail(event, `${site.bytes} bytes do not fit a slot of ${span.slotBytes}`);
    }
    const slack = span.slotBytes - bytesNeeded(site);
    if (span.spanClass < 2 && slack >= PAGE_BYTES) this.#fail(event, 'a large span is too large');
  }

  #grow(event: StreamEvent): void {
    const pages = event.arg(0);
    for (let i = 0; i < pages; i += 1) this.#scavenged.add(this.#pages + i);
    const used = new Uint8Array(this.#pages + pages);
    used.set(this.#used.subarray(0, this.#pages));
    this.#used = used;
    this.#grownFrom = this.#pages;
    this.#pages += pages;
  }

  /** First page of the lowest run of so many free pages, below `end`; -1 is none. */
  #firstFit(npages: number, end: number): number {
    while (this.#lowest < this.#pages && this.#used[this.#lowest] === 1) this.#lowest += 1;
    let run = 0;
    for (let page = this.#lowest; page < end; page += 1) {
      run = this.#used[page] === 1 ? 0 : run + 1;
      if (run === npages) return page - npages + 1;
    }
    return -1;
  }

  #sweep(event: StreamEvent, m: Model): void {
    const [page, fate] = [event.arg(0), event.arg(2)];
    if (fate === FATE_FREED) {
      this.#give(page);
      return;
    }
    const span = m.spans.get(page);
    const isEmpty = span !== undefined && m.doomed(span).length === span.objects.size;
    if (!isEmpty || (fate === FATE_HELD && span.spanClass >= 2)) return;
    this.#fail(event, 'a span without objects keeps its pages');
  }

  #take(event: StreamEvent, scavenged: number): void {
    const [page, npages] = [event.arg(0), event.arg(1)];
    const from = this.#grownFrom;
    this.#grownFrom = -1;
    if (from >= 0 && this.#firstFit(npages, from) >= 0) {
      this.#fail(event, `the heap grew though page ${this.#firstFit(npages, from)} was free`);
    }
    if (page + npages > this.#pages) this.#fail(event, 'a span reaches beyond the heap');
    const first = this.#firstFit(npages, this.#pages);
    if (first >= 0 && first !== page) this.#fail(event, `pages from ${first} on are free`);
    let found = 0;
    for (let p = page; p < page + npages; p += 1) {
      if (this.#owner.has(p)) this.#fail(event, `page ${p} is in use`);
      this.#owner.set(p, page);
      this.#used[p] = 1;
      if (this.#scavenged.delete(p)) found += 1;
    }
    if (found !== scavenged) this.#fail(event, `${found} of its pages were scavenged`);
  }

  #give(page: number): void {
    this.#lowest = Math.min(this.#lowest, page);
    for (let p = page; this.#owner.get(p) === page; p += 1) {
      this.#owner.delete(p);
      this.#used[p] = 0;
    }
  }

  #scavenge(event: StreamEvent): void {
    for (let p = event.arg(0); p < event.arg(0) + event.arg(1); p += 1) {
      if (p >= this.#pages || this.#owner.has(p)) this.#fail(event, `page ${p} is not free`);
      if (this.#scavenged.has(p)) this.#fail(event, `page ${p} is scavenged already`);
      this.#scavenged.add(p);
    }
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const allocator = (): Checker => new Placement();
