/**
 * The books: heapLive, marked bytes, allocations and frees, added up from events by Go's rules.
 *
 * 1. Caching a span counts its free slots as live, giving it back takes those that are still free off
 *    again, unless a mark phase has ended in between. A large object counts in full.
 * 2. heapMarked is the bytes of slots that were marked; contents of objects with finalizers are
 *    marked from and count on top (`FinalizersScanned`).
 * 3. totalAlloc as the pacer knows it lags: what was taken from a cached span counts when that is given
 *    back. heapScan follows refills and flushes, stands still while marking, and is then the work done.
 *
 * Pages are in `pagebooks.ts`, times in `times.ts`.
 */
import { EVENTS } from '@heaptape/schema';
import type { StreamEvent } from '../stream.ts';
import type { Model } from './model.ts';
import type { ModelSpan } from './span.ts';

const CLASSES = 68;

export class Ledger {
  heapLive = 0;
  bytesMarked = 0;
  heapMarked = 0;
  /** Slots marked by the last event, that were not marked before. */
  freshMarks = 0;
  cycles = 0;
  forced = 0;
  trigger = 0;
  mallocs = 0;
  frees = 0;
  tinyAllocs = 0;
  totalAlloc = 0;
  totalFree = 0;
  /** totalAlloc as far as mcaches have told of it. */
  toldAlloc = 0;
  heapScan = 0;
  /** Scannable bytes that heapScan does not have yet. */
  scanAlloc = 0;
  /** Scan work of the running or last cycle. */
  heapScanWork = 0;
  stackScanWork = 0;
  globalsScanWork = 0;
  /** By size class; 0 is large. */
  readonly mallocsOf: Float64Array = new Float64Array(CLASSES);
  readonly freesOf: Float64Array = new Float64Array(CLASSES);
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
      ledger.mallocsOf[span.spanClass >> 1] += 1;
      ledger.totalAlloc += span.slotBytes;
      if (span.spanClass < 2) {
        ledger.heapLive += span.slotBytes;
        ledger.toldAlloc += span.slotBytes;
        if (!m.marking) ledger.heapScan += site?.scanBytes ?? 0;
      } else ledger.scanAlloc += site?.scanBytes ?? 0;
      if (m.marking) ledger.bytesMarked += span.slotBytes;
      return;
    }
    case EVENTS.TinyAllocated.tag:
      ledger.tinyAllocs += 1;
      return;
    case EVENTS.SpanCached.tag: {
      const span = m.spans.get(event.arg(1));
      if (span !== undefined) ledger.heapLive += unusedBytes(span);
      tellScan(m);
      return;
    }
    case EVENTS.McacheFlushed.tag:
      tellScan(m);
      return;
    case EVENTS.SpanUncached.tag: {
      const span = m.mcache.get(`${event.arg(0)}/${event.arg(1)}`);
      if (span === undefined) return;
      if (!span.needsSweep) ledger.heapLive -= freeBytes(span);
      ledger.toldAlloc += span.untold * span.slotBytes;
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
      ledger.freesOf[span.spanClass >> 1] += freed;
      ledger.totalFree += freed * span.slotBytes;
      return;
    }
    default:
      foldCycle(ledger, event);
  }
}

/** Scannable bytes reach heapScan at a refill or flush, and not at all while marking. */
function tellScan({ ledger, marking }: Model): void {
  if (!marking) ledger.heapScan += ledger.scanAlloc;
  ledger.scanAlloc = 0;
}

function mark(ledger: Ledger, span: ModelSpan, slots: readonly number[]): void {
  ledger.freshMarks = slots.filter((slot) => !span.marks.has(slot)).length;
  ledger.bytesMarked += ledger.freshMarks * span.slotBytes;
}

function foldCycle(ledger: Ledger, event: StreamEvent): void {
  switch (event.tag) {
    case EVENTS.GCStarted.tag:
      ledger.bytesMarked = 0;
      ledger.trigger = event.arg(1);
      ledger.heapScanWork = 0;
      ledger.stackScanWork = 0;
      ledger.globalsScanWork = 0;
      return;
    case EVENTS.MarkAdvanced.tag:
      ledger.heapScanWork += event.arg(0);
      ledger.stackScanWork += event.arg(1);
      ledger.globalsScanWork += event.arg(2);
      return;
    case EVENTS.FinalizersScanned.tag:
      ledger.bytesMarked += event.arg(0);
      return;
    case EVENTS.GCMarkTerminated.tag:
      ledger.heapLive = ledger.bytesMarked;
      ledger.heapMarked = ledger.bytesMarked;
      ledger.heapScan = ledger.heapScanWork;
      ledger.scanAlloc = 0;
      ledger.cycles += 1;
      if (ledger.trigger === 1) ledger.forced += 1;
      return;
    default:
      return;
  }
}
