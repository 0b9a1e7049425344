/**
 * Bounds of the pacer, from the documented rule and not from its code.
 *
 * 1. Without a memory limit the goal is at least what GOGC says: the marked heap plus GOGC percent of
 *    marked heap, scanned stacks and globals, never below 4 MiB times GOGC/100. It is above that only to
 *    leave room to sweep (1 MiB above heapLive) or a running cycle 64 KiB past its start.
 * 2. With one the goal is at most that.
 * 3. The trigger is between the marked heap and the goal; where the marked heap is past the goal it
 *    is the goal.
 * 4. A cycle that the heap triggers begins with heapLive at the trigger or above, and one begins when an
 *    allocation that took a new span has brought heapLive there.
 */
import { EVENTS, specOfTag } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'pacer';
const HEAP_MINIMUM = 4 * 1024 * 1024;
const SWEEP_ROOM = 1024 * 1024;
const RUNWAY = 64 * 1024;
const BY_HEAP = 0;

class PacerBounds implements Checker {
  readonly name: string = NAME;
  #gcPercent = 100;
  #memoryLimit = 0;
  #heapMarked = 0;
  #rootsScan = 0;
  #cycleRoots = 0;
  #triggered = 0;
  #trigger = Number.POSITIVE_INFINITY;
  #refilled = false;
  /** A cycle has to begin before the program does anything. */
  #due = false;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.GCStarted.tag) this.#started(event);
    else if (this.#due && specOfTag(tag)?.role === 'mutator') {
      this.#fail(event, 'the heap has reached the trigger and no cycle has begun');
    }
    if (tag === EVENTS.GCMarkTerminated.tag) {
      this.#heapMarked = event.arg(2);
      this.#rootsScan = this.#cycleRoots;
      this.#triggered = 0;
    } else if (tag === EVENTS.MarkAdvanced.tag) {
      this.#cycleRoots += event.arg(1) + event.arg(2);
    } else if (tag === EVENTS.PacerCommitted.tag) this.#committed(event, m);
  }

  after(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.RunStarted.tag:
        this.#gcPercent = m.config?.gcPercent ?? 100;
        this.#memoryLimit = m.config?.memoryLimit ?? 0;
        // No stack has been scanned before the first cycle.
        this.#rootsScan = m.config?.globalsBytes ?? 0;
        return;
      case EVENTS.GCPercentSet.tag:
        this.#gcPercent = event.arg(0);
        return;
      case EVENTS.MemoryLimitSet.tag:
        this.#memoryLimit = event.arg(0);
        return;
      case EVENTS.PacerPrimed.tag:
        this.#heapMarked = event.arg(0);
        return;
      case EVENTS.SpanCached.tag:
        this.#refilled = true;
        return;
      case EVENTS.SpanAllocated.tag:
        this.#refilled ||= event.arg(2) < 2;
        return;
      case EVENTS.ObjectAllocated.tag:
        // Under a limit the trigger moves with every figure of memory.
        this.#due =
          this.#refilled &&
          !m.marking &&
          this.#memoryLimit === 0 &&
          m.ledger.heapLive >= this.#trigger;
        this.#refilled = false;
        return;
      default:
        return;
    }
  }

  #started(event: StreamEvent): void {
    this.#due = false;
    this.#cycleRoots = 0;
    this.#triggered = event.arg(2);
    if (event.arg(1) !== BY_HEAP || this.#memoryLimit !== 0) return;
    if (event.arg(2) < this.#trigger) this.#fail(event, `the trigger is ${this.#trigger}`);
  }

  #committed(event: StreamEvent, m: Model): void {
    const [goal, trigger] = [event.arg(0), event.arg(1)];
    this.#trigger = trigger;
    const marked = this.#heapMarked;
    if (this.#gcPercent >= 0) {
      const grown = Math.floor(((marked + this.#rootsScan) * this.#gcPercent) / 100);
      const least = Math.floor((HEAP_MINIMUM * this.#gcPercent) / 100);
      const rule = Math.max(marked + grown, least);
      const room = Math.max(m.ledger.heapLive + SWEEP_ROOM, this.#triggered + RUNWAY);
      if (this.#memoryLimit === 0 && goal < rule) this.#fail(event, `by GOGC it is ${rule}`);
      if (goal > Math.max(rule, room)) this.#fail(event, `by GOGC it is ${rule} at most ${room}`);
    }
    if (trigger > goal) this.#fail(event, `the trigger ${trigger} is above the goal ${goal}`);
    if (trigger < Math.min(marked, goal)) {
      this.#fail(event, `the trigger ${trigger} is below the marked heap ${marked}`);
    }
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const pacer = (): Checker => new PacerBounds();
