/**
 * The order of events in a cycle, and what Go's sweepgen is there for.
 *
 * 1. Cycles are numbered in turn. One begins only when the last one's sweep is over; marks, workers,
 *    barrier flushes and scan work come only between `GCStarted` and `GCMarkTerminated`.
 * 2. Marking ends only after a ragged barrier at which no P had anything, and one that the world's stop
 *    found to be true (`MarkRestarted` asks for another).
 * 3. A span in use when marking ends is swept exactly once before `SweepFinished`, a younger one never.
 * 4. A span in want of a sweep is neither cached nor allocated from. Mcaches are empty of such spans
 *    before the program goes on.
 * 5. `runtime.GC()` returns when everything is swept, or when another cycle has begun meanwhile. Objects
 *    move only then.
 * 6. Pools are emptied once before each cycle, if there are any, and at no other time.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'phases';
const FORCED = 1;

const MARK_ONLY: ReadonlySet<number> = new Set(
  (
    [
      'ObjectGreyed',
      'ObjectBlackened',
      'SpanMarked',
      'MarkAdvanced',
      'MarkWorkerStarted',
      'MarkWorkerStopped',
      'BarrierFlushed',
      'RaggedBarrierPassed',
      'MarkRestarted',
      'FinalizersScanned',
    ] as const
  ).map((name) => EVENTS[name].tag),
);

const FORCES: ReadonlySet<number> = new Set(
  (['GCRequested', 'GCCalled', 'FreeOSMemoryRequested'] as const).map((name) => EVENTS[name].tag),
);

class Phases implements Checker {
  readonly name: string = NAME;
  #cycle = 0;
  /** The last cycle that `runtime.GC()` made. */
  #forced = 0;
  /** The last ragged barrier found nothing. */
  #quiet = false;
  #asked = false;
  #poolsCleaned = false;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (MARK_ONLY.has(tag) && !m.marking) this.#fail(event, 'marking goes on outside a mark phase');
    if (FORCES.has(tag)) this.#asked = true;
    switch (tag) {
      case EVENTS.PoolsCleaned.tag:
        if (m.marking || m.sweeping || this.#poolsCleaned) this.#fail(event, 'no cycle begins');
        this.#poolsCleaned = true;
        return;
      case EVENTS.GCStarted.tag:
        this.#started(event, m);
        return;
      case EVENTS.RaggedBarrierPassed.tag:
        this.#quiet = event.arg(0) === 0;
        return;
      case EVENTS.MarkRestarted.tag:
        this.#quiet = false;
        return;
      case EVENTS.GCMarkTerminated.tag:
        if (!m.marking) this.#fail(event, 'marking ends without having begun');
        if (event.arg(0) !== this.#cycle) this.#fail(event, `cycle ${this.#cycle} was running`);
        if (!this.#quiet) this.#fail(event, 'marking ends without a quiet ragged barrier');
        return;
      default:
        this.#beforeSpans(event, m);
    }
  }

  #started(event: StreamEvent, m: Model): void {
    if (m.marking) this.#fail(event, 'a cycle begins while another marks');
    if (m.sweeping) this.#fail(event, 'a cycle begins before the last sweep is over');
    this.#cycle += 1;
    if (this.#poolsCleaned !== m.pools.length > 0) this.#fail(event, 'pools are not emptied');
    this.#poolsCleaned = false;
    if (event.arg(0) !== this.#cycle) this.#fail(event, `this is cycle ${this.#cycle}`);
    if (event.arg(1) === FORCED && !this.#asked) this.#fail(event, 'nobody asked for this cycle');
    this.#quiet = false;
    if (event.arg(1) !== FORCED) return;
    this.#asked = false;
    this.#forced = this.#cycle;
  }

  #beforeSpans(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.SpanSwept.tag) {
      const span = m.spans.get(event.arg(0));
      if (m.marking || !m.sweeping) this.#fail(event, 'a span is swept outside a sweep');
      if (span?.needsSweep !== true) this.#fail(event, 'the span does not want a sweep');
      if (span.cachedBy >= 0) this.#fail(event, 'a span is swept inside an mcache');
    } else if (tag === EVENTS.SpanCached.tag) {
      const span = m.spans.get(event.arg(1));
      if (span === undefined || span.needsSweep) this.#fail(event, 'a span is cached unswept');
    } else if (tag === EVENTS.ObjectAllocated.tag) {
      const site = m.sites[event.arg(0) - 1];
      const span = site === undefined ? undefined : m.spanFor(site);
      if (span?.needsSweep === true) this.#fail(event, 'an unswept span is allocated from');
    } else if (tag === EVENTS.SweepFinished.tag) {
      if (!m.sweeping) this.#fail(event, 'a sweep ends that had not begun');
      this.#expectSwept(event, m);
    } else if (tag === EVENTS.GCReturned.tag || tag === EVENTS.HeapCompacted.tag) {
      if (tag === EVENTS.GCReturned.tag && this.#cycle > this.#forced) return;
      if (m.marking || m.sweeping) this.#fail(event, 'the cycle is not over');
      this.#expectSwept(event, m);
    }
  }

  #expectSwept(event: StreamEvent, m: Model): void {
    for (const span of m.spans.values()) {
      if (span.needsSweep) this.#fail(event, `the span at page ${span.page} is not swept`);
    }
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const phases = (): Checker => new Phases();
