/** Assists: credit is neither made nor lost, and whoever allocated has paid. */
import { EVENTS, type EventBatch } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { SCALAR } from '../heap/scalars.ts';
import { World } from '../heap/world.ts';
import { Assists } from './assists.ts';
import { Background } from './background.ts';
import { Decider } from './decider.ts';
import { Journal } from './journal.ts';

const allocation = fc.record({
  g: fc.integer({ min: 0, max: 5 }),
  bytes: fc.integer({ min: 1, max: 300_000 }),
  /** Share of what is owed for which the goroutine finds work. */
  found: fc.constantFrom(0, 0.5, 1),
  /** Background scan work since the last allocation. */
  credit: fc.integer({ min: 0, max: 400_000 }),
});

describe('assists', () => {
  it('conserve credit, and leave debts only where there was no work and no credit', () => {
    const ratio = fc.constantFrom(0.01, 0.5, 1, 3, 40);
    fc.assert(
      fc.property(ratio, fc.array(allocation, { maxLength: 80 }), (assistWorkPerByte, steps) => {
        const assistBytesPerWork = 1 / assistWorkPerByte;
        const background = new Background();
        const prices = { assistWorkPerByte, assistBytesPerWork, limiting: false };
        const assists = new Assists(prices, background);
        let earned = 0;
        let charged = 0;
        const balances = new Map<number, number>();
        for (const { g, bytes, found, credit } of steps) {
          earned += credit;
          background.credit += credit;
          charged += bytes;
          if (assists.charge(g, bytes)) {
            const owed = assists.steal();
            if (owed > 0) assists.marked(Math.floor(owed * found));
            assists.pay();
            const broke = background.credit * assistBytesPerWork < 1;
            if (assists.balance < 0) expect(broke || owed === 0).toBe(true);
          }
          balances.set(g, assists.balance);
        }
        const { owed, stolen, marked, paid } = assists.totals;
        // Each payment rounds to a byte once or twice.
        const slack = steps.length * 2 * Math.max(1, assistWorkPerByte);
        expect(Math.abs(earned - background.credit - stolen - paid)).toBeLessThanOrEqual(slack);
        expect(stolen + marked).toBeLessThanOrEqual(owed);
        const sum = [...balances.values()].reduce((a, b) => a + b, 0);
        const bought = (stolen + marked + paid) * assistBytesPerWork;
        const byteSlack = steps.length * 2 * (1 + assistBytesPerWork);
        expect(Math.abs(bought - charged - sum)).toBeLessThanOrEqual(byteSlack);
      }),
      { seed: 42, numRuns: 200 },
    );
  });

  it('state a credit that an event can hold, where there is no goal', () => {
    const background = new Background();
    const prices = { assistWorkPerByte: 1e-15, assistBytesPerWork: 1e15, limiting: false };
    const assists = new Assists(prices, background);
    assists.charge(1, 100);
    assists.marked(assists.steal());
    const cells: number[] = [];
    const note = (batch: EventBatch): void => void cells.push(...batch.args.subarray(0, 6));
    const journal = new Journal(new World(), note, null);
    assists.record(journal, 1);
    journal.flush();
    expect(cells).toEqual([1, 100, 1e-15, 0, 65536, Number.MAX_SAFE_INTEGER]);
  });

  it('are worth 64 KiB of scan work at least, and none while the limiter limits', () => {
    const background = new Background();
    const prices = { assistWorkPerByte: 2, assistBytesPerWork: 0.5, limiting: false };
    const assists = new Assists(prices, background);
    expect(assists.charge(1, 16)).toBe(true);
    expect(assists.steal()).toBe(65536);
    assists.marked(65536);
    expect(assists.balance).toBe(65536 / 2 + 1 - 16);
    assists.ended(1);
    expect(background.credit).toBe(2 * (65536 / 2 + 1 - 16));
    prices.limiting = true;
    expect(assists.charge(2, 16)).toBe(true);
    expect(assists.steal()).toBe(0);
  });

  it('let a program that allocates fast pay with its own time, so that the goal holds', () => {
    let assistNs = 0;
    const over: number[] = [];
    const decider = new Decider(configWith({ procs: 4 }), null, (_, tag, args, at) => {
      if (tag === EVENTS.MarkAdvanced.tag) assistNs += args[at + 5];
      if (tag === EVENTS.GCMarkTerminated.tag) over.push(args[at + 1] / args[at + 3]);
    });
    const site = decider.defineSite(256, 256, false, 'node');
    const live = 40_000;
    for (let i = 0; i < 8 * live; i += 1) {
      const object = decider.allocate(site);
      decider.storeRoot(i % live, object);
      decider.storePointer(object, 31, object);
    }
    expect(decider.world.scalars[SCALAR.numGC]).toBeGreaterThan(2);
    expect(assistNs).toBeGreaterThan(0);
    // The heap stops growing after two cycles.
    for (const share of over.slice(2)) expect(share).toBeLessThan(1.1);
  });

  it('drain the roots too, and end marking before the object is allocated', () => {
    const ends: number[] = [];
    let roots = 0;
    let started = 0;
    const config = configWith({ procs: 1, stackBytes: 12_000, globalsBytes: 300_000 });
    const decider = new Decider(config, null, (_, tag, args, at) => {
      if (tag === EVENTS.GCStarted.tag) started = args[at + 2];
      if (tag === EVENTS.GCMarkTerminated.tag) ends.push(args[at + 1] - started);
      if (tag === EVENTS.MarkAdvanced.tag) roots += args[at + 1] + args[at + 2];
    });
    const site = decider.defineSite(1 << 20, 0, false, 'buffer');
    for (let i = 0; i < 64; i += 1) decider.storeRoot(0, decider.allocate(site));
    decider.finishMark();
    expect(ends.length).toBeGreaterThan(12);
    expect(roots).toBe(ends.length * 312_000);
    expect(ends.slice(2, -1).every((grown) => grown === 0)).toBe(true);
  });
});
