import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToInt64, floatToUint64, TWO_63, TWO_64 } from './int64.ts';
import { NOT_TRIGGERED, Pacer } from './pacer.ts';

const MIB = 1048576;
const idle = { stackBytes: 0, globalsBytes: 0, scannableFraction: 1, procs: 8 };
const rest = { heapScan: 0, stackScanWork: 0, globalsScanWork: 0 };

/** `none` is no limit; Go prints infinities its own way. */
function figure(text: string): number {
  if (text === 'none' || text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}

/** Applies one recorded operation; returns what Go was asked for after it. */
function apply(pacer: Pacer, op: string, a: number[], atTrigger: boolean): number[] {
  const [x = 0, y = 0, z = 0, v = 0, w = 0] = a;
  const ends = () => [pacer.heapGoal, pacer.trigger];
  switch (op) {
    case 'N':
      return ends();
    case 'M':
      pacer.setMemoryFigures({ mappedReady: x, heapFree: y, totalAlloc: z });
      return ends();
    case 'P':
      pacer.setGCPercent(x, y === 1);
      return [...ends(), pacer.assistWorkPerByte];
    case 'L':
      pacer.setMemoryLimit(x, y === 1);
      return [...ends(), pacer.assistWorkPerByte];
    case 'S': {
      const start = { stackBytes: x, globalsBytes: y, scannableFraction: z, procs: v };
      pacer.startCycle(atTrigger ? start : { ...start, heapLive: w });
      const { dedicated, fractionalGoal, maxIdle } = pacer.workers;
      const ratios = [pacer.assistWorkPerByte, pacer.assistBytesPerWork];
      return [pacer.triggered, ...ends(), ...ratios, dedicated, fractionalGoal, maxIdle];
    }
    case 'R':
      pacer.revise({
        heapLive: x,
        heapScan: y,
        heapScanWork: z,
        stackScanWork: v,
        globalsScanWork: w,
      });
      return [pacer.heapLive, pacer.heapGoal, pacer.assistWorkPerByte, pacer.assistBytesPerWork];
    case 'E':
      pacer.endCycle({ bytesMarked: x, assistNs: y, idleNs: z, elapsedNs: v, procs: w });
      return [pacer.heapMarked, ...ends(), pacer.consMark, pacer.runway];
    default:
      throw new Error(`unknown operation ${op}`);
  }
}

describe('random programs recorded from Go 1.26.8', () => {
  const url = new URL('../../../../test/fixtures/pacer/go1.26-pacer-ops.txt', import.meta.url);
  const lines = readFileSync(url, 'utf8').split('\n');

  it('come out the same, to the last bit where nothing exceeds 2^53', () => {
    let pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    let huge = false;
    let exact = 0;
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const [left = '', right = ''] = line.split(' = ');
      const [op = '', ...args] = left.split(' ');
      const a = args.map(figure);
      if (op === 'N') {
        pacer = new Pacer({ gcPercent: a[0] ?? 0, memoryLimit: a[1] ?? 0 });
        huge = false;
      }
      const want = right.split(' ').map(figure);
      huge ||= want.some((x) => x > Number.MAX_SAFE_INTEGER);
      const got = apply(pacer, op, a, args[4] === '-');
      if (!huge) {
        expect(got, line).toEqual(want);
        exact++;
        continue;
      }
      expect(got.length).toBe(want.length);
      got.forEach((x, i) => {
        const y = want[i] ?? Number.NaN;
        if (x !== y) expect(Math.abs(x / y - 1), line).toBeLessThan(2e-15);
      });
    }
    expect(exact).toBeGreaterThan(1000);
  });
});

describe('integers', () => {
  // Outcomes of a Go 1.26.8 program on amd64.
  it.each([
    [Number.NaN, TWO_63, -TWO_63],
    [Infinity, TWO_63, -TWO_63],
    [-Infinity, TWO_63, -TWO_63],
    [-1, TWO_64, -1],
    [-1.5, TWO_64, -1],
    [-1e19, TWO_63, -TWO_63],
    [1e18, 1e18, 1e18],
    [9.3e18, 9.3e18, -TWO_63],
    [1e30, TWO_63, -TWO_63],
    [2.75, 2, 2],
  ])('of %d', (x, unsigned, signed) => {
    expect(floatToUint64(x)).toBe(unsigned);
    expect(floatToInt64(x)).toBe(signed);
  });

  it("multiplies GOGC and heap as Go's uint64 does, exact and wrapping", () => {
    const bytes = fc.integer({ min: 0, max: 2 ** 44 });
    const gogc = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0, max: 2 ** 40 }),
        gogc,
        (marked, globals, gcPercent) => {
          const pacer = new Pacer({ gcPercent, memoryLimit: Infinity });
          pacer.startCycle({ ...idle, globalsBytes: globals, heapLive: 0 });
          pacer.endCycle({ bytesMarked: marked, assistNs: 0, elapsedNs: 1, procs: 8 });
          const product = BigInt.asUintN(64, BigInt(marked + globals) * BigInt(gcPercent));
          const goal = Number(BigInt.asUintN(64, BigInt(marked) + product / 100n));
          const minimum = Math.floor((4 * MIB * gcPercent) / 100);
          const limit = Number(8946670875749132533n);
          const want = Math.min(limit, Math.max(goal, minimum, marked + MIB));
          expect(pacer.heapGoal).toBe(want);
        },
      ),
      { seed: 42, numRuns: 1000 },
    );
  });
});

describe('goals', () => {
  it('start at 4 MiB and trigger at 61/64 of it', () => {
    const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    expect([pacer.heapGoal, pacer.trigger]).toEqual([4194304, 3997696]);
    expect(pacer.triggered).toBe(NOT_TRIGGERED);
  });

  it.each([
    [100, 18],
    [50, 13],
    [200, 28],
  ])("at GOGC=%i are those of the GC guide's example", (gcPercent, mib) => {
    const pacer = new Pacer({ gcPercent, memoryLimit: Infinity });
    pacer.startCycle({ ...idle, stackBytes: MIB, globalsBytes: MIB });
    pacer.revise({ ...rest, heapLive: 1, heapScanWork: 0, stackScanWork: MIB });
    pacer.endCycle({ bytesMarked: 8 * MIB, assistNs: 0, elapsedNs: 1, procs: 8 });
    expect(pacer.heapGoal).toBe(mib * MIB);
  });

  it('are as good as unbounded with GOGC and the limit off', () => {
    const pacer = new Pacer({ gcPercent: -1, memoryLimit: Infinity });
    expect(pacer.heapGoal).toBe(Number(8946670875749132533n));
    expect(pacer.trigger).toBe(Number(8946670875744938229n));
    expect(pacer.memoryLimit).toBe(Infinity);
  });

  it('leave room for memory beside the heap', () => {
    const pacer = new Pacer({ gcPercent: -1, memoryLimit: 100 * MIB, mappedReady: 20 * MIB });
    expect(pacer.heapGoal).toBe(80 * MIB - Math.floor((80 * MIB) / 100) * 3);
    pacer.setMemoryFigures({ mappedReady: 120 * MIB, heapFree: 30 * MIB, totalAlloc: 60 * MIB });
    expect(pacer.heapGoal).toBe(50 * MIB - Math.floor((50 * MIB) / 100) * 3);
    pacer.setMemory(200 * MIB, 0, 50 * MIB, 0);
    expect(pacer.heapGoal).toBe(0);
  });

  it('are never below the trigger, whatever happens', () => {
    const size = fc.integer({ min: 0, max: 2 ** 36 });
    const cycle = fc.record({ live: size, work: size, marked: size, stack: size, assist: size });
    const settings = fc.record({
      gcPercent: fc.integer({ min: -1, max: 2000 }),
      memoryLimit: fc.oneof(size, fc.constant(Infinity)),
    });
    fc.assert(
      fc.property(settings, fc.array(cycle, { maxLength: 8 }), (options, cycles) => {
        const pacer = new Pacer(options);
        for (const c of cycles) {
          expect(pacer.trigger).toBeLessThanOrEqual(pacer.heapGoal);
          expect(pacer.heapGoal).toBeGreaterThanOrEqual(pacer.heapMarked);
          pacer.startCycle({ ...idle, stackBytes: c.stack, heapLive: pacer.heapMarked + c.live });
          pacer.revise({ ...rest, heapLive: c.live, heapScanWork: c.work });
          expect(pacer.assistWorkPerByte).toBeGreaterThan(0);
          const elapsedNs = Math.max(1, c.assist);
          pacer.endCycle({ bytesMarked: c.marked, assistNs: c.assist, elapsedNs, procs: 8 });
        }
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});

describe('allocation counted by the collector', () => {
  it('is what startCycle counts on its own otherwise', () => {
    const size = fc.integer({ min: 1, max: 2 ** 30 });
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 20 }), size, (sizes, work) => {
        const counted = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
        const told = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
        for (const bytes of sizes) counted.heapLiveAdd(bytes, bytes);
        const heapLive = sizes.reduce((a, b) => a + b, 0);
        expect(counted.heapLive).toBe(heapLive);
        for (const pacer of [counted, told]) pacer.startCycle({ ...idle, heapLive });
        expect(counted.toState()).toEqual(told.toState());
        // During a cycle only the live heap moves, and the ratio with it.
        counted.reviseBy(0, 0, work, 0, 0);
        counted.heapLiveAdd(7, 7);
        told.revise({ ...rest, heapLive: 7, heapScanWork: work });
        expect(counted.toState()).toEqual(told.toState());
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});

describe('settings', () => {
  it('return the old value and take effect at once, within a cycle too', () => {
    const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    expect(pacer.setGCPercent(200)).toBe(100);
    expect(pacer.heapGoal).toBe(8 * MIB);
    expect(pacer.setGCPercent(-7)).toBe(200);
    expect(pacer.gcPercent).toBe(-1);
    expect(pacer.setMemoryLimit(64 * MIB)).toBe(Infinity);
    expect(pacer.setMemoryLimit(-1)).toBe(64 * MIB);
    pacer.startCycle({ ...idle, globalsBytes: MIB, heapLive: 5 * MIB });
    const before = pacer.assistWorkPerByte;
    expect(pacer.setMemoryLimit(16 * MIB)).toBe(64 * MIB);
    expect(pacer.assistWorkPerByte).toBeGreaterThan(before);
  });

  const pacer = () => new Pacer({ gcPercent: 100, memoryLimit: Infinity });
  const end = { bytesMarked: 1, assistNs: 1, elapsedNs: 1, procs: 1 };
  it.each<[string, () => unknown, RegExp]>([
    ['GOGC 1.5', () => new Pacer({ gcPercent: 1.5, memoryLimit: 0 }), /not a GOGC/],
    ['limit -1', () => new Pacer({ gcPercent: 1, memoryLimit: -1 }), /not a memory limit/],
    ['limit NaN', () => pacer().setMemoryLimit(Number.NaN), /not a memory limit/],
    ['free above mapped', () => pacer().setMemory(1, 2, 0, 0), /contradict/],
    [
      'fraction 2',
      () => pacer().startCycle({ ...idle, scannableFraction: 2 }),
      /scannableFraction/,
    ],
    ['no procs', () => pacer().startCycle({ ...idle, procs: 0 }), /processors/],
    ['revise outside a cycle', () => pacer().reviseBy(0, 0, 0, 0, 0), /^revise: no cycle/],
    ['endCycle outside a cycle', () => pacer().endCycle(end), /^endCycle: no cycle/],
    ['fraction -0.1', () => pacer().startCycle({ ...idle, scannableFraction: -0.1 }), /scannableF/],
    ['half a stack byte', () => pacer().startCycle({ ...idle, stackBytes: 0.5 }), /stackBytes/],
    ['globals -1', () => pacer().setRoots(0, -1), /globalsBytes is not an integer >= 0: -1/],
    ['live heap -1', () => pacer().startCycle({ ...idle, heapLive: -1 }), /heapLive/],
    ['GOGC 2^31', () => pacer().setGCPercent(2 ** 31), /not a GOGC: 2147483648/],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ code: 'bad-usage' }));
  });

  it('refuses half a byte, and a cycle within a cycle', () => {
    const running = pacer();
    running.startCycle(idle);
    expect(() => running.startCycle(idle)).toThrow(/^startCycle: a cycle is running/);
    for (let i = 0; i < 5; i += 1) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = [0, 0, 0, 0, 0].with(i, 0.5);
      expect(() => running.reviseBy(a, b, c, d, e)).toThrow(
        expect.objectContaining({
          code: 'bad-usage',
          message: expect.stringMatching(/not an int/),
        }),
      );
    }
    for (const figure of ['assistNs', 'idleNs', 'elapsedNs', 'bytesMarked']) {
      expect(() => running.endCycle({ ...end, [figure]: -1 })).toThrow(new RegExp(`^${figure} is`));
    }
  });
});
