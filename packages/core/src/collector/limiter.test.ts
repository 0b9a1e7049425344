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

  it('takes an event piecemeal as it would take it at once', () => {
    const types: LimiterEvent[] = [
      LIMITER_EVENT.markAssist,
      LIMITER_EVENT.scavengeAssist,
      LIMITER_EVENT.idle,
      LIMITER_EVENT.idleMarkWork,
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(fc.integer({ min: 1, max: SECOND }), { minLength: 1, maxLength: 10 }),
        (type, pieces) => {
          const limiter = new GCCPULimiter(0, 3);
          const told = new GCCPULimiter(0, 3);
          expect(limiter.startEvent(2, type, 0)).toBe(true);
          expect(limiter.startEvent(2, LIMITER_EVENT.idle, 0)).toBe(false);
          let now = 0;
          for (const piece of pieces) {
            now += piece;
            const assist =
              type === LIMITER_EVENT.markAssist || type === LIMITER_EVENT.scavengeAssist;
            if (assist) told.addAssistTime(piece);
            else told.addIdleTime(piece);
            limiter.update(now, 0);
            told.update(now, 0);
            expect(limiter.fill).toBe(told.fill);
          }
          limiter.stopEvent(2, type, now + 5);
          expect(() => limiter.stopEvent(2, type, now + 5)).toThrow(/no limiter event/);
        },
      ),
      { seed: 42, numRuns: 100 },
    );
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
    expect(() => limiter.update(1, 0)).toThrow(/during a GC transition/);
  });
});
