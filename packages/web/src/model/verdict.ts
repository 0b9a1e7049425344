/** Why an object is alive, why it is free, or why it is not yet: in one sentence. */
import type { Keepers } from '../worker/heap/keepers.ts';
import type { History } from '../worker/jobs/history.ts';
import type { ObjectAnswer } from '../worker/queries/object.ts';
import { count } from './units.ts';

/** What was found out about it so far; `undefined` is not known yet. */
export interface Known {
  readonly object: ObjectAnswer;
  readonly keepers: Keepers | undefined;
  readonly history: History | undefined;
}

export interface Verdict {
  readonly question: 'Why alive?' | 'Why free?' | 'Why not free yet?' | 'Not there yet';
  readonly answer: string;
}

export function verdictOf({ object, keepers, history }: Known): Verdict {
  switch (object.state) {
    case 'unborn':
      return {
        question: 'Not there yet',
        answer:
          object.born === 0
            ? 'No event of the tape allocates it.'
            : `It is allocated by event ${count(object.born)}, which is still to come.`,
      };
    case 'freed':
      return { question: 'Why free?', answer: whyFree(history) };
    case 'dead':
      return { question: 'Why not free yet?', answer: whyNotSwept(object) };
    default:
      return whyAlive(object, keepers);
  }
}

function whyFree(history: History | undefined): string {
  if (history === undefined) return 'A sweep has freed its slot.';
  const { died, entries } = history;
  const marked = entries.findLast(({ what }) => what === 'marked');
  const sweep = died === 0 ? 'A sweep' : `The sweep at event ${count(died)}`;
  const ago =
    marked === undefined
      ? 'no cycle ever reached it'
      : `the last cycle that reached it marked it at event ${count(marked.event)}`;
  return `${sweep} found it white: ${ago}.`;
}

const hasFinalizer = ({ specials }: ObjectAnswer): boolean =>
  specials.some(({ kind, state }) => kind === 'finalizer' && state === 'attached');

/** Found dead. */
function whyNotSwept(object: ObjectAnswer): string {
  const left = `(${count(object.unswept)} spans left)`;
  const then = hasFinalizer(object)
    ? `when its span is swept ${left} its finalizer is queued, and it lives until a later cycle`
    : `its slot becomes free when its span is swept ${left}`;
  return `Cycle ${count(object.cycle)} did not reach it, so it is dead; ${then}.`;
}

/** Alive as far as the collector knows. */
function whyAlive(object: ObjectAnswer, keepers: Keepers | undefined): Verdict {
  if (keepers === undefined) {
    return { question: 'Why alive?', answer: 'Looking for who keeps it alive…' };
  }
  const { root, path } = keepers;
  if (root !== null) {
    const far = path.length + keepers.leftOut - 1;
    const through = far <= 0 ? 'directly' : `through ${count(far)} object${far === 1 ? '' : 's'}`;
    const held = root.startsWith('held #');
    const answer = held
      ? 'The recording holds it: it says when an object was found dead, and not who refers to it.'
      : `${root} keeps it alive, ${through}.`;
    return { question: 'Why alive?', answer };
  }
  if (keepers.event === object.born) {
    const answer = 'It has just been allocated; the program has not stored it anywhere yet.';
    return { question: 'Why alive?', answer };
  }
  return { question: 'Why not free yet?', answer: whyNotYet(object) };
}

/** No root leads to it, but no cycle has found that out. */
function whyNotYet(object: ObjectAnswer): string {
  const { marking, state, cycle } = object;
  const then = hasFinalizer(object) ? ' It has a finalizer, which the sweep will queue first.' : '';
  if (marking && state !== 'white') {
    return `No root leads to it, but cycle ${count(cycle)} has marked it already: it floats until the next cycle.${then}`;
  }
  if (marking) {
    return `No root leads to it; unless cycle ${count(cycle)} marks it still, the sweep after it frees it.${then}`;
  }
  return `No root leads to it; the next cycle will not reach it.${then}`;
}
