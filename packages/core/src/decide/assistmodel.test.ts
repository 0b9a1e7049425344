/** Assists against Go's arithmetic: gcAssistAlloc, gcFlushBgCredit and deductAssistCredit, step by step. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assists } from './assists.ts';
import { Background } from './background.ts';

const MANY = 200;

/** Goroutines' gcAssistBytes and bgScanCredit, each step in Go's own integers. */
class Model {
  readonly bytes = new Map<number, number>();
  credit = 0;
  readonly totals = { owed: 0, stolen: 0, marked: 0, paid: 0 };
  readonly prices: { assistWorkPerByte: number; assistBytesPerWork: number; limiting: boolean };

  constructor(assistWorkPerByte: number) {
    const assistBytesPerWork = assistWorkPerByte === 0 ? 0 : 1 / assistWorkPerByte;
    this.prices = { assistWorkPerByte, assistBytesPerWork, limiting: false };
  }

  balance(g: number): number {
    return this.bytes.get(g) ?? 0;
  }

  give(g: number, bytes: number): void {
    this.bytes.set(g, this.balance(g) + bytes);
  }

  /** Returns the work that is left to do. */
  assist(g: number): number {
    const { assistWorkPerByte, assistBytesPerWork, limiting } = this.prices;
    if (limiting || assistWorkPerByte === 0) return 0;
    let debt = -this.balance(g);
    let work = Math.trunc(assistWorkPerByte * debt);
    if (work < 64 * 1024) {
      work = 64 * 1024;
      debt = Math.trunc(assistBytesPerWork * work);
    }
    this.totals.owed += work;
    if (this.credit <= 0) return work;
    if (this.credit < work) {
      const stolen = this.credit;
      this.give(g, 1 + Math.trunc(assistBytesPerWork * stolen));
      this.credit = 0;
      this.totals.stolen += stolen;
      return work - stolen;
    }
    this.give(g, debt);
    this.credit -= work;
    this.totals.stolen += work;
    return 0;
  }

  flush(g: number): void {
    const before = this.credit;
    let bytes = Math.trunc(before * this.prices.assistBytesPerWork);
    if (this.balance(g) >= 0 || before <= 0) return;
    if (bytes + this.balance(g) >= 0) {
      bytes += this.balance(g);
      this.bytes.set(g, 0);
    } else {
      this.give(g, bytes);
      bytes = 0;
    }
    this.credit = bytes > 0 ? Math.trunc(bytes * this.prices.assistWorkPerByte) : 0;
    this.totals.paid += before - this.credit;
  }
}

const step = fc.record({
  what: fc.constantFrom(
    'charge',
    'charge',
    'steal',
    'steal',
    'mark',
    'pay',
    'end',
    'limit',
    'begin',
  ),
  g: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: MANY })),
  bytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 1_000_000 })),
  credit: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400_000 })),
});

describe('assists', () => {
  it("keep every goroutine's balance and the credit as Go does", () => {
    const ratio = fc.constantFrom(0, 0.0625, 0.5, 1, 4, 64);
    fc.assert(
      fc.property(
        ratio,
        fc.array(step, { maxLength: 120, size: 'max' }),
        (assistWorkPerByte, steps) => {
          const model = new Model(assistWorkPerByte);
          const background = new Background();
          const assists = new Assists(model.prices, background);
          for (const { what, g, bytes, credit } of steps) {
            background.credit += credit;
            model.credit += credit;
            model.give(g, -bytes);
            expect(assists.charge(g, bytes)).toBe(model.balance(g) < 0);
            if (what === 'steal' && assists.balance < 0) {
              expect(assists.steal()).toBe(model.assist(g));
            } else if (what === 'mark') {
              assists.marked(bytes);
              model.totals.marked += bytes;
              model.give(g, 1 + Math.trunc(model.prices.assistBytesPerWork * bytes));
            } else if (what === 'pay') {
              assists.pay();
              model.flush(g);
            } else if (what === 'end') {
              assists.ended(g);
              const left = model.balance(g);
              if (left > 0) model.credit += Math.trunc(assistWorkPerByte * left);
              model.bytes.set(g, 0);
              assists.ended(MANY + 1);
            } else if (what === 'limit') {
              model.prices.limiting = !model.prices.limiting;
            } else if (what === 'begin' && bytes < 100) {
              assists.begin();
              assists.charge(g, 0);
              Object.assign(model.totals, { owed: 0, stolen: 0, marked: 0, paid: 0 });
              model.bytes.clear();
            }
            expect(assists.balance).toBe(model.balance(g));
            expect(assists.workOwed).toBe(Math.max(0, -model.balance(g)) * assistWorkPerByte);
            expect(background.credit).toBe(model.credit);
            expect(assists.totals).toEqual(model.totals);
          }
          // Asking does not change: nobody's balance was mixed up with another's.
          for (let g = 0; g <= MANY; g += 1) {
            expect(assists.charge(g, 0)).toBe(model.balance(g) < 0);
            expect(assists.balance + 0).toBe(model.balance(g) + 0);
          }
        },
      ),
      { seed: 42, numRuns: 120 },
    );
  });

  it('are rounded up to 64 KiB of work below that, and only below', () => {
    const background = new Background();
    const prices = { assistWorkPerByte: 0.5, assistBytesPerWork: 2, limiting: false };
    for (const [bytes, left] of [
      [131_071, 1],
      [131_072, 0],
      [131_073, 0],
    ] as const) {
      const assists = new Assists(prices, background);
      background.credit = 1_000_000;
      assists.charge(1, bytes);
      expect(assists.steal()).toBe(0);
      expect(assists.balance).toBe(left);
      expect(background.credit).toBe(1_000_000 - 65_536);
    }
  });
});
