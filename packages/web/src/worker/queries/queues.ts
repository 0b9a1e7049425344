/** Finalizers, cleanups and weak pointers here: what runs, what is due in which order, what waits. */
import { SCALAR, SPECIAL_STATE, type World } from '@heaptape/core';
import type { Query } from '../query.ts';
import { type SpecialView, specialView } from '../specials.ts';

/** An entry of a queue; the order of the list is the order in which they are run. */
export interface Due extends SpecialView {
  /** In words: who has it, and whether it may be run yet. */
  readonly where: string;
}

export interface QueuesAnswer {
  /** Whether the run has had a special at all, up to here. */
  readonly any: boolean;
  /** The first ones of each list, and how many there are. */
  readonly finalizers: readonly Due[];
  readonly finalizerCount: number;
  readonly cleanups: readonly Due[];
  readonly cleanupCount: number;
  readonly attached: readonly SpecialView[];
  readonly attachedCount: number;
  /** Counted by the runtime: block by block, so they lag behind. */
  readonly finalizersQueued: number;
  readonly finalizersExecuted: number;
  readonly cleanupsQueued: number;
  readonly cleanupsExecuted: number;
}

const MOST_ROWS = 200;

function dueOf(w: World, special: number, where: string): Due {
  return { ...specialView(w, special), where };
}

/** In the order of their calls: what runs, the rest of what the goroutine took, then what came since. */
function finalizersOf(w: World): { special: number; where: string }[] {
  const { finCurrent, finRunning, finq } = w.specials;
  const running = finCurrent === 0 ? [] : [{ special: finCurrent, where: 'runs' }];
  const behind =
    finCurrent === 0 ? 'taken by the finalizer goroutine' : 'waits for the one that runs';
  return [
    ...running,
    ...finRunning.toReversed().map((special) => ({ special, where: behind })),
    ...finq.toReversed().map((special) => ({ special, where: 'in the queue' })),
  ];
}

/** What runs, blocks from the last one, then what may not run before its block is full or the sweep is over. */
function cleanupsOf(w: World): { special: number; where: string }[] {
  const { cleanupWorkers, cleanupBlocks, cleanupLocal } = w.specials;
  const found: { special: number; where: string }[] = [];
  cleanupWorkers.forEach(({ running }, i) => {
    if (running !== 0)
      found.push({ special: running, where: `runs on cleanup goroutine ${i + 1}` });
  });
  cleanupWorkers.forEach(({ block }, i) => {
    const where = `taken by cleanup goroutine ${i + 1}`;
    found.push(...block.map((special) => ({ special, where })));
  });
  for (const block of cleanupBlocks.toReversed()) {
    found.push(...block.map((special) => ({ special, where: 'in the queue' })));
  }
  cleanupLocal.forEach((block, p) => {
    const where = `in the block of P ${p}, until that is full or the sweep is over`;
    found.push(...block.map((special) => ({ special, where })));
  });
  return found;
}

export const queues: Query<null, QueuesAnswer> = ({ travel: { world: w } }) => {
  const { count, state } = w.specials;
  const { scalars } = w;
  const attached: SpecialView[] = [];
  for (let special = 1; special <= count && attached.length < MOST_ROWS; special += 1) {
    if (state[special] === SPECIAL_STATE.attached) attached.push(specialView(w, special));
  }
  const finalizers = finalizersOf(w);
  const cleanups = cleanupsOf(w);
  const views = (list: readonly { special: number; where: string }[]): Due[] =>
    list.slice(0, MOST_ROWS).map(({ special, where }) => dueOf(w, special, where));
  return {
    any: count > 0,
    finalizers: views(finalizers),
    finalizerCount: finalizers.length,
    cleanups: views(cleanups),
    cleanupCount: cleanups.length,
    attached,
    attachedCount: w.specials.attached,
    finalizersQueued: scalars[SCALAR.finalizersQueued],
    finalizersExecuted: scalars[SCALAR.finalizersExecuted],
    cleanupsQueued: scalars[SCALAR.cleanupsQueued],
    cleanupsExecuted: scalars[SCALAR.cleanupsExecuted],
  };
};
