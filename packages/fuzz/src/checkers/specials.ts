/**
 * Finalizers, cleanups and weak pointers: once, in order, and only of what is dead.
 *
 * 1. A special is queued or cleared once, while it is attached, and only when its object can be reached
 *    neither from roots nor from other calls and specials: dependency order, for another object's
 *    finalizer keeps what that object points to.
 * 2. The finalizer that starts was queued last of those taken together. Each runs once, one at a time.
 * 3. A cleanup is queued only of an object without a finalizer, runs once, and its argument is there.
 * 4. When an object's finalizer is queued its weak handles go nil in the same sweep: by the time
 *    that its span is swept none leads to it. A load gives the object until then and nil from then on.
 * 5. What is freed has no special left.
 * 6. A finalizer whose object nothing keeps when a cycle begins is queued by the end of that cycle's
 *    sweep, unless it was taken off or a weak load or another finalizer brought the object back.
 * 7. A cleanup that is queued waits in a block of its P until that has 20 or the sweep ends; only then
 *    may it run. None waits in a block of a P after the sweep.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { keptBy, reachFrom } from '../model/reach.ts';
import type { ModelObject } from '../model/span.ts';
import type { ModelSpecial, SpecialKind } from '../model/specials.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';
import { CleanupQueue } from './cleanupqueue.ts';

const NAME = 'specials';

/** Finalizers of objects that nothing keeps; the newest object may still be in a register. */
function dueFinalizers(m: Model): Set<ModelSpecial> {
  const due = new Set<ModelSpecial>();
  for (const special of m.specials.live) {
    if (special.kind === 'finalizer' && special.state === 'attached') due.add(special);
  }
  if (due.size === 0) return due;
  const kept = keptBy(m);
  const newest = reachFrom(m, [m.nextOrdinal - 1]);
  for (const special of due) {
    if (kept.has(special.object) || newest.has(special.object)) due.delete(special);
  }
  return due;
}

class SpecialRules implements Checker {
  readonly name: string = NAME;
  /** Finalizers queued and not taken, and taken; the last of them is next. */
  #queued: number[] = [];
  #taken: number[] = [];
  readonly #started = new Set<number>();
  /** Objects whose finalizer this sweep has queued. */
  readonly #revived = new Set<number>();
  /** Finalizers that the running cycle has to queue. */
  #due = new Set<ModelSpecial>();
  readonly #cleanups = new CleanupQueue();

  before(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.FinalizerQueued.tag:
        this.#dies(event, m, 'finalizer');
        this.#queued.push(event.arg(0));
        return;
      case EVENTS.CleanupQueued.tag:
        this.#dies(event, m, 'cleanup');
        this.#cleanups.queue(event, m.p);
        return;
      case EVENTS.WeakCleared.tag:
        this.#dies(event, m, 'weak');
        return;
      case EVENTS.FinalizerStarted.tag:
        this.#finalizerStarts(event, m);
        return;
      case EVENTS.CleanupStarted.tag:
        this.#starts(event, m, event.arg(1), 'cleanup');
        this.#cleanups.start(event);
        return;
      case EVENTS.WeakLoaded.tag:
        this.#loads(event, m);
        return;
      case EVENTS.SpanSwept.tag:
        this.#sweeps(event, m);
        return;
      case EVENTS.GCStarted.tag:
        this.#due = dueFinalizers(m);
        return;
      default:
        this.#cleanups.fold(event);
    }
  }

  after(event: StreamEvent, m: Model): void {
    if (event.tag === EVENTS.WeakLoaded.tag) this.#pardon(m, event.arg(1));
    else if (event.tag === EVENTS.FinalizerStarted.tag) {
      this.#pardon(m, m.specials.all.get(event.arg(0))?.object ?? 0);
    } else if (event.tag === EVENTS.SweepFinished.tag) {
      for (const { number, object, state } of this.#due) {
        if (state !== 'attached') continue;
        this.#fail(event, `finalizer ${number} of object #${object} has not been queued`);
      }
      this.#due.clear();
    }
  }

  /** The program has this object again, and all that it leads to. */
  #pardon(m: Model, ordinal: number): void {
    if (this.#due.size === 0 || ordinal === 0) return;
    const back = reachFrom(m, [ordinal]);
    for (const special of this.#due) if (back.has(special.object)) this.#due.delete(special);
  }

  #special(event: StreamEvent, m: Model, number: number, kind: SpecialKind): ModelSpecial {
    const special = m.specials.all.get(number);
    if (special?.kind === kind) return special;
    return this.#fail(event, `special ${number} is no ${kind}`);
  }

  #dies(event: StreamEvent, m: Model, kind: SpecialKind): void {
    const special = this.#special(event, m, event.arg(0), kind);
    const { number, object, state } = special;
    if (state !== 'attached') this.#fail(event, `${kind} ${number} is ${state}`);
    if (keptBy(m, object).has(object)) {
      this.#fail(event, `${kind} ${number}: object #${object} is reachable`);
    }
    if (kind === 'finalizer') this.#revived.add(object);
    if (kind !== 'cleanup') return;
    if (m.specials.of(object).some((other) => other.kind === 'finalizer')) {
      this.#fail(event, `cleanup ${number}: object #${object} still has a finalizer`);
    }
  }

  #starts(event: StreamEvent, m: Model, number: number, kind: SpecialKind): void {
    const special = this.#special(event, m, number, kind);
    if (this.#started.has(number)) this.#fail(event, `${kind} ${number} runs twice`);
    if (special.state !== 'queued') this.#fail(event, `${kind} ${number} is ${special.state}`);
    this.#started.add(number);
    for (const kept of special.keeps) {
      if (kept !== 0 && !m.objects.has(kept)) this.#fail(event, `object #${kept} is gone`);
    }
  }

  #finalizerStarts(event: StreamEvent, m: Model): void {
    const number = event.arg(0);
    this.#starts(event, m, number, 'finalizer');
    if (m.specials.running !== 0) this.#fail(event, 'another finalizer is running');
    if (this.#taken.length === 0) {
      this.#taken = this.#queued;
      this.#queued = [];
    }
    const next = this.#taken.pop();
    if (next !== number) this.#fail(event, `finalizer ${next} comes before ${number}`);
    const { object } = this.#special(event, m, number, 'finalizer');
    if (!m.objects.has(object)) this.#fail(event, `object #${object} is gone`);
  }

  #loads(event: StreamEvent, m: Model): void {
    const [handle, result] = [event.arg(0), event.arg(1)];
    let expected = 0;
    for (const { kind, state, keeps, object } of m.specials.live) {
      if (kind === 'weak' && state === 'attached' && keeps[0] === handle) expected = object;
    }
    if (result !== expected) this.#fail(event, `the handle leads to #${expected}`);
    if (result !== 0 && !m.objects.has(result)) this.#fail(event, `object #${result} is gone`);
  }

  #sweeps(event: StreamEvent, m: Model): void {
    const span = m.spans.get(event.arg(0));
    const inSpan = m.specials.live.size === 0 ? [] : (span?.objects.values() ?? []);
    for (const object of inSpan) {
      for (const special of m.specials.of(object.ordinal)) {
        if (special.state === 'attached') this.#isSwept(event, m, object, special);
      }
    }
    this.#revived.clear();
  }

  /** The span of an object that has a special is being swept. */
  #isSwept(event: StreamEvent, m: Model, object: ModelObject, special: ModelSpecial): void {
    const { ordinal } = object;
    const { number, kind } = special;
    if (!m.isMarked(object))
      this.#fail(event, `object #${ordinal} is freed with special ${number}`);
    if (kind === 'weak' && this.#revived.has(ordinal)) {
      this.#fail(event, `object #${ordinal} is finalized, weak handle ${number} still leads to it`);
    }
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const specialRules = (): Checker => new SpecialRules();
