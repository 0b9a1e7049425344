/** For tests that do what a real Go program does, and compare the figures that both print. */
// biome-ignore-start lint/style/noRestrictedImports: test code, never imported by the package itself
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
// biome-ignore-end lint/style/noRestrictedImports: test code, never imported by the package itself
import type { MemStats } from './memstats.ts';
import type { Runtime } from './runtime.ts';

/** By how much the figures changed in one step. */
export interface Figures {
  readonly Mallocs: number;
  readonly Frees: number;
  readonly TotalAlloc: number;
  /** New slots by slot bytes, where there are any. */
  readonly BySize: Readonly<Record<string, number>>;
}

/** The lines that a program under test/fixtures/go prints; undefined without Go 1.26. */
export function runGo<T>(name: string, ...args: readonly string[]): T[] | undefined {
  let version: string;
  try {
    version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
  if (Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0) < 26) return undefined;
  const path = `../../../../test/fixtures/go/${name}/main.go`;
  const program = fileURLToPath(new URL(path, import.meta.url));
  const text = execFileSync('go', ['run', program, ...args], { encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function difference(before: MemStats, after: MemStats): Figures {
  const BySize: Record<string, number> = {};
  after.BySize.forEach(({ Size, Mallocs }, i) => {
    const count = Mallocs - before.BySize[i].Mallocs;
    if (count !== 0) BySize[Size] = count;
  });
  return {
    Mallocs: after.Mallocs - before.Mallocs,
    Frees: after.Frees - before.Frees,
    TotalAlloc: after.TotalAlloc - before.TotalAlloc,
    BySize,
  };
}

/** By how much the figures change while `act` runs. */
export function measure(rt: Runtime, act: () => void): Figures {
  const before = rt.ReadMemStats();
  act();
  return difference(before, rt.ReadMemStats());
}
