/**
 * What a random program knows of itself: which objects it has made, its roots, and its pointers.
 *
 * It only uses what it can reach, as a Go program does. The object just made is put into a root of its own.
 */
import type { Decider } from '@heaptape/core';

interface ShadowObject {
  readonly bytes: number;
  readonly words: number;
  readonly edges: Map<number, number>;
}

/** Root of the object just made; two more for what is under construction; roots of pools, of handles. */
export const SCRATCH = 50;
export const POOLS = 200;
export const HANDLES = 1000;

/** In objects of more pointer words than this, places are spread by a prime: they lie in all 128 KiB pieces. */
const FAR = 4096;
const STRIDE = 61;

export class Shadow {
  readonly decider: Decider;
  readonly objects: Map<number, ShadowObject> = new Map();
  readonly roots: Map<number, number> = new Map();
  readonly held: Set<number> = new Set();
  /** What roots hold, nil left out; null when that is to be gathered again. */
  #rooted: number[] | null = null;
  readonly #sites = new Map<string, number>();

  constructor(decider: Decider) {
    this.decider = decider;
  }

  /** The number of a kind of allocation. */
  site(bytes: number, scanBytes: number, held: boolean): number {
    const name = `${bytes}/${scanBytes}${held ? '/held' : ''}`;
    const site = this.#sites.get(name) ?? this.decider.defineSite(bytes, scanBytes, held, name);
    this.#sites.set(name, site);
    return site;
  }

  /** Makes an object, which is in the scratch root from then on unless it is held. */
  make(bytes: number, scanBytes: number, held = false): number {
    const object = this.decider.allocate(this.site(bytes, scanBytes, held));
    this.objects.set(object, { bytes, words: scanBytes / 8, edges: new Map() });
    if (held) this.held.add(object);
    else this.root(SCRATCH, object);
    return object;
  }

  /** A root has changed without the program's doing. */
  noteRoot(root: number, target: number): void {
    this.roots.set(root, target);
    this.#rooted = null;
  }

  root(root: number, target: number): void {
    this.noteRoot(root, target);
    this.decider.storeRoot(root, target);
  }

  store(object: number, place: number, target: number): void {
    const known = this.objects.get(object);
    if (known === undefined || known.words === 0) return;
    const word = (known.words > FAR ? place * STRIDE : place) % known.words;
    known.edges.set(word, target);
    this.decider.storePointer(object, word, target);
  }

  bytesOf(object: number): number {
    return this.objects.get(object)?.bytes ?? 1;
  }

  /** Some object that the program can reach, or 0: a root, then a few pointers. */
  pick(from: number): number {
    return this.descend(from, from % 5);
  }

  /** Some object that is so many pointers away from a root, if there is one. */
  descend(from: number, steps: number): number {
    this.#rooted ??= [...this.roots.values()].filter((object) => object !== 0);
    const roots = this.#rooted;
    let object = roots[from % Math.max(1, roots.length)] ?? 0;
    for (let step = 0; step < steps; step += 1) {
      const next = this.#edges(object);
      if (next.length === 0) break;
      object = next[(from >> 3) % next.length] ?? object;
    }
    return object;
  }

  /** Whether the program can reach an object, from its roots and from `more`. */
  canUse(object: number, more = 0): boolean {
    const seen = new Set<number>([0]);
    const waiting = [...this.roots.values(), more];
    while (waiting.length > 0) {
      const next = waiting.pop() ?? 0;
      if (next === object) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(...this.#edges(next));
    }
    return false;
  }

  #edges(object: number): number[] {
    const edges = this.objects.get(object)?.edges.values() ?? [];
    return [...edges].filter((to) => to !== 0);
  }
}
