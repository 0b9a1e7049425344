import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimiterEvent } from './limiter.ts';
import { GCCPULimiter, LIMITER_EVENT } from './limiter.ts';

const MS = 1000000;
const SECOND = 1000 * MS;

/** CPU time of assists that take `share` of `procs` Ps for `ns`. */
function assistTime(ns: number, share: number, procs: number): number {
  return Math.trunc(share * ns * procs);
}

describe('the scenario that Go tests its limiter with, 14 Ps', () => {
  const procs = 14;
  const full = procs * SECOND;

  it('comes out as in Go, twice over', () => {
    let now = 0;
    const advance = (ns: number) => {
      now += ns;
      return now;
    };
    const limiter = new GCCPULimiter(0, procs);
    const seen = () => [limiter.fill, limiter.limiting, limiter.overflow];
    for (let round = 0; round < 2; round++) {
      const base = round * (SECOND / 2 + 6 * MS) * procs;
      expect(limiter.capacity).toBe(full);

      // The mutator alone never fills the bucket.
      for (const ns of [10 * MS, SECOND, 3600 * SECOND]) limiter.update(advance(ns), 0);
      expect(seen()).toEqual([0, false, base]);

      expect(limiter.needUpdate(advance(5 * MS))).toBe(false);
      expect(limiter.needUpdate(advance(10 * MS))).toBe(true);
      limiter.update(now, 0);
      expect(limiter.needUpdate(now)).toBe(false);

      // Stopping the world is GC time on all Ps.
      limiter.startGCTransition(true, advance(109 * MS), 0);
      limiter.finishGCTransition(advance(2 * MS + 1000), 0);
      expect(seen()).toEqual([(2 * MS + 1000) * procs, false, base]);

      // Background marking alone drains at half speed.
      limiter.update(advance(2 * (2 * MS + 1000 - 1)), 0);
      expect(limiter.fill).toBe(procs);
      limiter.update(advance(2 * procs * SECOND), 0);
      expect(limiter.fill).toBe(0);

      // Half the CPUs: the bucket stands still. All of them: it fills.
      limiter.addAssistTime(assistTime(10 * MS, 0.25, procs));
      limiter.update(advance(10 * MS), 0);
      expect(limiter.fill).toBe(0);
      limiter.addAssistTime(assistTime(MS, 0.75, procs));
      limiter.update(advance(MS), 0);
      expect(seen()).toEqual([procs * MS, false, base]);
      limiter.addAssistTime(assistTime(SECOND - MS, 0.75, procs));
      limiter.update(advance(SECOND - MS), 7);
      expect(seen()).toEqual([full, true, base]);
      expect(limiter.lastEnabledCycle).toBe(8);

      limiter.addAssistTime(assistTime(SECOND, 0.25, procs));
      limiter.update(advance(SECOND), 9);
      expect(seen()).toEqual([full, true, base]);

      limiter.update(advance(SECOND), 9);
      expect(seen()).toEqual([full / 2, false, base]);

      limiter.addAssistTime(assistTime(SECOND, 0.75, procs));
      limiter.update(advance(SECOND), 9);
      expect(seen()).toEqual([full, true, base + full / 2]);

      limiter.addAssistTime(assistTime(MS, 0.75, procs));
      limiter.startGCTransition(false, advance(MS), 9);
      expect(seen()).toEqual([full, true, base + (SECOND / 2 + MS) * procs]);
      limiter.finishGCTransition(advance(5 * MS), 9);
      expect(seen()).toEqual([full, true, base + (SECOND / 2 + 6 * MS) * procs]);

      // More Ps stop it, fewer start it again; neither overflows.
      limiter.resetCapacity(now, procs + 10, 9);
      expect(seen()).toEqual([full, false, base + (SECOND / 2 + 6 * MS) * procs]);
      limiter.resetCapacity(now, procs - 10, 11);
      expect(seen()).toEqual([4 * SECOND, true, base + (SECOND / 2 + 6 * MS) * procs]);
      expect(limiter.lastEnabledCycle).toBe(12);
      limiter.resetCapacity(advance(procs * SECOND), procs, 12);
      expect(seen()).toEqual([0, false, base + (SECOND / 2 + 6 * MS) * procs]);
    }
  });
});

/** Independent model: exact integers, and the bucket as a clamped running sum. */
class Bucket {
  fill = 0n;
  overflow = 0n;
  limiting = false;
  readonly capacity: bigint;

  constructor(procs: number) {
    this.capacity = BigInt(procs) * 1000000000n;
  }

  add(gc: bigint, mutator: bigint): void {
    const next = this.fill + gc - mutator;
    const wasFull = this.fill === this.capacity;
    if (gc === mutator) return;
    if (next >= this.capacity && gc > mutator) {
      this.overflow += next - this.capacity;
      this.fill = this.capacity;
      if (!wasFull) this.limiting = true;
      return;
    }
    this.fill = next < 0n ? 0n : next;
    if (wasFull) this.limiting = false;
  }
}

describe('properties', () => {
  const step = fc.record({
    ns: fc.integer({ min: 0, max: 3 * SECOND }),
    assist: fc.integer({ min: 0, max: 75 }),
    idle: fc.integer({ min: 0, max: 25 }),
    transition: fc.boolean(),
  });

  it('agrees with a leaky bucket of exact integers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.array(step, { maxLength: 30 }),
        (procs, steps) => {
          const limiter = new GCCPULimiter(0, procs);
          const model = new Bucket(procs);
          let now = 0;
          let gc = false;
          for (const { ns, assist, idle, transition } of steps) {
            const window = ns * procs;
            const assistNs = Math.trunc((window * assist) / 100);
            const idleNs = Math.trunc((window * idle) / 100);
            limiter.addAssistTime(assistNs);
            limiter.addIdleTime(idleNs);
            now += ns;
            const gcNs = assistNs + (gc ? Math.trunc(window / 4) : 0);
            model.add(BigInt(gcNs), BigInt(window - idleNs - gcNs));
            if (transition) {
              gc = !gc;
              limiter.startGCTransition(gc, now, 0);
              now += 1234567;
              limiter.finishGCTransition(now, 0);
              model.add(BigInt(1234567 * procs), 0n);
            } else {
              limiter.update(now, 0);
            }
            expect([limiter.fill, limiter.limiting, limiter.overflow]).toEqual([
              Number(model.fill),
              model.limiting,
              Number(model.overflow),
            ]);
            expect(limiter.fill).toBeLessThanOrEqual(limiter.capacity);
          }
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });

  it('counts what Ps are doing as it counts the same time when told', () => {
    const action = fc.record({
      ns: fc.integer({ min: 0, max: 60 * MS }),
      p: fc.integer({ min: 0, max: 3 }),
      type: fc.constantFrom<LimiterEvent>(1, 2, 3, 4),
      what: fc.constantFrom('start', 'start', 'stop', 'update', 'update', 'transition', 'procs'),
    });
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), (actions) => {
        const limiter = new GCCPULimiter(0, 4);
        const told = new GCCPULimiter(0, 4);
        const both = [limiter, told];
        // Half full, so that both directions show.
        for (const one of both) one.startGCTransition(true, 0, 0);
        for (const one of both) one.finishGCTransition(SECOND / 2, 0);
        let now = SECOND / 2;
        let gc = true;
        const running = new Map<number, LimiterEvent>();
        for (const { ns, p, type, what } of actions) {
          now += ns;
          for (const doing of running.values()) {
            const assist =
              doing === LIMITER_EVENT.markAssist || doing === LIMITER_EVENT.scavengeAssist;
            if (assist) told.addAssistTime(ns);
            else told.addIdleTime(ns);
          }
          const doing = running.get(p);
          if (what === 'start') {
            expect(limiter.startEvent(p, type, now)).toBe(doing === undefined);
            if (doing === undefined) running.set(p, type);
          } else if (what === 'stop' && doing !== undefined) {
            limiter.stopEvent(p, doing, now);
            expect(() => limiter.stopEvent(p, doing, now)).toThrow(/P \d has no limiter event/);
            running.delete(p);
          } else if (what === 'transition') {
            gc = !gc;
            for (const one of both) one.startGCTransition(gc, now, 0);
            for (const one of both) one.finishGCTransition(now, 0);
          } else if (what === 'procs') {
            for (const one of both) one.resetCapacity(now, 1 + p, 7);
          } else {
            for (const one of both) one.update(now, 3);
          }
          if (what === 'start' || what === 'stop') continue;
          const state = (one: GCCPULimiter) => [one.fill, one.limiting, one.overflow];
          expect(state(limiter)).toEqual(state(told));
          expect(limiter.lastEnabledCycle).toBe(told.lastEnabledCycle);
        }
      }),
      { seed: 42, numRuns: 200 },
    );
  });

  it('counts nothing for an event that ends before it began', () => {
    const limiter = new GCCPULimiter(0, 2);
    limiter.startGCTransition(true, 0, 0);
    limiter.finishGCTransition(SECOND / 2, 0);
    limiter.startEvent(0, LIMITER_EVENT.markAssist, SECOND);
    limiter.stopEvent(0, LIMITER_EVENT.markAssist, SECOND - 100 * MS);
    limiter.update(SECOND, 0);
    // A quarter of the time to the GC, three quarters to the mutator.
    expect(limiter.fill).toBe(SECOND - SECOND / 2);
  });

  it('counts assists at once, though no time has passed', () => {
    const limiter = new GCCPULimiter(0, 1);
    limiter.update(SECOND, 0);
    limiter.addAssistTime(50 * MS);
    limiter.update(SECOND, 0);
    // Go: time that the GC took and no program had, which counts twice.
    expect(limiter.fill).toBe(100 * MS);
  });

  it('counts nothing for an event that has yet to begin', () => {
    const limiter = new GCCPULimiter(0, 1);
    limiter.startGCTransition(true, 0, 0);
    limiter.finishGCTransition(500 * MS, 0);
    limiter.startEvent(0, LIMITER_EVENT.markAssist, 700 * MS);
    limiter.update(600 * MS, 0);
    expect(limiter.fill).toBe(450 * MS);
    limiter.update(800 * MS, 0);
    // 200 ms: 50 in the background and 100 of the assist, 50 for the mutator.
    expect(limiter.fill).toBe(550 * MS);
  });

  it('lets time stand still where the clock goes back, but for the end of a transition', () => {
    const limiter = new GCCPULimiter(0, 1);
    limiter.startGCTransition(true, 0, 0);
    limiter.finishGCTransition(600 * MS, 0);
    limiter.addAssistTime(50 * MS);
    limiter.update(500 * MS, 0);
    expect(limiter.fill).toBe(600 * MS);
    limiter.update(700 * MS, 0);
    // 100 ms: 25 in the background and 50 of assists, 25 for the mutator.
    expect(limiter.fill).toBe(650 * MS);
    limiter.startGCTransition(false, 700 * MS, 0);
    limiter.finishGCTransition(690 * MS, 0);
    expect(limiter.fill).toBe(650 * MS);
    limiter.update(700 * MS, 0);
    expect(limiter.fill).toBe(640 * MS);
  });

  it('keeps to the capacity of the Ps there are', () => {
    const limiter = new GCCPULimiter(0, 2);
    limiter.startGCTransition(true, 0, 0);
    limiter.finishGCTransition(SECOND / 2, 0);
    const seen = () => [limiter.fill, limiter.limiting, limiter.lastEnabledCycle];
    expect(seen()).toEqual([SECOND, false, 0]);
    // Just full is not overfull; it stays as it was, limiting or not.
    limiter.resetCapacity(SECOND / 2, 1, 4);
    expect(seen()).toEqual([SECOND, false, 0]);
    limiter.resetCapacity(SECOND / 2, 2, 4);
    limiter.startGCTransition(false, SECOND / 2, 4);
    limiter.finishGCTransition(SECOND, 4);
    expect(seen()).toEqual([2 * SECOND, true, 5]);
    limiter.resetCapacity(SECOND, 2, 6);
    expect(seen()).toEqual([2 * SECOND, true, 5]);
    limiter.resetCapacity(SECOND, 1, 8);
    expect(seen()).toEqual([SECOND, true, 9]);
    limiter.resetCapacity(SECOND, 3, 10);
    expect(seen()).toEqual([SECOND, false, 9]);
    expect(limiter.overflow).toBe(0);
  });

  it('names the cycle that filled the bucket, not the later ones', () => {
    const limiter = new GCCPULimiter(0, 1);
    for (let cycle = 1; cycle < 5; cycle += 1) {
      limiter.addAssistTime(2 * SECOND);
      limiter.update(cycle * SECOND, cycle);
    }
    expect([limiter.limiting, limiter.lastEnabledCycle]).toEqual([true, 2]);
  });

  it('is due after more than ten milliseconds', () => {
    const limiter = new GCCPULimiter(7, 1);
    expect([10 * MS, 10 * MS + 7, 10 * MS + 8].map((now) => limiter.needUpdate(now))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('survives JSON', () => {
    const limiter = new GCCPULimiter(5, 4);
    limiter.startEvent(1, LIMITER_EVENT.markAssist, 9);
    limiter.addAssistTime(77);
    limiter.addIdleTime(3);
    limiter.startGCTransition(true, 1000, 2);
    const copy = GCCPULimiter.fromState(JSON.parse(JSON.stringify(limiter.toState())));
    expect(copy.toState()).toEqual(limiter.toState());
    for (const one of [limiter, copy]) {
      one.finishGCTransition(5 * SECOND, 2);
      one.stopEvent(1, LIMITER_EVENT.markAssist, 6 * SECOND);
      one.update(6 * SECOND, 3);
    }
    expect(copy.toState()).toEqual(limiter.toState());
    expect(copy.fill).toBeGreaterThan(0);
  });
});

describe('misuse', () => {
  it('is a bug', () => {
    const limiter = new GCCPULimiter(0, 1);
    expect(() => limiter.finishGCTransition(0, 0)).toThrow(/no GC transition/);
    expect(() => limiter.startGCTransition(false, 0, 0)).toThrow(/state that GC is in/);
    limiter.startGCTransition(true, 0, 0);
    expect(() => limiter.startGCTransition(false, 0, 0)).toThrow(/within a GC transition/);
    expect(() => limiter.resetCapacity(0, 2, 0)).toThrow(/GOMAXPROCS changed/);
    expect(() => limiter.update(1, 0)).toThrow(/during a GC transition/);
  });
});
