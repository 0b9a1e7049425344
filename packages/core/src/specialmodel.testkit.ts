/**
 * A naive idea of what a program with finalizers, cleanups, weak handles and pools may see.
 *
 * `SpecialModel` knows every special by its number and hears from the events what sweeps did. It never
 * looks at spans, bits or queues. Its rules, at any moment:
 *
 * 1. Kept is what roots, queued and running calls, and attached specials lead to. A finalizer keeps what
 *    its object points to, not the object; pointers of an object to itself do not count.
 * 2. Only what is not kept may be found dead, and a cleanup only of an object without a finalizer.
 */
import { assert, EVENTS } from '@heaptape/schema';
import type { EventWatcher } from './decide/journal.ts';
import { ModelProgram } from './program.testkit.ts';

export type Kind = 'finalizer' | 'cleanup' | 'weak';
type State = 'attached' | 'queued' | 'running' | 'gone';

export interface ModelSpecial {
  readonly kind: Kind;
  readonly object: number;
  readonly offset: number;
  readonly keeps: readonly number[];
  state: State;
  /** Sweep in which it was queued: calls queued by one sweep do not keep the object from each other. */
  sweep: number;
  started: number;
}

/** Roots that base programs leave alone. */
export const SCRATCH = 50;
export const POOLS = 200;
export const HANDLES = 1000;

export class SpecialModel extends ModelProgram {
  readonly specials: ModelSpecial[] = [
    { kind: 'weak', object: 0, offset: 0, keeps: [], state: 'gone', sweep: 0, started: 0 },
  ];
  /** What was kept when the last cycle began; that, and what had a finalizer. */
  keptThen: Set<number> = new Set();
  survivors: Set<number> = new Set();
  #poolsClean = false;
  /** Finalizers queued and taken, by number. */
  protected readonly queued: number[] = [];
  #sweep = 0;
  /** The finalizer that runs; 0 is none. */
  protected finalizer = 0;
  protected pools = 0;
  readonly #kinds = new Map<string, number>();

  /** Kept: see the rules; `dying` is an object that calls queued by this sweep do not keep. */
  kept(dying = 0): Set<number> {
    const grey = [...this.roots.values(), ...this.held, ...this.tiny.values()];
    for (const special of this.specials) {
      if (special.state === 'gone') continue;
      grey.push(...special.keeps);
      if (special.kind !== 'finalizer') continue;
      const { object, state } = special;
      const edges = this.objects.get(object)?.edges ?? [];
      if (state === 'attached') grey.push(...edges.filter((edge) => edge !== object));
      else if (object !== dying || special.sweep !== this.#sweep) grey.push(object);
      else grey.push(...edges.filter((edge) => edge !== object));
    }
    return this.#from(grey);
  }

  /** All that these objects lead to. */
  #from(grey: number[]): Set<number> {
    const seen = new Set<number>();
    while (grey.length > 0) {
      const next = grey.pop() ?? 0;
      if (next === 0 || seen.has(next)) continue;
      seen.add(next);
      grey.push(...(this.objects.get(next)?.edges ?? []));
    }
    return seen;
  }

  /** What is kept, and objects with finalizers, which are there even when found dead. */
  override reachable(): Set<number> {
    const all = this.kept();
    for (const { kind, state, object } of this.specials) {
      if (kind === 'finalizer' && state !== 'gone') all.add(object);
    }
    return all;
  }

  /** Forgets what can neither be reached nor be called or loaded any more. */
  override forget(): void {
    const grey = [...this.reachable()];
    for (const { state, object } of this.specials) if (state !== 'gone') grey.push(object);
    const kept = this.#from(grey);
    for (const ordinal of this.objects.keys()) if (!kept.has(ordinal)) this.objects.delete(ordinal);
  }

  /** To be told of every event. */
  readonly watch: EventWatcher = (_, tag, args, at) => {
    switch (tag) {
      case EVENTS.FinalizerQueued.tag:
        this.#dies(args[at], 'finalizer', 'queued');
        this.queued.push(args[at]);
        return;
      case EVENTS.WeakCleared.tag:
        this.#dies(args[at], 'weak', 'gone');
        return;
      case EVENTS.CleanupQueued.tag:
        this.#dies(args[at], 'cleanup', 'queued');
        return;
      case EVENTS.SpanSwept.tag:
        this.#sweep += 1;
        return;
      case EVENTS.GCStarted.tag:
        assert(this.#poolsClean || this.pools === 0, 'a cycle begins with clean pools');
        this.#poolsClean = false;
        this.keptThen = this.kept();
        this.survivors = this.reachable();
        return;
      case EVENTS.PoolsCleaned.tag:
        this.#poolsClean = true;
        for (let i = 0; i < this.pools; i += 1) {
          this.roots.set(POOLS + 2 * i + 1, this.roots.get(POOLS + 2 * i) ?? 0);
          this.roots.set(POOLS + 2 * i, 0);
        }
        return;
      default:
        return;
    }
  };

  #dies(number: number, kind: Kind, state: State): void {
    const special = this.specials[number];
    assert(special?.kind === kind && special.state === 'attached', `special ${number}: no ${kind}`);
    const { object } = special;
    assert(!this.kept(object).has(object), `object #${object} was found dead but is kept`);
    if (kind === 'cleanup') {
      const finalizer = this.specials.find(
        (other) => other.kind === 'finalizer' && other.state !== 'gone' && other.object === object,
      );
      assert(finalizer === undefined, `object #${object} has a finalizer, its cleanup must wait`);
    }
    special.state = state;
    special.sweep = this.#sweep;
  }

  protected add(kind: Kind, object: number, offset: number, keeps: readonly number[]): void {
    this.specials.push({ kind, object, offset, keeps, state: 'attached', sweep: 0, started: 0 });
    this.root(SCRATCH, 0);
  }

  protected attached(kind: Kind, object: number, offset: number): ModelSpecial | undefined {
    return this.specials.find(
      (s) =>
        s.kind === kind && s.object === object && s.offset === offset && s.state === 'attached',
    );
  }

  /** Whether the program itself has a way to the object. */
  protected canUse(object: number): boolean {
    const grey = [...this.roots.values()];
    if (this.finalizer !== 0) grey.push(this.specials[this.finalizer].object);
    return this.#from(grey).has(object);
  }

  /** A box that refers to `target`. */
  protected closure(target: number): number {
    const box = this.make(24, true);
    this.store(box, 1, target);
    return box;
  }

  /** An object of so many bytes, in the scratch root. */
  protected make(bytes: number, scan: boolean): number {
    const key = `${bytes}/${scan}`;
    const site =
      this.#kinds.get(key) ?? this.decider.defineSite(bytes, scan ? bytes : 0, false, key);
    this.#kinds.set(key, site);
    const object = this.decider.allocate(site);
    this.objects.set(object, { site, words: scan ? bytes / 8 : 0, edges: [] });
    this.root(SCRATCH, object);
    return object;
  }
}
