import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { SCALAR } from '../heap/scalars.ts';
import type { Goroutine } from './goroutines.ts';
import { createRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(
  new URL('../../../../test/fixtures/go/stacks/main.go', import.meta.url),
);

interface Step {
  readonly Kind: 'gc' | 'start' | 'end';
  readonly Count: number;
  readonly Depth: number;
  readonly StackInuse: number;
  readonly Scanned: number;
  readonly StartingSize: number;
}

function runGo(): Step[] | undefined {
  let version: string;
  try {
    version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
  if (!version.startsWith('go1.26')) return undefined;
  const options = { encoding: 'utf8', env: { ...process.env, GOMAXPROCS: '1' } } as const;
  const lines = execFileSync('go', ['run', PROGRAM], options).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Step);
}

/** Bytes in use of a goroutine of the Go program, once it waits: as the collector scanned them. */
function usedAt(depth: number): number {
  return depth < 0 ? 256 : 248 + (depth + 1) * 544;
}

describe('stacks', () => {
  it('take what they take in real Go, step by step', (ctx) => {
    const steps = runGo();
    if (steps === undefined) {
      console.warn('stacks: no go of 1.26 on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    rt.GC();
    const alive: Goroutine[] = [];
    const { scalars } = rt.world;
    let exact = 0;
    for (const { Kind, Count, Depth, ...truth } of steps) {
      if (Kind === 'gc') rt.GC();
      for (let i = 0; i < Count; i += 1) {
        if (Kind === 'start') {
          alive.push(rt.go());
          alive.at(-1)?.useStack(usedAt(Depth));
        } else alive.shift()?.exit();
      }
      // A real process may have started a thread more (up to two spans) or keep another span.
      const off = rt.ReadMemStats().StackInuse - truth.StackInuse;
      expect(Math.abs(off), `${Kind} ${Count}`).toBeLessThanOrEqual(2 * 32768);
      if (off === 0) exact += 1;
      expect(scalars[SCALAR.startingStack]).toBe(truth.StartingSize);
      const scanned = scalars[SCALAR.lastStackScan];
      // The runtime's own goroutines, and main, are some hundred bytes deep, here or there.
      expect(Math.abs(scanned - truth.Scanned)).toBeLessThan(512);
    }
    console.info(`stacks: ${exact} of ${steps.length} steps to the byte`);
    expect(steps.length).toBeGreaterThan(20);
  });

  it('grow to the next power of two, and not beyond what Go allows', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const g = rt.go();
    const bytes = (): number => {
      const { goroutines } = rt.world;
      return goroutines.bytes[goroutines.row(g.id)];
    };
    expect(bytes()).toBe(2048);
    g.useStack(1248);
    expect(bytes()).toBe(2048);
    g.useStack(1249);
    expect(bytes()).toBe(4096);
    g.useStack(100_000);
    expect(bytes()).toBe(131072);
    expect(() => g.useStack(2 ** 29)).toThrow(HeaptapeError);
    expect(() => g.useStack(2 ** 29)).toThrow('1000000000-byte limit');
    expect(bytes()).toBe(131072);
    g.useStack(100);
    for (const half of [65536, 32768, 16384, 8192, 4096, 2048, 2048]) {
      rt.GC();
      expect(bytes()).toBe(half);
    }
  });
});
