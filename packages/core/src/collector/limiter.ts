/**
 * The GC CPU limiter: keeps collection from eating more than about half of the CPU when the memory
 * limit (or an ever-growing live heap) would have it run all the time.
 *
 * Models `gcCPULimiterState` and `limiterEvent` of `runtime/mgclimit.go`, Go 1.19 to 1.26.
 *
 * 1. A leaky bucket holds CPU time, GOMAXPROCS seconds at most. GC time fills it, mutator time
 *    drains it, so it stands still when each has half.
 * 2. `update` accounts for the time since the last one: assists as they were reported; while GC is
 *    on, background marking as 25 % of the CPUs whatever it really took; time on idle Ps as nobody's
 *    (idle marking included); the rest is the mutator's.
 * 3. Time from the start to the finish of a GC transition (the world is stopped) is all GC time.
 * 4. A full bucket turns limiting on; what does not fit is counted as overflow. The first update
 *    that drains it turns limiting off. While it limits, assists and scavenging on behalf of
 *    allocations do nothing.
 * 5. Each P may have one event in progress (assist, idle, ...). Its time is taken piecemeal by
 *    updates, the rest when it stops.
 *
 * Invariant: 0 <= fill <= capacity. Virtual time in nanoseconds, exact below 2^53.
 * Deviation: no locks; an update during a transition is a bug here, as a second one at once cannot be.
 */
import { assert } from '@heaptape/schema';
import { BACKGROUND_UTILIZATION } from './pacer_constants.ts';

/** CPU nanoseconds of capacity per P. */
const CAPACITY_PER_PROC_NS = 1000000000;
/** Nanoseconds after which an update is due. */
const LIMITER_UPDATE_PERIOD_NS = 10000000;

/** What a P may be doing as far as the limiter is concerned; Go's numbers. */
export const LIMITER_EVENT = {
  none: 0,
  idleMarkWork: 1,
  markAssist: 2,
  scavengeAssist: 3,
  idle: 4,
} as const;

export type LimiterEvent = (typeof LIMITER_EVENT)[keyof typeof LIMITER_EVENT];

/** Everything a limiter knows; fit for JSON. Events in progress are [type, since] by P. */
export interface LimiterState {
  readonly procs: number;
  readonly fill: number;
  readonly capacity: number;
  readonly overflow: number;
  readonly limiting: boolean;
  readonly gcEnabled: boolean;
  readonly transitioning: boolean;
  readonly assistPool: number;
  readonly idlePool: number;
  readonly lastUpdate: number;
  readonly lastEnabledCycle: number;
  readonly events: readonly (readonly [LimiterEvent, number])[];
}

export class GCCPULimiter {
  #procs = 0;
  #fill = 0;
  #capacity = 0;
  #overflow = 0;
  #limiting = false;
  #gcEnabled = false;
  #transitioning = false;
  #assistPool = 0;
  #idlePool = 0;
  #lastUpdate = 0;
  #lastEnabledCycle = 0;
  readonly #eventType: LimiterEvent[] = [];
  readonly #eventSince: number[] = [];

  /** An empty bucket for `procs` Ps at time `now`. */
  constructor(now: number, procs: number) {
    this.resetCapacity(now, procs, 0);
  }

  /** Whether GC work on behalf of the program is to be skipped. */
  get limiting(): boolean {
    return this.#limiting;
  }

  /** CPU nanoseconds in the bucket. */
  get fill(): number {
    return this.#fill;
  }

  /** CPU nanoseconds that the bucket holds. */
  get capacity(): number {
    return this.#capacity;
  }

  /** CPU nanoseconds that did not fit, ever. */
  get overflow(): number {
    return this.#overflow;
  }

  /** Number of the cycle in which limiting was last turned on; 0 for never. */
  get lastEnabledCycle(): number {
    return this.#lastEnabledCycle;
  }

  /** Whether the last update is more than 10 ms ago. */
  needUpdate(now: number): boolean {
    return now - this.#lastUpdate > LIMITER_UPDATE_PERIOD_NS;
  }

  /** Reports CPU time of finished assists. */
  addAssistTime(ns: number): void {
    this.#assistPool += ns;
  }

  /** Reports CPU time of Ps that had nothing to run, or marked for want of anything else. */
  addIdleTime(ns: number): void {
    this.#idlePool += ns;
  }

  /** Starts an event on P `p`; false if one is in progress, which then goes on. */
  startEvent(p: number, type: LimiterEvent, now: number): boolean {
    if ((this.#eventType[p] ?? LIMITER_EVENT.none) !== LIMITER_EVENT.none) return false;
    // Arrays grow without holes, so that they stay dense.
    while (this.#eventType.length <= p) {
      this.#eventType.push(LIMITER_EVENT.none);
      this.#eventSince.push(0);
    }
    this.#eventType[p] = type;
    this.#eventSince[p] = now;
    return true;
  }

  /** Stops P `p`'s event of the given type and reports the time since the last update. */
  stopEvent(p: number, type: LimiterEvent, now: number): void {
    assert(this.#eventType[p] === type, `P ${p} has no limiter event of type ${type}`);
    this.#eventType[p] = LIMITER_EVENT.none;
    const ns = now - (this.#eventSince[p] as number);
    if (ns > 0) this.#report(type, ns);
  }

  /** Accounts for the time up to `now`. `numgc` is the number of completed cycles. */
  update(now: number, numgc: number): void {
    assert(!this.#transitioning, 'limiter update during a GC transition');
    this.#update(now, numgc);
  }

  /** The world has stopped to turn GC on or off. */
  startGCTransition(enableGC: boolean, now: number, numgc: number): void {
    assert(!this.#transitioning, 'GC transition within a GC transition');
    assert(this.#gcEnabled !== enableGC, 'GC transition to the state that GC is in');
    this.#update(now, numgc);
    this.#gcEnabled = enableGC;
    this.#transitioning = true;
  }

  /** The world is about to run again; the time since `startGCTransition` was all the GC's. */
  finishGCTransition(now: number, numgc: number): void {
    assert(this.#transitioning, 'no GC transition to finish');
    if (now >= this.#lastUpdate) {
      this.#accumulate(0, (now - this.#lastUpdate) * this.#procs, numgc);
    }
    this.#lastUpdate = now;
    this.#transitioning = false;
  }

  /** Changes the number of Ps. */
  resetCapacity(now: number, procs: number, numgc: number): void {
    assert(!this.#transitioning, 'GOMAXPROCS changed during a GC transition');
    this.#update(now, numgc);
    this.#procs = procs;
    this.#capacity = procs * CAPACITY_PER_PROC_NS;
    if (this.#fill > this.#capacity) {
      this.#fill = this.#capacity;
      this.#limiting = true;
      this.#lastEnabledCycle = numgc + 1;
    } else if (this.#fill < this.#capacity) {
      this.#limiting = false;
    }
  }

  /** Every figure, fit for JSON. */
  toState(): LimiterState {
    return {
      procs: this.#procs,
      fill: this.#fill,
      capacity: this.#capacity,
      overflow: this.#overflow,
      limiting: this.#limiting,
      gcEnabled: this.#gcEnabled,
      transitioning: this.#transitioning,
      assistPool: this.#assistPool,
      idlePool: this.#idlePool,
      lastUpdate: this.#lastUpdate,
      lastEnabledCycle: this.#lastEnabledCycle,
      events: this.#eventType.map((type, p) => [type, this.#eventSince[p] as number] as const),
    };
  }

  /** The limiter that `state` was taken from. */
  static fromState(state: LimiterState): GCCPULimiter {
    const limiter = new GCCPULimiter(state.lastUpdate, state.procs);
    limiter.#fill = state.fill;
    limiter.#overflow = state.overflow;
    limiter.#limiting = state.limiting;
    limiter.#gcEnabled = state.gcEnabled;
    limiter.#transitioning = state.transitioning;
    limiter.#assistPool = state.assistPool;
    limiter.#idlePool = state.idlePool;
    limiter.#lastEnabledCycle = state.lastEnabledCycle;
    for (const [type, since] of state.events) {
      limiter.#eventType.push(type);
      limiter.#eventSince.push(since);
    }
    return limiter;
  }

  #report(type: LimiterEvent, ns: number): void {
    if (type === LIMITER_EVENT.markAssist || type === LIMITER_EVENT.scavengeAssist) {
      this.#assistPool += ns;
    } else {
      this.#idlePool += ns;
    }
  }

  #update(now: number, numgc: number): void {
    if (now < this.#lastUpdate) return;
    const window = (now - this.#lastUpdate) * this.#procs;
    this.#lastUpdate = now;
    for (let p = 0; p < this.#eventType.length; p++) {
      const type = this.#eventType[p] as LimiterEvent;
      const since = this.#eventSince[p] as number;
      if (type === LIMITER_EVENT.none || now <= since) continue;
      this.#report(type, now - since);
      this.#eventSince[p] = now;
    }
    const background = this.#gcEnabled ? Math.trunc(window * BACKGROUND_UTILIZATION) : 0;
    const gcTime = this.#assistPool + background;
    const busy = window - this.#idlePool;
    this.#assistPool = 0;
    this.#idlePool = 0;
    this.#accumulate(busy - gcTime, gcTime, numgc);
  }

  #accumulate(mutatorTime: number, gcTime: number, numgc: number): void {
    const headroom = this.#capacity - this.#fill;
    const wasFull = headroom === 0;
    const change = gcTime - mutatorTime;
    if (change > 0 && headroom <= change) {
      this.#overflow += change - headroom;
      this.#fill = this.#capacity;
      if (!wasFull) {
        this.#limiting = true;
        this.#lastEnabledCycle = numgc + 1;
      }
      return;
    }
    this.#fill = Math.max(0, this.#fill + change);
    if (change !== 0 && wasFull) this.#limiting = false;
  }
}
