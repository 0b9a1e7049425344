/** Sweeping: how much before which allocation, and in which order, by Go's rules. */
import { EVENTS } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../collector/costs.ts';
import { configWith } from '../config.ts';
import { FATE } from '../evolve/spans.ts';
import { SCALAR } from '../heap/scalars.ts';
import { World } from '../heap/world.ts';
import { Decider } from './decider.ts';

const PAGE = 8192;
const MIB = 1 << 20;
/** Larger than any small object: so many pages are one object. */
const LARGE_PAGES = 5;

interface Sweep {
  readonly page: number;
  readonly fate: number;
  readonly spanClass: number;
  readonly pages: number;
}

/** A program whose background sweeper never gets its turn. */
class Program {
  readonly decider: Decider;
  swept: Sweep[] = [];
  /** Trigger of the last commit, and what it makes of proportional sweeping. */
  trigger = 0;
  ratio = 0;
  basisLive = 0;
  basisSwept = 0;
  measured: number[][] = [];
  world: World = new World();
  readonly #sites = new Map<number, number>();
  readonly #spans = new Map<number, { spanClass: number; pages: number }>();
  #sweptBefore = 0;

  constructor(gcPercent: number) {
    const costs = { ...DEFAULT_COSTS, sweepNsPerSpan: 1e9 };
    const config = configWith({ gcPercent, procs: 1, costs, compact: 0 });
    this.decider = new Decider(config, null, (w, tag, args, at) => {
      this.world = w;
      if (tag === EVENTS.SpanAllocated.tag) {
        this.#spans.set(args[at], { pages: args[at + 1], spanClass: args[at + 2] });
      } else if (tag === EVENTS.GCMarkTerminated.tag) {
        this.#sweptBefore = 0;
      } else if (tag === EVENTS.SpanSwept.tag) {
        const { spanClass = -1, pages = -1 } = this.#spans.get(args[at]) ?? {};
        expect(w.scalars[SCALAR.pagesSwept] - this.#sweptBefore).toBe(pages);
        this.#sweptBefore = w.scalars[SCALAR.pagesSwept];
        this.swept.push({ page: args[at], fate: args[at + 2], spanClass, pages });
      } else if (tag === EVENTS.PacerCommitted.tag) {
        this.trigger = args[at + 1];
        this.#pace();
      } else if (tag === EVENTS.SweepMeasured.tag) {
        this.measured.push(Array.from(args.subarray(at, at + 4)));
      }
    });
  }

  /** gcPaceSweeper. */
  #pace(): void {
    if (!this.sweeping) {
      this.ratio = 0;
      return;
    }
    const distance = Math.max(this.trigger - this.live - MIB, PAGE);
    const owed = this.scalar('pagesInUse') - this.scalar('pagesSwept');
    this.ratio = owed <= 0 ? 0 : owed / distance;
    if (owed <= 0) return;
    this.basisLive = this.live;
    this.basisSwept = this.scalar('pagesSwept');
  }

  /** deductSweepCredit: pages that are to be swept before so many bytes are allocated as a span. */
  target(spanBytes: number, callerPages: number): number {
    const bytes = spanBytes + Math.max(0, this.live - this.basisLive);
    return Math.trunc(this.ratio * bytes) - callerPages;
  }

  scalar(name: 'pagesInUse' | 'pagesSwept' | 'heapLive'): number {
    return this.world.scalars[SCALAR[name]];
  }

  get live(): number {
    return this.scalar('heapLive');
  }

  get sweeping(): boolean {
    return this.world.scalars[SCALAR.sweeping] !== 0;
  }

  get marking(): boolean {
    return this.world.scalars[SCALAR.gcphase] !== 0;
  }

  make(bytes: number, root = 0): number {
    const site = this.#sites.get(bytes) ?? this.decider.defineSite(bytes, 0, false, `b${bytes}`);
    this.#sites.set(bytes, site);
    const object = this.decider.allocate(site);
    if (root > 0) this.decider.storeRoot(root, object);
    return object;
  }
}

describe('an allocation', () => {
  const action = fc.record({
    what: fc.constantFrom('large', 'large', 'large', 'large', 'small', 'percent', 'flush'),
    pages: fc.integer({ min: LARGE_PAGES, max: 30 }),
  });

  it('sweeps what it owes by the page and no more, so that sweeping ends before the trigger', () => {
    let falls = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 900 }),
        fc.array(action, { minLength: 20, maxLength: 200, size: 'max' }),
        (live, actions) => {
          const program = new Program(100);
          const { decider } = program;
          for (let i = 1; i <= live; i += 1) program.make(PAGE, i);
          decider.callGC();
          expect(program.ratio).toBeGreaterThan(0);
          for (const { what, pages } of actions) {
            if (!program.sweeping || program.marking) break;
            const before = program.scalar('pagesSwept') - program.basisSwept;
            if (program.live < program.basisLive) falls += 1;
            const target = program.target(pages * PAGE, pages);
            if (what === 'large') program.make(pages * PAGE);
            else if (what === 'percent') decider.setGCPercent(80 + pages);
            else if (what === 'flush') decider.readMemStats();
            else program.make(16);
            if (what !== 'large' || !program.sweeping) continue;
            const after = program.scalar('pagesSwept') - program.basisSwept;
            expect(after).toBe(Math.max(before, target));
          }
          if (program.live > program.trigger - MIB) expect(program.sweeping).toBe(false);
        },
      ),
      { seed: 42, numRuns: 15 },
    );
    expect(falls).toBeGreaterThan(5);
  });

  it('of a small class owes a span, and takes none off for itself', () => {
    const program = new Program(100);
    for (let i = 1; i <= 700; i += 1) program.make(PAGE, i);
    program.decider.callGC();
    let owing = 0;
    while (program.sweeping && !program.marking) {
      const before = program.scalar('pagesSwept') - program.basisSwept;
      const target = program.target(PAGE, 0);
      program.make(4096);
      program.make(4096);
      if (!program.sweeping) break;
      const after = program.scalar('pagesSwept') - program.basisSwept;
      expect(after).toBe(Math.max(before, target));
      if (after > before) owing += 1;
    }
    expect(owing).toBeGreaterThan(100);
    expect(program.live).toBeLessThan(program.trigger);
  });

  it('of pages first sweeps dead spans of as many pages, from the lowest on, and keeps the change', () => {
    const size = fc.constantFrom(8, 1024, PAGE, 10_240, 27_264, 9 * PAGE);
    const cycle = fc.record({
      dead: fc.array(size, { minLength: 30, maxLength: 100 }),
      wanted: fc.array(fc.integer({ min: LARGE_PAGES, max: 12 }), { maxLength: 30, size: 'max' }),
    });
    fc.assert(
      fc.property(fc.array(cycle, { minLength: 1, maxLength: 3 }), (cycles) => {
        const program = new Program(-1);
        let roots = 0;
        for (const { dead, wanted } of cycles) {
          for (const bytes of dead) {
            const fresh = bytes < 1024 ? 600 : 1;
            for (let i = 0; i < fresh; i += 1) program.make(bytes);
            roots += 1;
            if (bytes === PAGE) program.make(bytes, roots);
          }
          program.decider.callGC();
          program.swept = [];
          let owed = 0;
          let found = 0;
          let last = -1;
          for (const pages of wanted) {
            program.swept = [];
            program.make(pages * PAGE);
            owed += pages;
            for (const one of program.swept) {
              expect(one.fate).toBe(FATE.freed);
              expect(one.page).toBeGreaterThan(last);
              // Not one span more than is needed.
              expect(found).toBeLessThan(owed);
              last = one.page;
              found += one.pages;
            }
            if (found < owed) break;
          }
          const least = Math.min(owed, found);
          program.swept = [];
          program.decider.waitSweep();
          // Dead spans are left only when there was no need for them.
          if (least < owed) for (const one of program.swept) expect(one.fate).not.toBe(FATE.freed);
        }
      }),
      { seed: 42, numRuns: 15 },
    );
  });
});

describe('the background sweeper', () => {
  it('goes by span class, full spans before partial ones, each span once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 2, max: 5 }),
        (sizes, every) => {
          const program = new Program(-1);
          let roots = 0;
          for (let cycle = 0; cycle < 2; cycle += 1) {
            for (const bytes of sizes) {
              for (let i = 0; i < 40; i += 1) {
                roots += 1;
                program.make(16 + bytes, i % every === 0 ? roots : 0);
              }
            }
            program.decider.callGC();
            program.swept = [];
            let full = new Set<number>();
            let at = 0;
            const { world } = program;
            while (program.sweeping) {
              full = new Set([...full, ...fullSpans(world)]);
              expect(program.decider.stepSweep()).toBe(true);
            }
            expect(program.decider.stepSweep()).toBe(false);
            for (const { page, spanClass } of program.swept) {
              const place = spanClass * 2 + (full.has(page) ? 0 : 1);
              expect(place).toBeGreaterThanOrEqual(at);
              at = place;
            }
            const pages = program.swept.map(({ page }) => page);
            expect(new Set(pages).size).toBe(pages.length);
            program.decider.waitSweep();
          }
        },
      ),
      { seed: 42, numRuns: 15 },
    );
  });

  it('tells at the end what Go tells: heap, growth since the pace was set, pages, pages a byte', () => {
    const program = new Program(100);
    for (let i = 1; i <= 700; i += 1) program.make(PAGE, i);
    program.decider.callGC();
    const { ratio, basisLive } = program;
    program.make(10 * PAGE);
    program.measured = [];
    program.decider.waitSweep();
    const swept = program.scalar('pagesSwept');
    expect(swept).toBeGreaterThanOrEqual(700);
    expect(program.measured).toEqual([[program.live, program.live - basisLive, swept, ratio]]);
    expect(program.decider.stepSweep()).toBe(false);
    // All is swept: nobody owes anything.
    program.swept = [];
    program.make(100 * PAGE);
    expect(program.swept).toEqual([]);
  });
});

describe('a new goal while sweeping goes on', () => {
  it('sets a new pace, but none where as much was swept as is in use', () => {
    const program = new Program(100);
    const { decider } = program;
    for (let i = 1; i <= 400; i += 1) program.make(PAGE, i);
    for (let i = 0; i < 500; i += 1) program.make(PAGE);
    decider.callGC();
    program.make(20 * PAGE);
    const { basisLive } = program;
    while (program.scalar('pagesInUse') > program.scalar('pagesSwept')) decider.stepSweep();
    decider.setGCPercent(50);
    expect([program.sweeping, program.ratio]).toEqual([true, 0]);
    const swept = program.scalar('pagesSwept');
    // Dead spans are reclaimed for their pages, and nothing is swept beyond that.
    program.make(10 * PAGE);
    expect(program.scalar('pagesSwept')).toBeLessThanOrEqual(swept + 10);
    program.measured = [];
    decider.waitSweep();
    const [[live, grown, , ratio] = []] = program.measured;
    expect([live, grown, ratio]).toEqual([program.live, program.live - basisLive, 0]);
  });
});

/** Spans to be swept without a free slot. */
function fullSpans({ spanState, allocCount, nelems, pages }: World): number[] {
  const found: number[] = [];
  for (let page = 0; page < pages; page += 1) {
    if (spanState[page] !== 0 && allocCount[page] === nelems[page]) found.push(page);
  }
  return found;
}

describe('a change to the specials of an object', () => {
  it('has its span swept first, that one only', () => {
    const program = new Program(-1);
    const { decider } = program;
    const objects = Array.from({ length: 20 }, (_, i) => program.make(PAGE, i + 1));
    decider.callGC();
    program.swept = [];
    const object = objects[7] ?? 0;
    const page = decider.world.objects.wordOf(object) >> 10;
    decider.specials.setFinalizer(object, 0, 1, 0);
    expect(program.swept.map((one) => one.page)).toEqual([page]);
    decider.specials.addCleanup(object, 8, 1, 0);
    expect(program.swept).toHaveLength(1);
  });
});
