/**
 * Go's settings as users write them: GOGC, GOMEMLIMIT, GOMAXPROCS, the collector; alone or as lists.
 *
 * A setting comes from its flag, else from the environment, else from the recording. Flags are
 * strict. The environment is read as Go reads it: a GOGC that is no number means 100, a GOMAXPROCS
 * that is no positive number is ignored, a malformed GOMEMLIMIT is refused.
 *
 * As in the simulator's configuration: GOGC off is -1, no memory limit is 0.
 */
import { HeaptapeError } from '@heaptape/schema';

export type Collector = 'classic' | 'greentea';

/** What is set, by flag or environment; what is not set is the recording's own. */
export interface GivenSettings {
  readonly gcPercent?: number;
  readonly memoryLimit?: number;
  readonly procs?: number;
  readonly collector?: Collector;
}

/** Values to try of each setting; an absent list is the recording's own value. */
export interface SettingLists {
  readonly gcPercent?: readonly number[];
  readonly memoryLimit?: readonly number[];
  readonly procs?: readonly number[];
  readonly collector?: readonly Collector[];
}

const MAX_GOGC = 2 ** 31 - 1;
const MAX_PROCS = 1024;
const UNIT_SHIFT: Readonly<Record<string, number>> = { B: 0, KiB: 1, MiB: 2, GiB: 3, TiB: 4 };
const MAX_INT64_DIGITS = 19;

const refuse = (flag: string, text: string, expected: string): never => {
  throw new HeaptapeError('bad-usage', `${flag} is ${expected}, not '${text}'`);
};

/** GOGC: a whole number, or `off`; a negative number is off, as in Go. */
export function parseGogc(text: string): number {
  if (text === 'off') return -1;
  const percent = Number(text);
  if (!/^[+-]?\d+$/.test(text) || percent > MAX_GOGC) {
    return refuse('--gogc', text, "a whole number or 'off'");
  }
  return Math.max(-1, percent);
}

/**
 * A size in GOMEMLIMIT's spelling, bytes; undefined when it is none. A plain number is bytes. Sizes
 * beyond what a 64-bit integer holds are malformed; the largest ones mean no limit, as in Go.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(B|KiB|MiB|GiB|TiB)?$/.exec(text);
  if (match === null || match[1].length > MAX_INT64_DIGITS) return undefined;
  const bytes = Number(match[1]) * 1024 ** UNIT_SHIFT[match[2] ?? 'B'];
  return bytes <= 2 ** 63 ? bytes : undefined;
}

/** A memory limit, bytes; 0 is none. A limit of nothing is one byte: both make Go collect always. */
export function parseMemoryLimit(text: string): number {
  if (text === 'off') return 0;
  const bytes = parseSize(text);
  if (bytes === undefined) {
    return refuse('--memlimit', text, "a size like 64MiB (B, KiB, MiB, GiB, TiB) or 'off'");
  }
  return bytes > Number.MAX_SAFE_INTEGER ? 0 : Math.max(1, bytes);
}

/** GOMAXPROCS: a whole number from 1. */
export function parseProcs(text: string): number {
  const procs = Number(text);
  if (!/^\d+$/.test(text) || procs < 1 || procs > MAX_PROCS) {
    return refuse('--procs', text, `a whole number from 1 to ${MAX_PROCS}`);
  }
  return procs;
}

export function parseCollector(text: string): Collector {
  if (text === 'classic' || text === 'greentea') return text;
  return refuse('--collector', text, "'classic' or 'greentea'");
}

/** An option parser for a comma-separated list, in the given order, without repeats. */
export const listOf =
  <T>(parse: (text: string) => T): ((text: string) => readonly T[]) =>
  (text) => [...new Set(text.split(',').map((item) => parse(item.trim())))];

type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment sets, read as Go's runtime reads it. Throws `bad-usage` for GOMEMLIMIT. */
export function environmentSettings(env: Environment): GivenSettings {
  const gogc = env['GOGC'] ?? '';
  const limit = env['GOMEMLIMIT'] ?? '';
  const procs = Number(/^\+?\d+$/.test(env['GOMAXPROCS'] ?? '') ? env['GOMAXPROCS'] : 0);
  return {
    ...(gogc === '' ? {} : { gcPercent: environmentGogc(gogc) }),
    ...(limit === '' ? {} : { memoryLimit: environmentLimit(limit) }),
    ...(procs < 1 ? {} : { procs: Math.min(procs, MAX_PROCS) }),
  };
}

function environmentGogc(text: string): number {
  try {
    return parseGogc(text);
  } catch {
    return 100;
  }
}

function environmentLimit(text: string): number {
  try {
    return parseMemoryLimit(text);
  } catch {
    throw new HeaptapeError(
      'bad-usage',
      `malformed GOMEMLIMIT '${text}' in the environment`,
      'GOMEMLIMIT is a size like 64MiB (B, KiB, MiB, GiB, TiB) or off',
    );
  }
}

/** Defined entries of `flags` over those of the environment. */
export function withEnvironment(flags: GivenSettings, env: Environment): GivenSettings {
  const set = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { ...environmentSettings(env), ...Object.fromEntries(set) };
}

export const gogcText = (percent: number): string => (percent < 0 ? 'off' : String(percent));
