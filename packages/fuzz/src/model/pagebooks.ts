/**
 * Pages of the heap as the events tell of them, in pages of 8 KiB: in use by spans of objects and of
 * stacks, returned to the system, and the rest, which is free and backed.
 */
import { EVENTS } from '@heaptape/schema';
import type { StreamEvent } from '../stream.ts';
import type { Model } from './model.ts';

/** `SpanSwept.fate`: the span's pages are free. */
export const FATE_FREED = 2;

export class PageBooks {
  heap = 0;
  inUse = 0;
  stacks = 0;
  released = 0;
  /** Swept in the sweep that runs, or in the last one. */
  swept = 0;
  /** In use by spans of objects when marking last ended. */
  inUseAtMarkEnd = 0;
  /** No goroutine was ever started: the configuration says what stacks take. */
  stacksAreGiven = true;
  /** Spans of stacks: first page to pages. */
  readonly stackSpans: Map<number, number> = new Map();

  /** Free and backed. */
  get free(): number {
    return this.heap - this.inUse - this.stacks - this.released;
  }

  /** In use by spans of objects, or free and backed. */
  get retained(): number {
    return this.inUse + this.free;
  }

  /** To be called before the model folds the event. */
  fold(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.HeapGrown.tag:
        this.heap += event.arg(0);
        this.released += event.arg(0);
        return;
      case EVENTS.SpanAllocated.tag:
        this.inUse += event.arg(1);
        this.released -= event.arg(3);
        return;
      case EVENTS.SpanSwept.tag: {
        const npages = m.spans.get(event.arg(0))?.npages ?? 0;
        this.swept += npages;
        if (event.arg(2) === FATE_FREED) this.inUse -= npages;
        return;
      }
      case EVENTS.GCMarkTerminated.tag:
        this.swept = 0;
        this.inUseAtMarkEnd = this.inUse;
        return;
      case EVENTS.Scavenged.tag:
        this.released += event.arg(1);
        return;
      default:
        this.#foldStacks(event);
    }
  }

  #foldStacks(event: StreamEvent): void {
    switch (event.tag) {
      case EVENTS.StackSpanAllocated.tag:
        this.stackSpans.set(event.arg(0), event.arg(1));
        this.stacks += event.arg(1);
        this.released -= event.arg(3);
        return;
      case EVENTS.GoroutineStarted.tag:
        this.stacksAreGiven = false;
        return;
      case EVENTS.StackSpanFreed.tag:
        this.stacks -= this.stackSpans.get(event.arg(0)) ?? 0;
        this.stackSpans.delete(event.arg(0));
        return;
      default:
        return;
    }
  }
}
