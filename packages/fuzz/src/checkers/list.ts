/**
 * All checkers, by name, in the order in which they are shown an event.
 *
 * The first one that finds its promise broken ends the run, so what comes first names the failure: what a
 * program would suffer from (reachability), then the rules of marking and of cycles, then figures, and last
 * `replay`, which carries the program out again and is by far the dearest.
 */
import { accounting } from './accounting.ts';
import { allocator } from './allocator.ts';
import { assists } from './assists.ts';
import type { CheckerKind } from './checker.ts';
import { compaction } from './compaction.ts';
import { limiter } from './limiter.ts';
import { memStats } from './memstats.ts';
import { pacer } from './pacer.ts';
import { phases } from './phases.ts';
import { reachability } from './reachability.ts';
import { replay } from './replay.ts';
import { scanWork } from './scanwork.ts';
import { scavenging } from './scavenging.ts';
import { specialRules } from './specials.ts';
import { stacks } from './stacks.ts';
import { sweeping } from './sweeping.ts';
import { tricolour } from './tricolour.ts';
import { workers } from './workers.ts';

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
  {
    name: 'scanwork',
    doc: 'what was grey was scanned once, whole, and nothing else',
    make: scanWork,
  },
  {
    name: 'sweeping',
    doc: 'allocation pays for sweeping; nothing uses an unswept span',
    make: sweeping,
  },
  { name: 'stacks', doc: 'stacks lie apart, grow and shrink when they must', make: stacks },
  {
    name: 'assists',
    doc: 'who allocates while a cycle marks pays, once, for work done',
    make: assists,
  },
  { name: 'limiter', doc: 'the GC CPU limiter limits when it must and only then', make: limiter },
  { name: 'workers', doc: 'a quarter of the Ps marks, and takes the time it says', make: workers },
  { name: 'compaction', doc: 'objects slide together and keep class and order', make: compaction },
  {
    name: 'scavenging',
    doc: 'memory goes back for a reason, at its pace, and is told',
    make: scavenging,
  },
  { name: 'replay', doc: 'folded or decided again, the tape is the same', make: replay },
];
