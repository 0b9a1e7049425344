import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from './runtime.ts';

const PROGRAM = fileURLToPath(
  new URL('../../../../test/fixtures/go/scavenge/main.go', import.meta.url),
);
const LIMIT = 48 * 2 ** 20;
const MIB = 2 ** 20;

interface Figures {
  readonly HeapInuse: number;
  readonly HeapIdle: number;
  readonly HeapReleased: number;
  /** Memory from the system beside the heap. */
  readonly Outside: number;
}

type Steps = Record<'full' | 'idle' | 'limit' | 'freed', Figures>;

function runGo(): Steps | undefined {
  try {
    if (!execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).startsWith('go1.26')) {
      return undefined;
    }
  } catch {
    return undefined;
  }
  const options = { encoding: 'utf8', env: { ...process.env, GOMAXPROCS: '2' } } as const;
  const lines = execFileSync('go', ['run', PROGRAM], options).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Figures & { Kind: string });
  return Object.fromEntries(rows.map(({ Kind, ...figures }) => [Kind, figures])) as Steps;
}

/** The same program, simulated. */
function simulated(): Steps {
  const rt = createRuntime({ gogc: 100, procs: 2 });
  const slots = Array.from({ length: 4096 }, () => rt.main.slot());
  const fill = (count: number): void => {
    for (let i = 0; i < count; i += 1) slots[i].set(rt.new({ name: 'block', size: 16384 }));
  };
  const drop = (): void => {
    for (const slot of slots) if (slot.get() !== null) slot.set(null);
  };
  fill(4096);
  const full = figuresOf(rt);
  drop();
  rt.GC();
  rt.GC();
  rt.run(1.5e9);
  const idle = figuresOf(rt);
  rt.debug.SetMemoryLimit(LIMIT);
  for (let i = 0; i < 20; i += 1) {
    fill(1024);
    drop();
    rt.new({ name: 'large', size: 5 * MIB });
  }
  const limit = figuresOf(rt);
  rt.debug.FreeOSMemory();
  return { full, idle, limit, freed: figuresOf(rt) };
}

function figuresOf(rt: Runtime): Figures {
  const { HeapInuse, HeapIdle, HeapReleased, HeapSys, Sys } = rt.ReadMemStats();
  return { HeapInuse, HeapIdle, HeapReleased, Outside: Sys - HeapSys };
}

/** What holds of these steps, simulated or real. */
function expectSteps({ full, idle, limit, freed }: Steps): void {
  const retained = ({ HeapInuse, HeapIdle, HeapReleased }: Figures): number =>
    HeapInuse + HeapIdle - HeapReleased;
  expect(retained(full)).toBeGreaterThan(63 * MIB);
  expect(idle.HeapInuse).toBeLessThan(MIB);
  expect(retained(idle)).toBeLessThan(48 * MIB);
  expect(retained(limit) + limit.Outside).toBeLessThanOrEqual(LIMIT + 3 * MIB);
  expect(freed.HeapInuse).toBeLessThan(MIB);
  expect(retained(freed)).toBeLessThan(6 * MIB);
}

function holds(steps: Steps): boolean {
  try {
    expectSteps(steps);
    return true;
  } catch {
    return false;
  }
}

describe('memory that is not needed', () => {
  it('goes back to the system by goal, under a limit, and when asked for', () => {
    const steps = simulated();
    expectSteps(steps);
    expect(steps.freed.HeapReleased).toBe(steps.freed.HeapIdle);
  });

  it('goes back as in real Go', (ctx) => {
    // Real time passes there: on a busy machine the background scavenger may hardly get to run.
    let real = runGo();
    for (let more = 4; more > 0 && real !== undefined && !holds(real); more -= 1) real = runGo();
    if (real === undefined) {
      console.warn('scavenge: no go of 1.26 on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    expectSteps(real);
    const steps = simulated();
    for (const step of ['full', 'idle', 'limit', 'freed'] as const) {
      // Both are far from zero and within a third of each other: mspans, caches, tables, stacks.
      const ratio = steps[step].Outside / real[step].Outside;
      expect(ratio, step).toBeGreaterThan(0.67);
      expect(ratio, step).toBeLessThan(1.5);
    }
  });

  it('goes back over time, at about 1 % of the CPU', () => {
    const rt = createRuntime({ gogc: 100, procs: 2 });
    const slots = Array.from({ length: 4096 }, () => rt.main.slot());
    for (const slot of slots) slot.set(rt.new({ name: 'block', size: 16384 }));
    for (const slot of slots) slot.set(null);
    rt.GC();
    rt.GC();
    const released: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      released.push(rt.ReadMemStats().HeapReleased);
      rt.run(50_000_000);
    }
    expect(released[0]).toBeLessThan(8 * MIB);
    expect(released.at(-1)).toBeGreaterThan(60 * MIB);
    expect(new Set(released).size).toBeGreaterThan(2);
    rt.GC();
    const [{ Value }] = rt.metrics.Read(['/cpu/classes/scavenge/background:cpu-seconds']);
    const seconds = Value.kind === 'float64' ? Value.value : 0;
    expect(seconds).toBeGreaterThan(0.001);
    expect(seconds).toBeLessThan(0.01 * 2 * 2);
  });
});
