/** All checkers, by name. */
import { accounting } from './accounting.ts';
import { allocator } from './allocator.ts';
import type { CheckerKind } from './checker.ts';
import { memStats } from './memstats.ts';
import { pacer } from './pacer.ts';
import { phases } from './phases.ts';
import { reachability } from './reachability.ts';
import { replay } from './replay.ts';
import { specialRules } from './specials.ts';
import { tricolour } from './tricolour.ts';

export const CHECKERS: readonly CheckerKind[] = [
  {
    name: 'reachability',
    doc: 'nothing reachable is freed; the unreachable goes with the next cycle',
    make: reachability,
  },
  {
    name: 'tricolour',
    doc: 'no black object points to a white one that the barrier has not noted',
    make: tricolour,
  },
  { name: 'phases', doc: 'events of a cycle come in order; each span is swept once', make: phases },
  { name: 'accounting', doc: 'every figure is what the events add up to', make: accounting },
  { name: 'memstats', doc: 'every field of MemStats, and every identity', make: memStats },
  {
    name: 'specials',
    doc: 'finalizers, cleanups and weak handles: once, in order, of the dead only',
    make: specialRules,
  },
  { name: 'allocator', doc: 'spans and objects do not overlap and fit', make: allocator },
  { name: 'pacer', doc: 'goal and trigger follow GOGC and the heap', make: pacer },
  { name: 'replay', doc: 'folded or decided again, the tape is the same', make: replay },
];
