/**
 * The scavenger: memory goes back only for a reason, at its pace, and is all told.
 *
 * 1. Every `Scavenged` belongs to one of three: the background scavenger (`ScavengeWorked` follows with its
 *    time), an allocation (the same, just before its span), or debug.FreeOSMemory (`ScavengeMeasured`).
 *    The time of the first two is the cost model's price of the pages.
 * 2. The background scavenger goes on only while more is retained than the last goal needs and a tenth, or
 *    more is mapped than 95 % of the memory limit. It works a millisecond at most, then sleeps as the
 *    controller says that aims at 1 % of the CPU; only the end of a sweep or the start of a cycle wakes it
 *    sooner.
 * 3. An allocation makes room only for the limit, or when the heap has just grown past the goal.
 * 4. `ScavengeMeasured` states what was returned since the last time and how full what is left is. After
 *    debug.FreeOSMemory what came free since the clock last moved is back. Other free pages may stay, as in
 *    Go: a background search from below them closes their chunk until pages of it come free again.
 *
 * What is mapped beside the heap events tell only where the configuration fixes it; elsewhere any memory
 * limit is taken for a reason. Which pages are chosen is not checked, but that they are free is
 * (`allocator.ts`).
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';
import { SleepController } from './sleepcontroller.ts';

const NAME = 'scavenging';
const STRETCH_NS = 1e6;
const QUANTUM = 8;
/** A step may take a whole huge page where it would break it up. */
const HUGE = 256;
const PHYSICAL_PAGE = 4096;
const AMPLE = 1024 * 1024;

class Scavenging implements Checker {
  readonly name: string = NAME;
  readonly #sleep = new SleepController();
  #goal = Number.POSITIVE_INFINITY;
  #limit = 0;
  #limitGoal = Number.POSITIVE_INFINITY;
  #lastHeapGoal = 0;
  #asked = false;
  #grown = false;
  #ticked = false;
  /** Pages of the stretch that is going on, those of its last step, and memory as each step began. */
  #pages = 0;
  #inStep = 0;
  #steps: { retained: number; mapped: number | null }[] = [];
  #background = 0;
  #eager = 0;
  /** Pages that were free when the clock last moved, and how many are since then. */
  #freeBefore = 0;
  #fresh = 0;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (this.#ticked && tag !== EVENTS.Scavenged.tag) this.#idle(m);
    this.#ticked = false;
    switch (tag) {
      case EVENTS.Scavenged.tag:
        this.#scavenged(event, m);
        return;
      case EVENTS.ClockAdvanced.tag:
        // Woken since the clock last moved, it goes first.
        this.#idle(m);
        return;
      case EVENTS.ScavengeWorked.tag:
        if (event.arg(1) > 0) this.#made(event, m);
        else this.#worked(event, m);
        return;
      case EVENTS.ScavengeMeasured.tag:
        this.#measured(event, m);
        return;
      case EVENTS.FreeOSMemoryRequested.tag:
        this.#asked = true;
        return;
      case EVENTS.HeapGrown.tag:
        this.#grown = true;
        return;
      default:
        this.#beforeRest(event, m);
    }
  }

  #beforeRest(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (this.#pages > 0) this.#fail(event, `${this.#pages} pages went back and nobody says why`);
    if (tag === EVENTS.GCStarted.tag) {
      // Woken before the pause.
      this.#sleep.wake(m.times.nowNs);
    } else if (tag === EVENTS.PacerCommitted.tag) this.#pace(event.arg(0), m);
    else if (tag === EVENTS.SpanAllocated.tag || tag === EVENTS.StackSpanAllocated.tag) {
      this.#grown = false;
    } else if (tag === EVENTS.MemoryLimitSet.tag) this.#limit = event.arg(0);
    else if (tag === EVENTS.GCMarkTerminated.tag) this.#lastHeapGoal = event.arg(3);
  }

  after(event: StreamEvent, m: Model): void {
    this.#ticked = event.tag === EVENTS.ClockAdvanced.tag;
    if (event.tag === EVENTS.ClockAdvanced.tag) this.#freeBefore = m.pages.free;
    this.#fresh = m.pages.free + this.#pages - this.#freeBefore;
    if (event.tag === EVENTS.RunStarted.tag) this.#limit = m.config?.memoryLimit ?? 0;
  }

  /** If its time has come and it has returned nothing, there was nothing to do. */
  #idle({ times, procs }: Model): void {
    if (times.nowNs >= this.#sleep.wakesNs) this.#sleep.idled(times.nowNs, procs);
  }

  #scavenged(event: StreamEvent, m: Model): void {
    const npages = event.arg(1);
    if (this.#inStep === 0) {
      this.#steps.push({ retained: m.pages.retained * PAGE_BYTES, mapped: this.#mapped(m) });
    }
    this.#inStep = this.#inStep + npages >= QUANTUM ? 0 : this.#inStep + npages;
    this.#pages += npages;
  }

  /** What counts against the limit; null where events do not tell. */
  #mapped({ config, pages }: Model): number | null {
    const beside = config?.nonHeapBytes ?? 0;
    return beside < AMPLE ? null : (pages.retained + pages.stacks) * PAGE_BYTES + beside;
  }

  #pace(heapGoal: number, m: Model): void {
    const share = Math.trunc(this.#limit * 0.95);
    const mapped = this.#mapped(m);
    const near = this.#limit > 0 && (mapped === null || mapped > share);
    this.#limitGoal = near ? share : Number.POSITIVE_INFINITY;
    this.#goal = Number.POSITIVE_INFINITY;
    if (this.#lastHeapGoal === 0) return;
    const inUse = m.pages.inUseAtMarkEnd * PAGE_BYTES;
    const base = Math.trunc(inUse * (heapGoal / this.#lastHeapGoal));
    const goal = Math.ceil((base + Math.floor(base / 10)) / PHYSICAL_PAGE) * PHYSICAL_PAGE;
    if (m.pages.retained * PAGE_BYTES >= goal + PHYSICAL_PAGE) this.#goal = goal;
  }

  #take(): { retained: number; mapped: number | null }[] {
    const steps = this.#steps;
    this.#steps = [];
    this.#pages = 0;
    this.#inStep = 0;
    return steps;
  }

  #worked(event: StreamEvent, m: Model): void {
    const perPage = m.config?.costs.scavengeNsPerPage ?? 0;
    const pages = this.#pages;
    const { nowNs } = m.times;
    const ns = Math.max(1, Math.floor(pages * perPage));
    if (pages === 0 || event.arg(0) !== ns) {
      this.#fail(event, `the background scavenger returned ${pages} pages, which takes ${ns} ns`);
    }
    if ((pages - QUANTUM - HUGE) * perPage > STRETCH_NS) {
      this.#fail(event, `it returned ${pages} pages at a stretch`);
    }
    for (const { retained, mapped } of this.#take()) {
      const limited = mapped === null ? this.#limitGoal < Infinity : mapped > this.#limitGoal;
      if (retained > this.#goal || limited) continue;
      this.#fail(event, `${retained} bytes are retained, the goal is ${this.#goal}`);
    }
    if (nowNs < this.#sleep.wakesNs) {
      this.#fail(event, `the background scavenger sleeps until ${this.#sleep.wakesNs}`);
    }
    this.#sleep.worked(nowNs, ns, m.procs);
    this.#background += pages * PAGE_BYTES;
  }

  #made(event: StreamEvent, m: Model): void {
    const pages = this.#pages;
    const ns = Math.floor(pages * (m.config?.costs.scavengeNsPerPage ?? 0));
    if (event.arg(0) !== 0 || event.arg(1) !== ns)
      this.#fail(event, `${pages} pages take ${ns} ns`);
    const grown = this.#grown && this.#goal < Infinity;
    if (!grown && this.#limit === 0) this.#fail(event, 'an allocation makes room for no reason');
    this.#take();
    this.#eager += pages * PAGE_BYTES;
  }

  #measured(event: StreamEvent, m: Model): void {
    const why = event.arg(4);
    const forced = why === 1;
    const { pages } = m;
    if (forced) {
      if (!this.#asked) this.#fail(event, 'nobody asked for memory to be freed');
      if (this.#pages < this.#fresh)
        this.#fail(event, `of ${this.#fresh} pages that just came free ${this.#pages} went back`);
      this.#asked = false;
    } else if (this.#pages > 0)
      this.#fail(event, `${this.#pages} pages went back, nobody says why`);
    this.#same(event, 'background', event.arg(0), forced ? 0 : this.#background);
    this.#same(event, 'eager', event.arg(1), forced ? this.#pages * PAGE_BYTES : this.#eager);
    this.#same(event, 'released', event.arg(2), pages.released * PAGE_BYTES);
    const percent = pages.retained === 0 ? 0 : Math.floor((pages.inUse * 100) / pages.retained);
    this.#same(event, 'utilization', event.arg(3), percent);
    this.#take();
    if (forced) return;
    this.#same(
      event,
      'the controller’s failure',
      Number(why === 2),
      Number(this.#sleep.takeFailure()),
    );
    this.#background = 0;
    this.#eager = 0;
    this.#sleep.wake(m.times.nowNs);
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said !== found) this.#fail(event, `${what}: said to be ${said}, by the rules ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const scavenging = (): Checker => new Scavenging();
