/** The settings of a simulated process, as its environment would give them to a Go program. */
/** What a simulated process starts with. */
import { HeaptapeError } from '@heaptape/schema';
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import type { BatchSink, EventWatcher } from '../decide/journal.ts';
import { MAX_PROCS } from '../heap/layout.ts';

export interface RuntimeOptions {
  /** GOGC: a percentage, or off (also any negative number). 100 when left out. */
  readonly gogc?: number | 'off';
  /** GOMEMLIMIT, bytes; Infinity, or left out, is none. */
  readonly memoryLimit?: number;
  /** GOMAXPROCS; 4 when left out. */
  readonly procs?: number;
  readonly collector?: RunConfig['collector'];
  readonly layout?: RunConfig['layout'];
  /** The experiment: objects are moved together after every mark phase, which Go never does. */
  readonly compact?: boolean;
  /** `fine`: the tape has each object turning grey and black. `coarse` when left out: mark bits by span. */
  readonly detail?: 'coarse' | 'fine';
  /** Marking stops for the program after every single step, instead of between rounds. */
  readonly singleSteps?: boolean;
  /** Seed of every random decision. */
  readonly seed?: number;
  /** The rest of the configuration: costs, and memory outside the heap. */
  readonly config?: Partial<RunConfig>;
  /** Receives the events in batches, for a tape. Call `end` for the last one. */
  readonly sink?: BatchSink;
  /** Is told of each event but the hot ones when it has just happened; it may read the state. */
  readonly watcher?: EventWatcher;
}

/** The configuration that the options ask for. Throws `bad-usage` for what Go would not take. */
export function configOf(options: RuntimeOptions): RunConfig {
  const { gogc = 100, memoryLimit = Infinity, procs, collector, layout, seed } = options;
  const limit = memoryLimit === Infinity ? 0 : Math.max(1, memoryLimit);
  const config = configWith({
    nonHeapBytes: -1,
    ...options.config,
    ...(options.compact === undefined ? {} : { compact: Number(options.compact) }),
    gcPercent: gogc === 'off' ? -1 : Math.max(-1, gogc),
    memoryLimit: limit,
    ...(procs === undefined ? {} : { procs }),
    ...(collector === undefined ? {} : { collector }),
    ...(layout === undefined ? {} : { layout }),
    ...(seed === undefined ? {} : { seed }),
  });
  const whole = Number.isInteger(config.gcPercent) && Number.isSafeInteger(config.memoryLimit);
  if (
    !whole ||
    !(Number.isInteger(config.procs) && config.procs > 0 && config.procs <= MAX_PROCS)
  ) {
    throw new HeaptapeError('bad-usage', 'GOGC, the memory limit and GOMAXPROCS are whole numbers');
  }
  return config;
}
