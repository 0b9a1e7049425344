/** Run configuration: defaults, and the way through JSON in a tape's first event. */
import { HeaptapeError } from '@heaptape/schema';
import { type CostModel, DEFAULT_COSTS, PAUSE_QUANTILES } from './collector/costs.ts';
import type { RunConfig } from './control.ts';
import { MAX_PROCS } from './heap/layout.ts';

export const DEFAULT_CONFIG: RunConfig = {
  gcPercent: 100,
  memoryLimit: 0,
  procs: 4,
  collector: 'greentea',
  layout: 'go1.26',
  compact: 0,
  seed: 1,
  stackBytes: 64 * 1024,
  globalsBytes: 192 * 1024,
  nonHeapBytes: 4 * 1024 * 1024,
  costs: DEFAULT_COSTS,
};

/** Fills in defaults. */
export function configWith(options: Partial<RunConfig>): RunConfig {
  return { ...DEFAULT_CONFIG, ...options };
}

/** Least and most of each setting that is a number; whole numbers but for costs. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  gcPercent: [-1, 2 ** 31 - 1],
  memoryLimit: [0, Number.MAX_SAFE_INTEGER],
  procs: [1, MAX_PROCS],
  compact: [0, 1],
  seed: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  stackBytes: [0, 2 ** 47],
  globalsBytes: [0, 2 ** 47],
  nonHeapBytes: [-1, 2 ** 47],
};
/** No cost is more than a second, and no pause more than a day; ns. */
const MOST_COST = 1e9;
const MOST_PAUSE = 86_400e9;

/** What is impossible about a configuration, in words; undefined if nothing. */
function problemOf(config: RunConfig): string | undefined {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = config[name as keyof RunConfig];
    if (!(Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) {
      return `${name} of ${value}: it is ${least} to ${most}`;
    }
  }
  const { sweepTermPauses, markTermPauses, ...costs } = config.costs;
  for (const [name, value] of Object.entries(costs)) {
    if (!(value >= 0 && value <= MOST_COST)) return `${name} of ${value}: it is 0 to ${MOST_COST}`;
  }
  const pauses = [...sweepTermPauses, ...markTermPauses];
  const strange = pauses.find((ns) => !(ns >= 0 && ns <= MOST_PAUSE));
  return strange === undefined ? undefined : `a pause of ${strange} ns`;
}

/** Throws `limit` for settings that no run can have. */
export function checkConfig(config: RunConfig): void {
  const problem = problemOf(config);
  if (problem !== undefined) throw new HeaptapeError('limit', `the run's ${problem}`);
}

function numbersOf<T extends object>(value: unknown, like: T, what: string): T {
  if (typeof value !== 'object' || value === null) bad(what);
  const found = value as Record<string, unknown>;
  const out: Record<string, number> = {};
  for (const key of Object.keys(like)) {
    const number = found[key];
    if (typeof number !== 'number' || !Number.isFinite(number)) bad(`${what}.${key}`);
    out[key] = number;
  }
  return out as T;
}

function pausesOf(value: unknown, what: string): readonly number[] {
  const valid = (ns: unknown): ns is number => typeof ns === 'number' && ns >= 0;
  if (!Array.isArray(value) || value.length !== PAUSE_QUANTILES || !value.every(valid)) bad(what);
  return value;
}

function costsOf(value: unknown): CostModel {
  const { sweepTermPauses: _s, markTermPauses: _m, ...numeric } = DEFAULT_COSTS;
  const numbers = numbersOf(value, numeric, 'costs');
  const found = value as Record<string, unknown>;
  return {
    ...numbers,
    sweepTermPauses: pausesOf(found['sweepTermPauses'], 'costs.sweepTermPauses'),
    markTermPauses: pausesOf(found['markTermPauses'], 'costs.markTermPauses'),
  };
}

function bad(what: string): never {
  throw new HeaptapeError('bad-data', `the run's configuration has no valid ${what}`);
}

/** Reads a configuration written by `JSON.stringify`. Throws `bad-data`. */
export function parseConfig(text: string): RunConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('JSON');
  }
  if (typeof value !== 'object' || value === null) return bad('object');
  const found = value as Record<string, unknown>;
  const { costs: _, collector, layout, ...numeric } = DEFAULT_CONFIG;
  const numbers = numbersOf(found, numeric, 'config');
  if (found['collector'] !== 'classic' && found['collector'] !== 'greentea') bad('collector');
  if (found['layout'] !== 'go1.22' && found['layout'] !== 'go1.26') bad('layout');
  const config = inOrder({
    ...numbers,
    collector: found['collector'] === 'classic' ? 'classic' : collector,
    layout: found['layout'] === 'go1.22' ? 'go1.22' : layout,
    costs: costsOf(found['costs']),
  });
  const problem = problemOf(config);
  return problem === undefined ? config : bad(problem);
}

/** The same configuration with its keys in the defaults' order, so that its text is canonical. */
function inOrder(config: RunConfig): RunConfig {
  const ordered = <T extends object>(value: T, like: T): T => {
    const keys = Object.keys(like) as (keyof T)[];
    return Object.fromEntries(keys.map((key) => [key, value[key]])) as T;
  };
  return { ...ordered(config, DEFAULT_CONFIG), costs: ordered(config.costs, DEFAULT_COSTS) };
}

/** A configuration as the text that a tape's first event holds. */
export function configText(config: RunConfig): string {
  return JSON.stringify(inOrder(config));
}
