/** Bugs of what a run says of itself: statistics, pauses, snapshots, replays. */
import type { Mutant } from './mutant.ts';

export const FIGURES: readonly Mutant[] = [
  {
    name: 'pause-ring-off-by-one',
    breaks: 'a pause goes to the next entry of MemStats.PauseNs',
    module: 'evolve/cycle',
    find: '(scalars[SCALAR.numGC] - 1) % PAUSE_RING',
    replace: 'scalars[SCALAR.numGC] % PAUSE_RING',
  },
  {
    name: 'pause-not-added-up',
    breaks: 'PauseTotalNs misses the pause that starts a cycle',
    module: 'evolve/cycle',
    find: 'scalars[SCALAR.pauseTotalNs] += paused;',
    replace: 'scalars[SCALAR.pauseTotalNs] += pauseNs;',
  },
  {
    name: 'forced-cycle-miscounted',
    breaks: 'NumForcedGC counts the cycles that the heap triggered',
    module: 'evolve/cycle',
    find: 'w.control.cycle.trigger === TRIGGER.forced',
    replace: 'w.control.cycle.trigger !== TRIGGER.forced',
  },
  {
    name: 'tiny-mallocs-not-counted',
    breaks: 'tiny objects are missing from Mallocs',
    module: 'runtime/memstats',
    find: 'const Mallocs = sum(mallocs) + s[SCALAR.largeAllocCount] + tiny;',
    replace: 'const Mallocs = sum(mallocs) + s[SCALAR.largeAllocCount];',
  },
  {
    name: 'large-frees-not-counted',
    breaks: 'large objects are missing from Frees',
    module: 'evolve/spans',
    find: 'scalars[SCALAR.largeFreeCount] += 1;',
    replace: ';',
  },
  {
    name: 'cached-slots-not-counted',
    breaks: 'MemStats misses objects of spans that are still cached',
    module: 'runtime/memstats',
    find: 'mallocs[sizeClass] += used;',
    replace: ';',
  },
  {
    name: 'evolve-differs-from-decide',
    breaks: 'folding a tape stores pointers a word further on than deciding did',
    module: 'evolve/evolve',
    find: 'mutator.pointerStored(w, a[at], a[at + 1], a[at + 2])',
    replace: 'mutator.pointerStored(w, a[at], a[at + 1] + 1, a[at + 2])',
  },
  {
    name: 'event-without-effect',
    breaks: 'folding a tape forgets what a released object was',
    module: 'evolve/evolve',
    find: 'mutator.objectReleased(w, a[at]);',
    replace: ';',
  },
  {
    name: 'snapshot-misses-column',
    breaks: 'snapshots leave the sweepgen of spans out',
    module: 'heap/snapshot_cells',
    find: '[bytesOf(w.sweepgen), 4],',
    replace: '[new Uint8Array(w.sweepgen.length * 4), 4],',
  },
];
