/**
 * What a program has, told by the events of its run: edges, roots, specials, by ordinal.
 *
 * `EventModel` knows nothing of spans, mark bits or queues. It hears the events of one run in order and
 * keeps a naive graph, in which what is kept is found by a plain search. Wherever a run came from (a
 * program, a tape, a tape decided again under other settings), what its model keeps must be there.
 */
import { type EventRow, HeaptapeError } from '@heaptape/schema';
import { wordAlive } from '../heap/check_pointers.ts';
import { slotOfWord } from '../heap/slots.ts';
import type { World } from '../heap/world.ts';

type State = 'attached' | 'queued' | 'running' | 'gone';

export interface EventSpecial {
  readonly kind: 'finalizer' | 'cleanup' | 'weak';
  readonly object: number;
  readonly offset: number;
  readonly keeps: readonly number[];
  state: State;
}

export class EventModel {
  /** By ordinal: site, and targets by word. */
  readonly sites: number[] = [0];
  readonly edges: Map<number, number>[] = [new Map()];
  readonly roots: Map<number, number> = new Map();
  readonly held: Set<number> = new Set();
  readonly tiny: Map<number, number> = new Map();
  /** By number, from 1. */
  readonly specials: EventSpecial[] = [
    { kind: 'weak', object: 0, offset: 0, keeps: [], state: 'gone' },
  ];
  readonly #heldSites: boolean[] = [false];
  readonly #pools: (readonly [local: number, victim: number])[] = [];

  take(row: EventRow): void {
    const number = (field: string): number => Number(row[field]);
    switch (row.event) {
      case 'SiteDefined':
        this.#heldSites.push(number('held') === 1);
        return;
      case 'ObjectAllocated':
        if (this.#heldSites[number('site')]) this.held.add(this.sites.length);
        this.sites.push(number('site'));
        this.edges.push(new Map());
        return;
      case 'PointerStored':
        this.edges[number('object')].set(number('word'), number('target'));
        return;
      case 'RootStored':
        this.roots.set(number('root'), number('target'));
        return;
      case 'ObjectReleased':
        this.held.delete(number('object'));
        return;
      case 'TinyBlockSet':
        this.tiny.set(number('p'), number('object'));
        return;
      case 'ProcsSet':
        for (const p of this.tiny.keys()) if (p >= number('procs')) this.tiny.delete(p);
        return;
      default:
        this.#takeSpecial(row.event, number);
    }
  }

  #takeSpecial(event: string, number: (field: string) => number): void {
    const attach = (kind: EventSpecial['kind'], keeps: readonly number[]): void => {
      const [object, offset] = [number('object'), number('offset')];
      this.specials.push({ kind, object, offset, keeps, state: 'attached' });
    };
    switch (event) {
      case 'FinalizerSet':
        attach('finalizer', [number('closure')]);
        return;
      case 'CleanupAdded':
        attach('cleanup', [number('arg'), number('closure')]);
        return;
      case 'WeakHandleMade':
        attach('weak', [number('handle')]);
        return;
      case 'PoolRegistered':
        this.#pools.push([number('localRoot'), number('victimRoot')]);
        return;
      case 'PoolsCleaned':
        for (const [local, victim] of this.#pools) {
          this.roots.set(victim, this.roots.get(local) ?? 0);
          this.roots.set(local, 0);
        }
        return;
      default:
        this.#changeState(event, number);
    }
  }

  #changeState(event: string, number: (field: string) => number): void {
    switch (event) {
      case 'FinalizerQueued':
      case 'CleanupQueued':
        this.specials[number('special')].state = 'queued';
        return;
      case 'FinalizerStarted':
      case 'CleanupStarted':
        this.specials[number('special')].state = 'running';
        return;
      case 'WeakCleared':
      case 'CleanupReturned':
        this.specials[number('special')].state = 'gone';
        return;
      case 'CleanupStopped': {
        const special = this.specials[number('special')];
        if (special.state === 'attached') special.state = 'gone';
        return;
      }
      case 'FinalizerCleared':
      case 'FinalizerReturned': {
        const cleared = event === 'FinalizerCleared';
        for (const special of this.specials) {
          if (special.kind !== 'finalizer') continue;
          const its = special.object === number('object') && special.offset === number('offset');
          if (cleared ? its && special.state === 'attached' : special.state === 'running') {
            special.state = 'gone';
          }
        }
        return;
      }
      default:
        return;
    }
  }

  /** What roots and specials hold directly, once for each that does. */
  holders(): number[] {
    const all = [...this.roots.values(), ...this.held, ...this.tiny.values()];
    for (const { kind, state, object, keeps } of this.specials) {
      if (state === 'gone') continue;
      all.push(...keeps);
      if (kind !== 'finalizer') continue;
      // A finalizer keeps what its object leads to, pointers to itself left out; once due, the object.
      if (state !== 'attached') all.push(object);
      else all.push(...[...this.edges[object].values()].filter((target) => target !== object));
    }
    return all.filter((object) => object !== 0);
  }

  /** What is kept, by distance from its nearest root; as if object `without` were not there. */
  kept(without = 0): Map<number, number> {
    const distances = new Map<number, number>();
    let level = this.holders();
    for (let distance = 0; level.length > 0; distance += 1) {
      const next: number[] = [];
      for (const object of level) {
        if (object === 0 || object === without || distances.has(object)) continue;
        distances.set(object, distance);
        next.push(...this.edges[object].values());
      }
      level = next;
    }
    return distances;
  }
}

/** Where a heap differs from its model; empty when everything kept is there, whole and in a slot of its own. */
export function modelProblems(w: World, model: EventModel): string[] {
  const problems: string[] = [];
  const slots = new Map<string, number>();
  for (const object of model.kept().keys()) {
    const word = w.objects.wordOf(object);
    if (!wordAlive(w, word)) {
      problems.push(`object #${object} is kept and was freed`);
      continue;
    }
    const page = w.spanAtWord(word);
    const slot = `${page}/${slotOfWord(w, page, word)}`;
    const other = slots.get(slot);
    if (other !== undefined) problems.push(`objects #${other} and #${object} are in one slot`);
    slots.set(slot, object);
    for (const [offset, target] of model.edges[object]) {
      const found = word + offset < w.words.length ? w.words[word + offset] : 0;
      const wanted = target === 0 ? 0 : w.objects.wordOf(target) + 1;
      if (found !== wanted) problems.push(`word ${offset} of object #${object} is not #${target}`);
    }
  }
  return problems;
}

/** Whether an act was refused. Anything else that it throws is thrown on. */
export function isRefused(act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof HeaptapeError && error.code === 'refused') return true;
    throw error;
  }
}
