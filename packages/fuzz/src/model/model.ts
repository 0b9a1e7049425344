/**
 * The naive model: what an event stream says, taken literally.
 *
 * It is folded from events alone and shares no structure with the simulator's state: objects are
 * records in a Map, pointers are ordinals, spans hold their objects by slot. It judges nothing beyond
 * what it cannot understand (property `events`); checkers look at it before and after each event.
 *
 * 1. An object takes the first free slot from its span's `freeIndex` on: the rule that the tape's format
 *    fixes for events that name no place.
 * 2. Allocated while marking, an object is marked.
 * 3. A sweep frees the objects of a span that are not marked.
 */
import { parseConfig, type RunConfig } from '@heaptape/core';
import { decodeUtf8, EVENTS, readUint, unzigzag } from '@heaptape/schema';
import { type StreamEvent, Violation } from '../stream.ts';
import { foldLedger, Ledger } from './ledger.ts';
import { FATE_FREED, PageBooks } from './pagebooks.ts';
import { type ModelObject, type ModelSite, type ModelSpan, makeSpan, PAGE_WORDS } from './span.ts';
import { ModelSpecials } from './specials.ts';
import { Times } from './times.ts';

export class Model {
  config: RunConfig | null = null;
  readonly sites: ModelSite[] = [];
  readonly objects: Map<number, ModelObject> = new Map();
  readonly roots: Map<number, number> = new Map();
  readonly held: Set<number> = new Set();
  readonly tiny: Map<number, number> = new Map();
  readonly specials: ModelSpecials = new ModelSpecials();
  readonly ledger: Ledger = new Ledger();
  readonly times: Times = new Times();
  readonly pages: PageBooks = new PageBooks();
  /** Spans of objects by first page; page to first page of the span that has it. */
  readonly spans: Map<number, ModelSpan> = new Map();
  readonly mcache: Map<string, ModelSpan> = new Map();
  /** Pools: roots of the primary and the victim cache. */
  readonly pools: (readonly [local: number, victim: number])[] = [];
  nextOrdinal = 1;
  p = 0;
  /** The goroutine that runs; 0 is unknown. */
  g = 0;
  procs = 1;
  marking = false;
  sweeping = false;
  fine = false;
  /** Counts changes of what is reachable. */
  version = 0;
  /** The span that the next large object fills. */
  large: ModelSpan | null = null;

  /** The object at a word of the heap, or undefined. */
  spanAt(word: number): ModelSpan | undefined {
    const page = Math.floor(word / PAGE_WORDS);
    // The nearest span that begins at or below the page has it, or none.
    for (let first = page; first >= 0; first -= 1) {
      const span = this.spans.get(first);
      if (span !== undefined) return page < first + span.npages ? span : undefined;
    }
    return undefined;
  }

  slotAt(span: ModelSpan, word: number): number {
    return Math.floor(((word - span.page * PAGE_WORDS) * 8) / span.slotBytes);
  }

  isMarked(object: ModelObject): boolean {
    return object.span.marks.has(object.slot);
  }

  /** The span that an allocation of this class comes from, or undefined. */
  spanFor(site: ModelSite): ModelSpan | undefined {
    if (site.spanClass < 2) return this.large ?? undefined;
    return this.mcache.get(`${this.p}/${site.spanClass}`);
  }

  /** The slot that the next object of a span takes. */
  nextSlot(span: ModelSpan): number {
    let slot = span.freeIndex;
    while (span.objects.has(slot)) slot += 1;
    return slot;
  }

  fold(event: StreamEvent): void {
    foldLedger(this, event);
    this.times.fold(event, this.procs);
    this.pages.fold(event, this);
    if (this.specials.fold(event)) {
      this.version += 1;
      if (event.tag === EVENTS.FinalizerQueued.tag) this.#revive(event);
      return;
    }
    switch (event.tag) {
      case EVENTS.ObjectAllocated.tag:
        this.#allocate(event);
        return;
      case EVENTS.PointerStored.tag: {
        const object = this.#object(event, event.arg(0));
        if (event.arg(2) === 0) object.edges.delete(event.arg(1));
        else object.edges.set(event.arg(1), event.arg(2));
        this.version += 1;
        return;
      }
      case EVENTS.RootStored.tag:
        this.roots.set(event.arg(0), event.arg(1));
        this.version += 1;
        return;
      case EVENTS.ObjectReleased.tag:
        this.held.delete(event.arg(0));
        this.version += 1;
        return;
      case EVENTS.TinyBlockSet.tag:
        this.tiny.set(event.arg(0), event.arg(1));
        this.version += 1;
        return;
      case EVENTS.ObjectGreyed.tag:
      case EVENTS.ObjectBlackened.tag: {
        const span = this.spanAt(event.arg(0));
        if (span === undefined) this.#strange(event, `no span has word ${event.arg(0)}`);
        span.marks.add(this.slotAt(span, event.arg(0)));
        return;
      }
      default:
        this.#foldSpans(event);
    }
  }

  #foldSpans(event: StreamEvent): void {
    switch (event.tag) {
      case EVENTS.SpanAllocated.tag: {
        const layout = this.config?.layout ?? 'go1.26';
        const span = makeSpan(event.arg(0), event.arg(1), event.arg(2), layout);
        this.spans.set(span.page, span);
        if (span.spanClass < 2) this.large = span;
        return;
      }
      case EVENTS.SpanCached.tag: {
        const span = this.#span(event, event.arg(1));
        this.mcache.set(`${event.arg(0)}/${span.spanClass}`, span);
        span.cachedBy = event.arg(0);
        span.untold = 0;
        return;
      }
      case EVENTS.SpanUncached.tag: {
        const key = `${event.arg(0)}/${event.arg(1)}`;
        const span = this.mcache.get(key);
        if (span === undefined) this.#strange(event, `P ${event.arg(0)} has no such span`);
        this.mcache.delete(key);
        span.cachedBy = -1;
        span.untold = 0;
        return;
      }
      case EVENTS.SpanMarked.tag:
        for (const slot of this.slotsMarked(event)) this.#span(event, event.arg(0)).marks.add(slot);
        return;
      case EVENTS.SpanSwept.tag:
        this.#sweep(event);
        return;
      case EVENTS.HeapCompacted.tag:
        this.#compact(event);
        return;
      default:
        this.#foldCycle(event);
    }
  }

  #foldCycle(event: StreamEvent): void {
    switch (event.tag) {
      case EVENTS.RunStarted.tag:
        this.config = parseConfig(decodeUtf8(event.bytes(0)));
        this.procs = this.config.procs;
        return;
      case EVENTS.SiteDefined.tag: {
        const [bytes, scanBytes, held, spanClass] = [0, 1, 2, 3].map((i) => event.arg(i));
        this.sites.push({ bytes, scanBytes, held: held !== 0, spanClass });
        return;
      }
      case EVENTS.ProcSwitched.tag:
        this.p = event.arg(0);
        this.g = event.arg(1);
        return;
      case EVENTS.ProcsSet.tag:
        this.procs = event.arg(0);
        for (const p of this.tiny.keys()) if (p >= this.procs) this.tiny.delete(p);
        if (this.p >= this.procs) this.p = 0;
        this.version += 1;
        return;
      case EVENTS.MarkDetailSet.tag:
        this.fine = event.arg(0) !== 0;
        return;
      case EVENTS.GCStarted.tag:
        this.marking = true;
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.marking = false;
        this.sweeping = true;
        for (const span of this.spans.values()) span.needsSweep = true;
        return;
      case EVENTS.SweepFinished.tag:
        this.sweeping = false;
        return;
      case EVENTS.PoolRegistered.tag:
        this.pools.push([event.arg(0), event.arg(1)]);
        return;
      case EVENTS.PoolsCleaned.tag:
        for (const [local, victim] of this.pools) {
          this.roots.set(victim, this.roots.get(local) ?? 0);
          this.roots.set(local, 0);
        }
        this.version += 1;
        return;
      default:
        return;
    }
  }

  /** Slots that a `SpanMarked` names, whether or not they are marked already. */
  slotsMarked(event: StreamEvent): number[] {
    const span = this.#span(event, event.arg(0));
    const slots: number[] = [];
    if (event.arg(2) === 1) {
      for (const [slot, { ordinal }] of span.objects) if (this.held.has(ordinal)) slots.push(slot);
      return slots;
    }
    event.bytes(3).forEach((byte, i) => {
      for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) slots.push(i * 8 + bit);
    });
    return slots;
  }

  /** Objects that sweeping a span now would free. */
  doomed(span: ModelSpan): ModelObject[] {
    return [...span.objects.values()].filter(({ slot }) => !span.marks.has(slot));
  }

  #allocate(event: StreamEvent): void {
    const site = this.sites[event.arg(0) - 1];
    const span = site === undefined ? undefined : this.spanFor(site);
    if (site === undefined || span === undefined) this.#strange(event, 'no span to allocate from');
    const slot = this.nextSlot(span);
    const ordinal = this.nextOrdinal;
    const object: ModelObject = { ordinal, site, edges: new Map(), span, slot };
    this.nextOrdinal += 1;
    this.objects.set(ordinal, object);
    span.objects.set(slot, object);
    span.freeIndex = slot + 1;
    span.untold += 1;
    if (site.spanClass < 2) this.large = null;
    if (site.held) this.held.add(ordinal);
    if (this.marking) span.marks.add(slot);
    this.version += 1;
  }

  #sweep(event: StreamEvent): void {
    const span = this.#span(event, event.arg(0));
    for (const { ordinal, slot } of this.doomed(span)) {
      this.objects.delete(ordinal);
      this.held.delete(ordinal);
      span.objects.delete(slot);
    }
    span.marks.clear();
    span.freeIndex = 0;
    span.needsSweep = false;
    if (event.arg(2) === FATE_FREED) this.spans.delete(span.page);
  }

  /** The object of a queued finalizer lives once more. */
  #revive(event: StreamEvent): void {
    const special = this.specials.all.get(event.arg(0));
    const object = this.objects.get(special?.object ?? 0);
    object?.span.marks.add(object.slot);
  }

  #compact(event: StreamEvent): void {
    const cursor = { bytes: event.bytes(4), at: 0 };
    const touched = new Set<ModelSpan>();
    let from = 0;
    while (cursor.at < cursor.bytes.length) {
      from += unzigzag(readUint(cursor));
      const to = from - readUint(cursor);
      const source = this.spanAt(from);
      const target = this.spanAt(to);
      if (source === undefined || target === undefined) this.#strange(event, 'a move to nowhere');
      const slot = this.slotAt(source, from);
      const object = source.objects.get(slot);
      if (object === undefined) this.#strange(event, `word ${from} has no object to move`);
      source.objects.delete(slot);
      object.span = target;
      object.slot = this.slotAt(target, to);
      if (target.objects.has(object.slot)) this.#strange(event, `word ${to} is taken`);
      target.objects.set(object.slot, object);
      touched.add(source).add(target);
    }
    for (const span of touched) {
      if (span.objects.size > 0) continue;
      this.spans.delete(span.page);
      this.pages.inUse -= span.npages;
    }
  }

  #object(event: StreamEvent, ordinal: number): ModelObject {
    return this.objects.get(ordinal) ?? this.#strange(event, `there is no object #${ordinal}`);
  }

  #span(event: StreamEvent, page: number): ModelSpan {
    return this.spans.get(page) ?? this.#strange(event, `there is no span at page ${page}`);
  }

  #strange(event: StreamEvent, why: string): never {
    throw new Violation('events', event.seq, why);
  }
}
