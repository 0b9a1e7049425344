/**
 * The pacer, recomputed: every goal, trigger, runway and ratio that an event states is what the
 * documented formulas (`model/pacing.ts`) make of the figures before it.
 *
 * 1. `PacerCommitted` to the byte: goal, trigger, runway. `GCStarted` and `GCMarkTerminated` state the goal
 *    in force. With a memory limit that takes memory beside the heap into account, which events tell only
 *    where the configuration fixes it; elsewhere the goal is at most GOGC's and the trigger at most it.
 * 2. `MarkPaced`: the scannable heap, the first assist ratio. `MarkMeasured` and cons/mark: from what was
 *    allocated and scanned while marking, and the CPU time that took. Both come when they are due.
 * 3. A cycle that the heap triggers begins with heapLive at the trigger or above, and one begins when an
 *    allocation that took a new span has brought heapLive there; a periodic one only, and at once, when
 *    two minutes have passed without any.
 *
 * It does not see assist ratios after the first of a cycle; what they charge is for `assists.ts`.
 */
import { EVENTS, specOfTag } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type Memory, PacingRule } from '../model/pacing.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'pacer';
const BY_HEAP = 0;
const PERIODIC = 2;
const PERIOD_NS = 120e9;
/** Stands for every larger goal. */
const LARGEST = Number.MAX_SAFE_INTEGER;
/** Configured memory beside the heap that is surely all there is. */
const AMPLE = 1024 * 1024;
/** Goals above 2^53 are not exact. */
const CLOSE = 1e-9;

class PacerRules implements Checker {
  readonly name: string = NAME;
  readonly #rule = new PacingRule();
  #primed = false;
  /** Stack bytes by goroutine, and all together. */
  readonly #stacks = new Map<number, number>();
  #stackBytes = 0;
  #refilled = false;
  /** A cycle has to begin before the program does anything. */
  #due = false;
  #measured = false;
  /** GOGC was off when the program last computed. */
  #wasOff = false;
  /** A commit follows; nothing has changed when the limit was the same before. */
  #recommit = true;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.GCStarted.tag) this.#started(event, m);
    else if (this.#due && specOfTag(tag)?.role === 'mutator') {
      this.#fail(event, 'the heap has reached the trigger and no cycle has begun');
    }
    if (tag === EVENTS.MarkMeasured.tag) this.#measure(event, m);
    else if (tag === EVENTS.GCMarkTerminated.tag) this.#terminated(event, m);
    else if (tag === EVENTS.PacerCommitted.tag) this.#committed(event, m);
    else if (tag === EVENTS.MarkPaced.tag) this.#paced(event, m);
    else if (tag === EVENTS.MutatorRan.tag) this.#testPeriod(event, m);
  }

  after(event: StreamEvent, m: Model): void {
    const rule = this.#rule;
    switch (event.tag) {
      case EVENTS.RunStarted.tag:
        rule.gcPercent = m.config?.gcPercent ?? 100;
        rule.limit = m.config?.memoryLimit ?? 0;
        rule.globals = m.config?.globalsBytes ?? 0;
        this.#stackBytes = m.config?.stackBytes ?? 0;
        return;
      case EVENTS.GCPercentSet.tag:
        if (rule.gcPercent < 0) this.#wasOff = true;
        rule.gcPercent = event.arg(0);
        this.#recommit = true;
        return;
      case EVENTS.MemoryLimitSet.tag:
        this.#recommit = rule.limit !== event.arg(0);
        rule.limit = event.arg(0);
        return;
      case EVENTS.PacerPrimed.tag:
        rule.heapMarked = event.arg(0);
        this.#primed = true;
        this.#recommit = true;
        return;
      case EVENTS.SpanCached.tag:
        this.#refilled = true;
        return;
      case EVENTS.SpanAllocated.tag:
        this.#refilled ||= event.arg(2) < 2;
        return;
      case EVENTS.ObjectAllocated.tag:
        this.#due = this.#refilled && !m.marking && m.ledger.heapLive >= this.#surelyDueAt(m);
        this.#refilled = false;
        return;
      default:
        this.#foldStacks(event, m);
    }
  }

  #foldStacks(event: StreamEvent, m: Model): void {
    if (event.tag === EVENTS.StackPlaced.tag) {
      if (this.#stacks.size === 0) this.#stackBytes = 0;
      this.#stackBytes += event.arg(3) - (this.#stacks.get(event.arg(0)) ?? 0);
      this.#stacks.set(event.arg(0), event.arg(3));
    } else if (event.tag === EVENTS.GoroutineExited.tag) {
      this.#stackBytes -= this.#stacks.get(event.arg(0)) ?? 0;
      this.#stacks.delete(event.arg(0));
    } else if (event.tag === EVENTS.GCMarkTerminated.tag) {
      const { ledger } = m;
      this.#rule.heapMarked = ledger.heapMarked;
      this.#rule.heapScan = ledger.heapScanWork;
      this.#rule.stackScan = ledger.stackScanWork;
      this.#rule.triggered = null;
      this.#primed = false;
      this.#recommit = true;
    }
  }

  /** Memory as the limit sees it; null where events do not tell. Without a limit nothing counts. */
  #memory({ config, pages, ledger }: Model): Memory | null {
    const beside = config?.nonHeapBytes ?? 0;
    if (this.#rule.limit === 0) return { mapped: 0, free: 0, objects: 0 };
    if (beside < AMPLE) return null;
    const mapped = (pages.retained + pages.stacks) * PAGE_BYTES + beside;
    const objects = ledger.toldAlloc - ledger.totalFree;
    return { mapped, free: pages.free * PAGE_BYTES, objects };
  }

  #surelyDueAt(m: Model): number {
    const memory = this.#memory(m);
    return memory === null ? Number.POSITIVE_INFINITY : this.#rule.trigger(memory);
  }

  #started(event: StreamEvent, m: Model): void {
    const [trigger, heapLive, goal] = [event.arg(1), event.arg(2), event.arg(3)];
    this.#due = false;
    this.#measured = false;
    const memory = this.#memory(m);
    if (memory !== null) {
      this.#same(event, 'the goal', goal, Math.min(LARGEST, this.#rule.goal(memory)));
      const least = this.#rule.trigger(memory);
      if (trigger === BY_HEAP && heapLive < least) this.#fail(event, `the trigger is ${least}`);
    }
    if (trigger === PERIODIC && !this.#periodIsOver(m)) {
      this.#fail(event, 'two minutes are not over');
    }
    this.#rule.triggered = heapLive;
  }

  #periodIsOver({ times, ledger, marking }: Model): boolean {
    if (marking || ledger.cycles === 0 || this.#rule.gcPercent < 0) return false;
    return times.nowNs - (times.ends.at(-1) ?? 0) > PERIOD_NS;
  }

  /** Whenever the program has computed for a while, the period has been looked at, but while GOGC was off. */
  #testPeriod(event: StreamEvent, m: Model): void {
    const wasOff = this.#wasOff;
    this.#wasOff = false;
    if (!wasOff && this.#periodIsOver(m))
      this.#fail(event, 'two minutes are over and no cycle has begun');
  }

  #paced(event: StreamEvent, m: Model): void {
    const rule = this.#rule;
    const [ratio, heapScan, heapLive, goal] = [0, 1, 2, 3].map((i) => event.arg(i));
    this.#same(event, 'heapLive', heapLive, rule.triggered ?? 0);
    if (!this.#primed) this.#same(event, 'the scannable heap', heapScan, m.ledger.heapScan);
    const memory = this.#memory(m);
    if (memory === null) return;
    const aim = rule.goal(memory);
    this.#same(event, 'the goal', goal, Math.min(LARGEST, aim));
    const first = rule.firstAssistRatio(aim, heapScan + this.#stackBytes + rule.globals);
    if (aim <= LARGEST) this.#same(event, 'the assist ratio', ratio, first);
    else if (Math.abs(ratio - first) > first * CLOSE) this.#same(event, 'the ratio', ratio, first);
  }

  /** Shares of the CPU that marking took in the cycle that ends. */
  #shares({ times, procs }: Model): readonly [counted: number, idle: number] {
    const cpuNs = (times.nowNs - times.markStartNs) * procs;
    if (cpuNs === 0) return [0.25, 0];
    return [0.25 + times.assistNs / cpuNs, times.idleNs / cpuNs];
  }

  #measure(event: StreamEvent, m: Model): void {
    const rule = this.#rule;
    const { heapLive, heapScanWork, stackScanWork, globalsScanWork } = m.ledger;
    const [share, idleShare] = this.#shares(m);
    this.#measured = true;
    this.#same(event, 'the share of the CPU', event.arg(0), share);
    this.#same(event, 'the work expected', event.arg(1), rule.expected);
    this.#same(event, 'cons/mark', event.arg(2), rule.consMark);
    const scanned = heapScanWork + stackScanWork + globalsScanWork;
    rule.measure(heapLive - (rule.triggered ?? 0), scanned, share, idleShare);
  }

  #terminated(event: StreamEvent, m: Model): void {
    const rule = this.#rule;
    const grown = m.ledger.heapLive > (rule.triggered ?? 0);
    if (grown !== this.#measured) this.#fail(event, `${grown ? 'no' : 'a'} measured cycle`);
    this.#same(event, 'cons/mark', event.arg(5), rule.consMark);
    const memory = this.#memory(m);
    if (memory === null) return;
    this.#same(event, 'the goal', event.arg(3), Math.min(LARGEST, rule.goal(memory)));
  }

  #committed(event: StreamEvent, m: Model): void {
    const rule = this.#rule;
    const [goal, trigger, runway] = [event.arg(0), event.arg(1), event.arg(2)];
    if (this.#recommit) rule.commit(m.ledger.heapLive, !m.sweeping);
    this.#same(event, 'the runway', runway, Math.min(LARGEST, rule.runway));
    const memory = this.#memory(m);
    if (memory === null) {
      const most = rule.goal({ mapped: 0, free: 0, objects: 0 });
      if (goal > most) this.#fail(event, `by GOGC the goal is ${most}`);
    } else {
      this.#same(event, 'the goal', goal, Math.min(LARGEST, rule.goal(memory)));
      this.#same(event, 'the trigger', trigger, Math.min(LARGEST, rule.trigger(memory)));
    }
    if (trigger > goal) this.#fail(event, `the trigger ${trigger} is above the goal ${goal}`);
    if (trigger < Math.min(rule.heapMarked, goal)) {
      this.#fail(event, `the trigger ${trigger} is below the marked heap ${rule.heapMarked}`);
    }
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said !== found) this.#fail(event, `${what} is said to be ${said}, by the rules ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const pacer = (): Checker => new PacerRules();
