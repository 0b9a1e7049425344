/** Bugs of finalizers, cleanups and weak pointers: who is a root, what is queued when, and how often. */
import type { Mutant } from './mutant.ts';

export const SPECIALS: readonly Mutant[] = [
  {
    name: 'finalizer-marks-its-object',
    breaks: 'a finalizer keeps its own object alive, so that it never runs',
    module: 'decide/specialroots',
    find: 'greyObject(w, sink, t.arg[special]); return bytes;',
    replace:
      'greyObject(w, sink, t.arg[special]); if (finalizer) greyObject(w, sink, t.object[special]); return bytes;',
  },
  {
    name: 'finalizer-contents-not-marked',
    breaks: 'what an object with a finalizer leads to is not kept for the finalizer',
    module: 'decide/specialroots',
    find: 'if (piece(target, start, end) !== piece(at, start, end)) sink.greyWord(target);',
    replace: ';',
  },
  {
    name: 'dependency-order-reversed',
    breaks: 'a finalizer does not wait for those of objects that point to its own',
    module: 'decide/specialroots',
    find: 'piece(target, start, end) !== piece(at, start, end)',
    replace:
      'piece(target, start, end) !== piece(at, start, end) && w.spanSpecials[w.spanAtWord(target)] === 0',
  },
  {
    name: 'finalizer-queued-twice',
    breaks: 'a queued finalizer stays attached to its object',
    module: 'evolve/specials',
    find: 'detach(w, special, SPECIAL_STATE.queued); t.finq.push(special);',
    replace: 'setState(w, special, SPECIAL_STATE.queued); t.finq.push(special);',
  },
  {
    name: 'finalizer-runs-twice',
    breaks: 'a finalizer that has started stays in the queue',
    module: 'evolve/specials',
    find: 'const at = list.lastIndexOf(special); if (at < 0) return false; list.splice(at, 1);',
    replace: 'const at = list.lastIndexOf(special); if (at < 0) return false;',
  },
  {
    name: 'finalizers-first-in-first-out',
    breaks: 'finalizers run in the order in which they were queued',
    module: 'decide/specials',
    find: 'this.startFinalizer(list[list.length - 1])',
    replace: 'this.startFinalizer(list[0])',
  },
  {
    name: 'finalized-object-freed',
    breaks: 'the sweep that queues a finalizer frees its object',
    module: 'evolve/specials',
    find: 'w.markBits[at] |= bit;',
    replace: ';',
  },
  {
    name: 'queued-finalizer-not-a-root',
    breaks: 'an object that waits for its finalizer is no root',
    module: 'decide/specialroots',
    find: 'greyObject(w, sink, t.object[special]);',
    replace: ';',
  },
  {
    name: 'cleanup-argument-not-marked',
    breaks: 'the argument of an attached cleanup is no root',
    module: 'decide/specialroots',
    find: 'greyObject(w, sink, t.arg[special]); return bytes;',
    replace: 'return bytes;',
  },
  {
    name: 'closure-not-marked',
    breaks: 'the closure of an attached finalizer or cleanup is no root',
    module: 'decide/specialroots',
    find: 'greyObject(w, sink, t.closure[special]); greyObject(w, sink, t.arg[special]); return bytes;',
    replace: 'greyObject(w, sink, t.arg[special]); return bytes;',
  },
  {
    name: 'running-cleanup-not-a-root',
    breaks: 'what a running cleanup refers to is no root',
    module: 'decide/specialroots',
    find: 'yield [running];',
    replace: 'yield [running].slice(1);',
  },
  {
    name: 'cleanup-before-finalizer',
    breaks: 'cleanups of an object run together with its finalizer',
    module: 'decide/specialsweep',
    find: '!revived',
    replace: 'special > 0',
  },
  {
    name: 'weak-not-cleared',
    breaks: 'a weak handle still leads to its object when that is freed',
    module: 'decide/specialsweep',
    find: 'journal.emit(EVENTS.WeakCleared.tag, special);',
    replace: ';',
  },
  {
    name: 'weak-survives-finalizer',
    breaks: 'a weak handle still leads to an object whose finalizer is queued',
    module: 'decide/specialsweep',
    find: 'kind === SPECIAL_KIND.weakHandle',
    replace: 'kind === SPECIAL_KIND.weakHandle && !revived',
  },
];
