/**
 * Finalizers, cleanups and weak handles as the events tell of them, by number.
 *
 * Rules of what they keep alive:
 * 1. A finalizer keeps its closure and what its object points to, not the object itself; pointers of
 *    the object to itself do not count.
 * 2. A finalizer that is queued or runs keeps the object as well. Finalizers that one sweep queues for
 *    the same object do not keep it from each other.
 * 3. A cleanup keeps its argument and its closure. A weak handle is kept while it is attached.
 */
import { EVENTS } from '@heaptape/schema';
import type { StreamEvent } from '../stream.ts';

export type SpecialKind = 'finalizer' | 'cleanup' | 'weak';

export interface ModelSpecial {
  readonly number: number;
  readonly kind: SpecialKind;
  readonly object: number;
  readonly offset: number;
  readonly keeps: readonly number[];
  state: 'attached' | 'queued' | 'running' | 'gone';
  /** Sweep that queued it. */
  sweep: number;
}

const NONE: ReadonlySet<ModelSpecial> = new Set();

export class ModelSpecials {
  readonly all: Map<number, ModelSpecial> = new Map();
  /** Those that are not gone. */
  readonly live: Set<ModelSpecial> = new Set();
  readonly #byObject = new Map<number, Set<ModelSpecial>>();
  #sweep = 0;
  /** The finalizer that runs; 0 is none. */
  running = 0;

  /** The attached special of a kind at a byte, or undefined. */
  attached(kind: SpecialKind, object: number, offset: number): ModelSpecial | undefined {
    return this.of(object).find((special) => {
      return special.kind === kind && special.state === 'attached' && special.offset === offset;
    });
  }

  /** Specials of an object that are not gone. */
  of(object: number): ModelSpecial[] {
    return [...(this.#byObject.get(object) ?? NONE)];
  }

  /**
   * Objects that are kept besides roots; calls of this sweep for `dying` do not keep it. `edges` says what an
   * object with a finalizer leads to, itself left out where Go does.
   */
  kept(edges: (object: number) => Iterable<number>, dying: number): number[] {
    const kept: number[] = [];
    for (const special of this.live) {
      kept.push(...special.keeps);
      if (special.kind !== 'finalizer') continue;
      const { object, state, sweep } = special;
      const only = state === 'attached' || (object === dying && sweep === this.#sweep);
      if (!only) kept.push(object);
      else kept.push(...edges(object));
    }
    return kept;
  }

  /** Folds an event; false when it is none of these. */
  fold(event: StreamEvent): boolean {
    switch (event.tag) {
      case EVENTS.FinalizerSet.tag:
        this.#add('finalizer', event.arg(0), event.arg(1), [event.arg(3)]);
        return true;
      case EVENTS.CleanupAdded.tag:
        this.#add('cleanup', event.arg(0), event.arg(1), [event.arg(3), event.arg(4)]);
        return true;
      case EVENTS.WeakHandleMade.tag:
        this.#add('weak', event.arg(0), event.arg(1), [event.arg(2)]);
        return true;
      case EVENTS.FinalizerCleared.tag:
        this.#turn(this.attached('finalizer', event.arg(0), event.arg(1)), 'gone');
        return true;
      case EVENTS.CleanupStopped.tag: {
        const special = this.all.get(event.arg(0));
        if (special?.state === 'attached') this.#turn(special, 'gone');
        return true;
      }
      case EVENTS.SpanSwept.tag:
        this.#sweep += 1;
        return false;
      default:
        return this.#foldCalls(event);
    }
  }

  #foldCalls(event: StreamEvent): boolean {
    switch (event.tag) {
      case EVENTS.FinalizerQueued.tag:
      case EVENTS.CleanupQueued.tag:
        this.#turn(this.all.get(event.arg(0)), 'queued');
        return true;
      case EVENTS.WeakCleared.tag:
        this.#turn(this.all.get(event.arg(0)), 'gone');
        return true;
      case EVENTS.FinalizerStarted.tag:
        this.running = event.arg(0);
        this.#turn(this.all.get(event.arg(0)), 'running');
        return true;
      case EVENTS.CleanupStarted.tag:
        this.#turn(this.all.get(event.arg(1)), 'running');
        return true;
      case EVENTS.FinalizerReturned.tag:
        this.#turn(this.all.get(this.running), 'gone');
        this.running = 0;
        return true;
      case EVENTS.CleanupReturned.tag:
        this.#turn(this.all.get(event.arg(0)), 'gone');
        return true;
      default:
        return false;
    }
  }

  #add(kind: SpecialKind, object: number, offset: number, keeps: readonly number[]): void {
    const number = this.all.size + 1;
    const special: ModelSpecial = {
      ...{ number, kind, object, offset, keeps },
      state: 'attached',
      sweep: -1,
    };
    this.all.set(number, special);
    this.live.add(special);
    const others = this.#byObject.get(special.object) ?? new Set();
    this.#byObject.set(special.object, others.add(special));
  }

  #turn(special: ModelSpecial | undefined, state: ModelSpecial['state']): void {
    if (special === undefined) return;
    special.state = state;
    if (state === 'queued') special.sweep = this.#sweep;
    if (state !== 'gone') return;
    this.live.delete(special);
    this.#byObject.get(special.object)?.delete(special);
  }
}
