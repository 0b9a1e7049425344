/** Which operations random programs over the runtime's interface are made of, and how often. */
import type { Weights } from '../swarm.ts';

/** Operations of every program. */
export const GO_BASE: Weights = {
  new: 26,
  list: 16,
  field: 26,
  clear: 6,
  copy: 10,
  drop: 10,
  work: 6,
  garbage: 8,
  storm: 3,
  gc: 3,
  check: 2,
};

/** Operations that a feature adds. */
export const GO_FEATURES: Readonly<Record<string, Weights>> = {
  goroutines: { go: 10, sleep: 3, stack: 4 },
  channels: { makeChan: 7, send: 16, recv: 14, select: 10, close: 2 },
  mutexes: { lock: 8 },
  slices: { makeSlice: 6, append: 14, appendSlice: 5, cut: 6, index: 8 },
  maps: { makeMap: 6, assign: 14, lookup: 8, delete: 6, range: 3, clearMap: 1 },
  values: { string: 5, concat: 7, box: 5, closure: 5 },
  finalizers: { finalizer: 9, clearFinalizer: 3, lose: 4, ring: 3 },
  cleanups: { cleanup: 9, stopCleanup: 3, lose: 2 },
  weak: { weak: 9, value: 14 },
  unique: { unique: 9 },
  pools: { pool: 2, put: 9, get: 8 },
  large: { large: 8 },
  settings: { percent: 2, limit: 2, freeOS: 1 },
  procs: { procs: 5 },
  reads: { stats: 4 },
  sleeps: { sleep: 8 },
};
