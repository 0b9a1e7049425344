/**
 * The books: heapLive, marked bytes, clock and pauses, added up from events by Go's rules.
 *
 * 1. Caching a span counts its free slots as live, giving it back takes those that are still free off
 *    again, unless a mark phase has ended in between. A large object counts in full.
 * 2. heapMarked is the bytes of slots that were marked; contents of objects with finalizers are
 *    marked from and count on top (`FinalizersScanned`).
 */
import { EVENTS } from '@heaptape/schema';
import type { StreamEvent } from '../stream.ts';
import type { Model } from './model.ts';
import type { ModelSpan } from './span.ts';

export class Ledger {
  heapLive = 0;
  bytesMarked = 0;
  /** Slots marked by the last event, that were not marked before. */
  freshMarks = 0;
  timeNs = 0;
  pauseTotalNs = 0;
  cyclePauseNs = 0;
  cycles = 0;
  forced = 0;
  trigger = 0;
  mallocs = 0;
  frees = 0;
  tinyAllocs = 0;
  totalAlloc = 0;
  totalFree = 0;
  heapGoal = 0;
  stackPages = 0;
  /** No goroutine was ever started: the configuration says what stacks take. */
  stacksAreGiven = true;
  heapPages = 0;
  releasedPages = 0;
  readonly stacks: Map<number, number> = new Map();
}

const freeBytes = (span: ModelSpan): number => (span.slots - span.objects.size) * span.slotBytes;
const unusedBytes = (span: ModelSpan): number =>
  span.npages * 8192 - span.objects.size * span.slotBytes;

/** To be called before the model folds the event. */
export function foldLedger(m: Model, event: StreamEvent): void {
  const ledger = m.ledger;
  ledger.freshMarks = 0;
  switch (event.tag) {
    case EVENTS.ObjectAllocated.tag: {
      const site = m.sites[event.arg(0) - 1];
      const span = site === undefined ? undefined : m.spanFor(site);
      if (span === undefined) return;
      ledger.mallocs += 1;
      ledger.totalAlloc += span.slotBytes;
      if (span.spanClass < 2) ledger.heapLive += span.slotBytes;
      if (m.marking) ledger.bytesMarked += span.slotBytes;
      return;
    }
    case EVENTS.TinyAllocated.tag:
      ledger.tinyAllocs += 1;
      return;
    case EVENTS.SpanCached.tag: {
      const span = m.spans.get(event.arg(1));
      if (span !== undefined) ledger.heapLive += unusedBytes(span);
      return;
    }
    case EVENTS.SpanUncached.tag: {
      const span = m.mcache.get(`${event.arg(0)}/${event.arg(1)}`);
      if (span !== undefined && !span.needsSweep) ledger.heapLive -= freeBytes(span);
      return;
    }
    case EVENTS.ObjectGreyed.tag:
    case EVENTS.ObjectBlackened.tag: {
      const span = m.spanAt(event.arg(0));
      if (span !== undefined) mark(ledger, span, [m.slotAt(span, event.arg(0))]);
      return;
    }
    case EVENTS.SpanMarked.tag: {
      const span = m.spans.get(event.arg(0));
      if (span !== undefined) mark(ledger, span, m.slotsMarked(event));
      return;
    }
    case EVENTS.SpanSwept.tag: {
      const span = m.spans.get(event.arg(0));
      if (span === undefined) return;
      const freed = m.doomed(span).length;
      ledger.frees += freed;
      ledger.totalFree += freed * span.slotBytes;
      return;
    }
    default:
      foldTime(ledger, event);
      foldPages(ledger, event);
  }
}

function mark(ledger: Ledger, span: ModelSpan, slots: readonly number[]): void {
  ledger.freshMarks = slots.filter((slot) => !span.marks.has(slot)).length;
  ledger.bytesMarked += ledger.freshMarks * span.slotBytes;
}

function foldTime(ledger: Ledger, event: StreamEvent): void {
  switch (event.tag) {
    case EVENTS.ClockAdvanced.tag:
      ledger.timeNs += event.arg(0);
      return;
    case EVENTS.GCStarted.tag:
      ledger.bytesMarked = 0;
      ledger.trigger = event.arg(1);
      ledger.cyclePauseNs = event.arg(4);
      ledger.timeNs += event.arg(4);
      return;
    case EVENTS.MarkRestarted.tag:
      ledger.cyclePauseNs += event.arg(0);
      ledger.timeNs += event.arg(0);
      return;
    case EVENTS.FinalizersScanned.tag:
      ledger.bytesMarked += event.arg(0);
      return;
    case EVENTS.GCMarkTerminated.tag:
      ledger.heapLive = ledger.bytesMarked;
      ledger.cycles += 1;
      if (ledger.trigger === 1) ledger.forced += 1;
      ledger.pauseTotalNs += ledger.cyclePauseNs + event.arg(4);
      ledger.timeNs += event.arg(4);
      return;
    case EVENTS.HeapCompacted.tag:
      ledger.pauseTotalNs += event.arg(3);
      ledger.timeNs += event.arg(3);
      return;
    case EVENTS.PacerCommitted.tag:
      ledger.heapGoal = event.arg(0);
      return;
    default:
      return;
  }
}

function foldPages(ledger: Ledger, event: StreamEvent): void {
  switch (event.tag) {
    case EVENTS.HeapGrown.tag:
      ledger.heapPages += event.arg(0);
      ledger.releasedPages += event.arg(0);
      return;
    case EVENTS.SpanAllocated.tag:
      ledger.releasedPages -= event.arg(3);
      return;
    case EVENTS.StackSpanAllocated.tag:
      ledger.stacks.set(event.arg(0), event.arg(1));
      ledger.stackPages += event.arg(1);
      ledger.releasedPages -= event.arg(3);
      return;
    case EVENTS.GoroutineStarted.tag:
      ledger.stacksAreGiven = false;
      return;
    case EVENTS.StackSpanFreed.tag:
      ledger.stackPages -= ledger.stacks.get(event.arg(0)) ?? 0;
      ledger.stacks.delete(event.arg(0));
      return;
    case EVENTS.Scavenged.tag:
      ledger.releasedPages += event.arg(1);
      return;
    default:
      return;
  }
}
