/** Operations about finalizers, cleanups, weak handles and pools. */
import type { Decider } from '@heaptape/core';
import { HANDLES, POOLS, SCRATCH, type Shadow } from './shadow.ts';
import type { Operation } from './swarm.ts';

interface Weak {
  readonly handle: number;
  readonly object: number;
  readonly offset: number;
}

export class SpecialDriver {
  readonly #shadow: Shadow;
  readonly #decider: Decider;
  /** Finalizers that were set: object and offset. */
  readonly #finalizers: (readonly [object: number, offset: number])[] = [];
  readonly #cleanups: number[] = [];
  readonly #weak: Weak[] = [];
  /** Cleanup that each cleanup goroutine runs; 0 is none. */
  readonly #running = [0, 0, 0];
  #pools = 0;
  /** Object of the finalizer that runs; 0 is none. */
  #finalizing = 0;

  constructor(shadow: Shadow) {
    this.#shadow = shadow;
    this.#decider = shadow.decider;
  }

  /** A cycle has moved the pools' contents. */
  poolsCleaned(): void {
    const { roots } = this.#shadow;
    for (let i = 0; i < this.#pools; i += 1) {
      this.#shadow.noteRoot(POOLS + 2 * i + 1, roots.get(POOLS + 2 * i) ?? 0);
      this.#shadow.noteRoot(POOLS + 2 * i, 0);
    }
  }

  /** False when the operation is none of these. */
  run([kind, a, b, c]: Operation): boolean {
    switch (kind) {
      case 'finalizer':
        this.#setFinalizer(this.#shadow.pick(a), b, c);
        return true;
      case 'clearFinalizer':
        this.#clearFinalizer(a);
        return true;
      case 'lose':
        for (let i = 0; i < 1 + (a % 30); i += 1) this.#lose(b + i, true);
        return true;
      case 'ring':
        this.#ring(1 + (a % 3), b);
        return true;
      case 'chain':
        this.#chain(2 + (a % 3), b, c);
        return true;
      case 'all':
        this.#loseWithAll(a, b);
        return true;
      case 'finalize':
        for (let i = 0; i <= c % 8; i += 1) this.#finalize(a + i, b);
        return true;
      case 'cleanup':
        this.#addCleanup(this.#shadow.pick(a), b, c);
        return true;
      case 'loseCleanup':
        for (let i = 0; i < 1 + (a % 30); i += 1) this.#lose(b + i, false);
        return true;
      case 'stopCleanup': {
        const id = this.#cleanups[a % Math.max(1, this.#cleanups.length)];
        if (id !== undefined) this.#decider.specials.stopCleanup(id);
        return true;
      }
      default:
        return this.#runMore([kind, a, b, c]);
    }
  }

  #runMore([kind, a, b, c]: Operation): boolean {
    switch (kind) {
      case 'startCleanup':
        this.#startCleanup(a % 3);
        return true;
      case 'endCleanup':
        if (this.#running[a % 3] !== 0)
          this.#decider.specials.cleanupReturned(this.#running[a % 3]);
        this.#running[a % 3] = 0;
        return true;
      case 'weak':
        this.#makeWeak(this.#shadow.pick(a), b, c % 3 !== 0);
        return true;
      case 'load':
        for (let i = 0; i <= c % 6; i += 1) this.#load(a + 7 * i, b);
        return true;
      case 'weakOnly':
        this.#weakOnly(1 + (a % 12), b);
        return true;
      case 'pool':
        this.#decider.specials.registerPool(POOLS + 2 * this.#pools, POOLS + 2 * this.#pools + 1);
        this.#pools += 1;
        return true;
      case 'poolPut':
        if (this.#pools > 0) this.#shadow.root(this.#pool(a), this.#shadow.pick(b));
        return true;
      case 'poolGet':
        this.#poolGet(a, b);
        return true;
      case 'steps':
        this.#decider.callGC();
        while (this.#decider.stepSweep()) {
          this.#finalize(a, b);
          this.#load(a + c, 1);
        }
        this.#decider.waitSweep();
        return true;
      default:
        return false;
    }
  }

  #pool(a: number): number {
    return POOLS + 2 * (a % Math.max(1, this.#pools));
  }

  #poolGet(a: number, b: number): void {
    if (this.#pools === 0) return;
    const { roots } = this.#shadow;
    const from = (roots.get(this.#pool(a)) ?? 0) === 0 ? this.#pool(a) + 1 : this.#pool(a);
    this.#shadow.root(1 + (b % 40), roots.get(from) ?? 0);
    this.#shadow.root(from, 0);
  }

  /** A box that refers to `target`, in the scratch root. */
  #box(target: number): number {
    const box = this.#shadow.make(24, 24);
    this.#shadow.store(box, 1, target);
    return box;
  }

  #setFinalizer(object: number, offset: number, c: number): void {
    if (object === 0) return;
    const at = offset % this.#shadow.bytesOf(object);
    this.#shadow.root(SCRATCH + 2, object);
    const closure = c % 3 === 0 ? this.#box(c % 15 === 0 ? object : this.#shadow.pick(c)) : 0;
    if (this.#tryFinalizer(object, at, c, closure)) this.#finalizers.push([object, at]);
    this.#shadow.root(SCRATCH, 0);
    this.#shadow.root(SCRATCH + 2, 0);
  }

  /** A byte has one finalizer at most: false when there is one. */
  #tryFinalizer(object: number, at: number, c: number, closure: number): boolean {
    if (this.#finalizers.some(([other, offset]) => other === object && offset === at)) {
      this.#decider.specials.clearFinalizer(object, at);
    }
    this.#decider.specials.setFinalizer(object, at, 1 + (c % 7), closure);
    return true;
  }

  #clearFinalizer(a: number): void {
    const [object, offset] = this.#finalizers[a % Math.max(1, this.#finalizers.length)] ?? [0, 0];
    if (object === 0 || !this.#shadow.canUse(object)) return;
    this.#decider.specials.clearFinalizer(object, offset);
  }

  /** Something that only a finalizer or a cleanup remembers. */
  #lose(a: number, finalizer: boolean): void {
    const object = this.#shadow.make(8 + 8 * (a % 4), a % 2 === 0 ? 8 : 0);
    if (finalizer) this.#setFinalizer(object, 0, 1);
    else this.#addCleanup(object, a % 8, a >> 2);
    this.#shadow.root(SCRATCH, 0);
  }

  /** An object with a finalizer, a cleanup and a weak handle, that nothing else remembers. */
  #loseWithAll(a: number, b: number): void {
    const object = this.#shadow.make(64, a % 2 === 0 ? 64 : 0);
    this.#shadow.root(SCRATCH + 1, object);
    this.#shadow.store(object, b, this.#shadow.pick(b));
    this.#setFinalizer(object, a % 3 === 0 ? b : 0, 1);
    this.#addCleanup(object, b % 5, a >> 2);
    this.#makeWeak(object, b % 3, a % 5 !== 0);
    this.#shadow.root(SCRATCH + 1, 0);
  }

  /** A ring of objects, one with a finalizer, that nothing else refers to. */
  #ring(length: number, b: number): void {
    const first = this.#shadow.make(64, 64);
    this.#shadow.root(SCRATCH + 1, first);
    let last = first;
    for (let i = 1; i < length; i += 1) {
      const next = this.#shadow.make(64, 64);
      this.#shadow.store(last, i % 4, next);
      last = next;
    }
    this.#shadow.store(last, 5, first);
    this.#setFinalizer(first, 0, b);
    this.#shadow.root(SCRATCH + 1, 0);
  }

  /** A list of objects that all have finalizers. */
  #chain(length: number, b: number, c: number): void {
    let next = 0;
    for (let i = 0; i < length; i += 1) {
      const object = this.#shadow.make(48, 48);
      this.#shadow.store(object, 1, next);
      next = object;
      this.#shadow.root(SCRATCH + 1, next);
      this.#setFinalizer(object, 0, b);
    }
    if (c % 2 === 0) this.#shadow.root(1 + (c % 40), next);
    this.#shadow.root(SCRATCH + 1, 0);
  }

  /** The finalizer goroutine ends the call it is in, or begins the next. */
  #finalize(a: number, b: number): void {
    const { specials } = this.#decider;
    if (this.#finalizing !== 0) {
      this.#finalizing = 0;
      specials.finalizerReturned();
      return;
    }
    const call = specials.takeFinalizer();
    if (call === null) return;
    const { object, offset } = call;
    this.#finalizing = object;
    const at = this.#finalizers.findIndex(([o, place]) => o === object && place === offset);
    if (at >= 0) this.#finalizers.splice(at, 1);
    if (a % 3 === 0) this.#shadow.root(1 + (b % 40), object);
    if (a % 4 === 0) this.#setFinalizer(object, offset, b);
  }

  #addCleanup(object: number, offset: number, c: number): void {
    if (object === 0) return;
    const { specials } = this.#decider;
    this.#shadow.root(SCRATCH + 2, object);
    const arg = c % 2 === 0 ? this.#box(this.#shadow.pick(c)) : 0;
    this.#shadow.root(SCRATCH + 3, arg);
    const closure = c % 5 === 0 ? this.#box(this.#shadow.pick(c + 1)) : 0;
    const at = offset % this.#shadow.bytesOf(object);
    this.#cleanups.push(specials.addCleanup(object, at, 1 + (c % 7), arg, closure));
    for (const root of [SCRATCH, SCRATCH + 2, SCRATCH + 3]) this.#shadow.root(root, 0);
  }

  #startCleanup(worker: number): void {
    if (this.#running[worker] !== 0) return;
    this.#running[worker] = this.#decider.specials.takeCleanup(worker)?.id ?? 0;
  }

  #makeWeak(object: number, offset: number, keep: boolean): void {
    if (object === 0) return;
    const { specials } = this.#decider;
    const at = offset % this.#shadow.bytesOf(object);
    if (specials.weakHandleOf(object, at) !== 0) return;
    this.#shadow.root(SCRATCH + 2, object);
    const handle = this.#shadow.make(16, 0);
    if (keep) this.#shadow.root(HANDLES + this.#weak.length, handle);
    specials.weakHandle(object, at, handle);
    this.#weak.push({ handle, object, offset: at });
    this.#shadow.root(SCRATCH, 0);
    this.#shadow.root(SCRATCH + 2, 0);
  }

  #load(a: number, b: number): void {
    const weak = this.#weak[a % Math.max(1, this.#weak.length)];
    if (weak === undefined || !this.#shadow.canUse(weak.handle)) return;
    const result = this.#decider.specials.weakLoad(weak.handle);
    if (result !== 0 && b % 2 === 0) this.#shadow.root(1 + (b % 40), result);
  }

  /** Pairs of objects that can only be loaded through weak handles. */
  #weakOnly(count: number, b: number): void {
    for (let i = 0; i < count; i += 1) {
      const object = this.#shadow.make([64, 8192, 40_000][(b + i) % 3] ?? 64, 64);
      this.#shadow.root(SCRATCH + 1, object);
      this.#shadow.store(object, i % 8, this.#shadow.make(16, 0));
      if ((b + i) % 4 === 0) this.#setFinalizer(object, 0, 1);
      this.#makeWeak(object, 0, true);
    }
    this.#shadow.root(SCRATCH + 1, 0);
  }
}
