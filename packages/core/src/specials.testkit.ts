/**
 * Random programs with finalizers, cleanups, weak handles and pools, carried out on a Decider and checked
 * against `SpecialModel` on the way. Finalizers taken together run last in, first out, and each one set
 * runs at most once; a command that cannot be carried out leaves no event.
 */
import { assert, HeaptapeError } from '@heaptape/schema';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import type { Decider } from './decide/decider.ts';
import type { EventWatcher } from './decide/journal.ts';
import { SCALAR } from './heap/scalars.ts';
import { type Operation, operations } from './program.testkit.ts';
import {
  HANDLES,
  type Kind,
  type ModelSpecial,
  POOLS,
  SCRATCH,
  SpecialModel,
} from './specialmodel.testkit.ts';

const KINDS = [
  ...['finalizer', 'finalizer', 'finalizer', 'clearFinalizer', 'cleanup', 'cleanup', 'stop'],
  ...['weak', 'weak', 'load', 'load', 'cycle', 'chain', 'startFinalizer', 'startFinalizer'],
  ...['endFinalizer', 'startCleanup', 'endCleanup', 'pool', 'poolPut', 'many', 'quick'],
  ...[
    'steps',
    'garbage',
    'garbage',
    'weakOnly',
    'weakOnly',
    'endMark',
    'endMark',
    'endMark',
    'load',
  ],
];

/** Programs of which about half the operations are about specials. */
export const specialPrograms = (maxLength = 160): fc.Arbitrary<Operation[]> => {
  const number = fc.integer({ min: 0, max: 4095 });
  const special = fc.tuple(fc.constantFrom(...KINDS), number, number, number);
  const one: fc.Arbitrary<Operation> = fc.oneof(
    { weight: 5, arbitrary: special },
    { weight: 4, arbitrary: operations() },
  );
  return fc.array(one, { maxLength, size: 'max' });
};

export class SpecialProgram extends SpecialModel {
  /** What the finalizer goroutine has taken, by number. */
  #taken: number[] = [];
  /** Cleanup that each cleanup goroutine runs. */
  readonly #cleanups: (number | undefined)[] = [];

  override run(operation: Operation): void {
    const [kind, a, b, c] = operation;
    switch (kind) {
      case 'finalizer':
        this.#setFinalizer(this.#pick(a), b, c);
        return;
      case 'clearFinalizer': {
        const special = this.#some('finalizer', a);
        if (special === undefined || !this.canUse(special.object)) return;
        assert(
          this.decider.specials.clearFinalizer(special.object, special.offset),
          'a finalizer was set',
        );
        special.state = 'gone';
        return;
      }
      case 'cleanup':
        this.#addCleanup(this.#pick(a), b, c);
        return;
      case 'stop':
        this.#stop(1 + (a % Math.max(1, this.specials.length - 1)));
        return;
      case 'weak':
        this.#weak(this.#pick(a), b, c);
        return;
      case 'load':
        for (let i = 0; i <= c % 6; i += 1) this.#load(a + 7 * i, b);
        return;
      default:
        this.#runMore(operation);
    }
  }

  #runMore(operation: Operation): void {
    const [kind, a, b, c] = operation;
    switch (kind) {
      case 'cycle':
        this.#ring(1 + (a % 3), b, c);
        return;
      case 'chain':
        this.#chain(2 + (a % 3), b, c);
        return;
      case 'startFinalizer':
        this.#startFinalizer(a, b);
        return;
      case 'endFinalizer':
        this.#endFinalizer();
        return;
      case 'startCleanup':
        this.#startCleanup(a % 3);
        return;
      case 'endCleanup':
        this.#endCleanup(a % 3);
        return;
      case 'many':
        for (let i = 0; i < 12 + (a % 30); i += 1) this.#lose(b + i, c);
        return;
      case 'quick':
        for (let i = 0; i < 50 && this.#startFinalizer(a, b); i += 1) this.#endFinalizer();
        return;
      case 'garbage':
        for (let i = 0; i < 1 + (a % 20); i += 1) this.make(b % 2 === 0 ? 65536 : 256, c % 3 === 0);
        this.root(SCRATCH, 0);
        return;
      case 'weakOnly':
        this.#weakOnly(1 + (a % 12), b);
        return;
      case 'steps':
        this.decider.callGC();
        while (this.decider.stepSweep()) {
          if (this.#startFinalizer(a, b)) this.#endFinalizer();
          this.#load(a, 1);
        }
        this.decider.waitSweep();
        return;
      case 'endMark':
        for (let i = 0; i < 40 && this.#marking; i += 1) this.decider.run(20_000 + a);
        for (let i = 0; i <= c % 6; i += 1) this.#load(a + 7 * i, b);
        return;
      case 'pool':
        this.decider.specials.registerPool(POOLS + 2 * this.pools, POOLS + 2 * this.pools + 1);
        this.pools += 1;
        return;
      case 'poolPut':
        if (this.pools > 0) this.root(POOLS + 2 * (a % this.pools), this.#pick(b));
        return;
      case 'poolNew':
        this.#poolNew(a, b);
        return;
      case 'poolGet':
        this.#poolGet(a, b);
        return;
      default:
        super.run(operation);
    }
  }

  /** A pair of objects that only a pool remembers. */
  #poolNew(a: number, b: number): void {
    if (this.pools === 0) return;
    const inner = this.make(16 + 16 * (b % 4), b % 2 === 0);
    this.root(SCRATCH + 2, inner);
    this.store(this.make(48, true), 1, inner);
    this.root(POOLS + 2 * (a % this.pools), this.roots.get(SCRATCH) ?? 0);
    this.root(SCRATCH + 2, 0);
    this.root(SCRATCH, 0);
  }

  /** What a pool holds, in its primary cache or else in its victim cache, goes into a root. */
  #poolGet(a: number, b: number): void {
    if (this.pools === 0) return;
    const local = POOLS + 2 * (a % this.pools);
    const from = (this.roots.get(local) ?? 0) === 0 ? local + 1 : local;
    this.root(1 + (b % 40), this.roots.get(from) ?? 0);
    this.root(from, 0);
  }

  /** An object that only a cleanup or a finalizer remembers. */
  #lose(a: number, b: number): void {
    const object = this.make(8 + 8 * (a % 4), a % 2 === 0);
    if (b % 3 === 0) this.#setFinalizer(object, 0, 1);
    else this.#addCleanup(object, a % 8, 1);
    this.root(SCRATCH, 0);
  }

  #setFinalizer(object: number, offset: number, c: number): void {
    if (object === 0) return;
    const at = offset % this.#bytes(object);
    if (this.attached('finalizer', object, at) !== undefined) {
      this.#refused(() => this.decider.specials.setFinalizer(object, at, 1, 0));
      return;
    }
    const closure = c % 3 === 0 ? this.closure(c % 15 === 0 ? object : this.#pick(c)) : 0;
    this.decider.specials.setFinalizer(object, at, 1 + (c % 7), closure);
    this.add('finalizer', object, at, [closure]);
  }

  #addCleanup(object: number, offset: number, c: number): void {
    if (object === 0) return;
    const at = offset % this.#bytes(object);
    const arg = c % 2 === 0 ? this.closure(c % 10 === 0 ? object : this.#pick(c)) : 0;
    this.root(SCRATCH + 1, arg);
    const closure = c % 5 === 0 ? this.closure(this.#pick(c + 1)) : 0;
    const id = this.decider.specials.addCleanup(object, at, 1 + (c % 7), arg, closure);
    assert(id === this.specials.length, 'cleanups and other specials are numbered in turn');
    this.add('cleanup', object, at, [arg, closure]);
    this.root(SCRATCH + 1, 0);
  }

  #stop(number: number): void {
    const special = this.specials[number];
    if (special === undefined) return;
    if (special.kind !== 'cleanup') {
      this.#refused(() => this.decider.specials.stopCleanup(number));
      return;
    }
    const stopped = this.decider.specials.stopCleanup(number);
    assert(stopped === (special.state === 'attached'), `cleanup ${number} was ${special.state}`);
    if (stopped) special.state = 'gone';
  }

  #weak(object: number, offset: number, c: number): void {
    if (object === 0) return;
    const at = offset % this.#bytes(object);
    const had = this.attached('weak', object, at);
    const handle = this.decider.specials.weakHandleOf(object, at);
    assert(handle === (had?.keeps[0] ?? 0), `object #${object} has weak handle #${handle}`);
    if (handle !== 0) return;
    const made = this.make(16, false);
    if (c % 3 !== 0) this.root(HANDLES + this.specials.length, made);
    this.decider.specials.weakHandle(object, at, made);
    this.add('weak', object, at, [made]);
  }

  #load(a: number, b: number): void {
    const weak = this.specials.filter(({ kind }) => kind === 'weak').slice(1);
    const special = weak[a % Math.max(1, weak.length)];
    if (special === undefined) return;
    const handle = special.keeps[0] ?? 0;
    if (!this.canUse(handle)) return;
    const must = this.canUse(special.object) && special.state === 'attached';
    const result = this.decider.specials.weakLoad(handle);
    assert(result === (special.state === 'attached' ? special.object : 0), `load gave #${result}`);
    assert(!must || result !== 0, `weak handle #${handle} lost object #${special.object}`);
    if (result !== 0 && b % 2 === 0) this.root(1 + (b % 40), result);
  }

  get #marking(): boolean {
    return this.decider.world.scalars[SCALAR.gcphase] !== 0;
  }

  /** Pairs of objects that can only be loaded through weak handles. */
  #weakOnly(count: number, b: number): void {
    for (let i = 0; i < count; i += 1) {
      const object = this.make([64, 8192, 40_000][(b + i) % 3], true);
      this.root(SCRATCH + 2, object);
      this.store(object, i % 8, this.make(16, false));
      if ((b + i) % 4 === 0) this.#setFinalizer(object, 0, 1);
      this.#weak(object, 0, 1 + (i % 2));
    }
    this.root(SCRATCH + 2, 0);
  }

  /** A ring of objects, one with a finalizer, that nothing else refers to. */
  #ring(length: number, b: number, c: number): void {
    const first = this.make(64, true);
    this.root(SCRATCH + 2, first);
    let last = first;
    for (let i = 1; i < length; i += 1) {
      const next = this.make(64, true);
      this.store(last, i % 4, next);
      last = next;
    }
    this.store(last, 5, first);
    this.#setFinalizer(first, 0, b);
    this.#addCleanup(last, b, c);
    this.root(SCRATCH + 2, 0);
    this.root(SCRATCH, 0);
  }

  /** A list of objects that all have finalizers. */
  #chain(length: number, b: number, c: number): void {
    let next = 0;
    for (let i = 0; i < length; i += 1) {
      const object = this.make(48, true);
      this.store(object, 1, next);
      next = object;
      this.root(SCRATCH + 2, next);
      this.#setFinalizer(object, 0, b);
    }
    if (c % 2 === 0) this.root(1 + (c % 40), next);
    this.root(SCRATCH + 2, 0);
    this.root(SCRATCH, 0);
  }

  #startFinalizer(a: number, b: number): boolean {
    if (this.finalizer !== 0) {
      this.#refused(() => this.decider.specials.startFinalizer(this.finalizer));
      return false;
    }
    if (this.#taken.length === 0) this.#taken = this.queued.splice(0);
    const expected = this.#taken.pop();
    const call = this.decider.specials.takeFinalizer();
    assert((call === null) === (expected === undefined), 'a finalizer is due or is not');
    if (call === null || expected === undefined) return false;
    const special = this.specials[expected];
    assert(special.object === call.object && special.offset === call.offset, 'last in, first out');
    assert(special.started === 0, `finalizer ${expected} runs twice`);
    special.started += 1;
    special.state = 'running';
    this.finalizer = expected;
    if (a % 3 === 0) this.root(1 + (b % 40), call.object);
    if (a % 4 === 0) this.#setFinalizer(call.object, call.offset, b);
    if (a % 5 === 0) this.#weak(call.object, b, a);
    return true;
  }

  #endFinalizer(): void {
    if (this.finalizer === 0) {
      this.#refused(() => this.decider.specials.finalizerReturned());
      return;
    }
    this.decider.specials.finalizerReturned();
    this.specials[this.finalizer].state = 'gone';
    this.finalizer = 0;
  }

  #startCleanup(worker: number): void {
    if (this.#cleanups[worker] !== undefined) {
      this.#refused(() => this.decider.specials.startCleanup(worker, this.#cleanups[worker] ?? 0));
      return;
    }
    const call = this.decider.specials.takeCleanup(worker);
    if (call === null) return;
    const special = this.specials[call.id];
    assert(special?.state === 'queued' && special.started === 0, `cleanup ${call.id} is not due`);
    assert(special.keeps[0] === call.arg, `cleanup ${call.id} has another argument`);
    special.started += 1;
    special.state = 'running';
    this.#cleanups[worker] = call.id;
  }

  #endCleanup(worker: number): void {
    const id = this.#cleanups[worker];
    if (id === undefined) return;
    this.decider.specials.cleanupReturned(id);
    this.specials[id].state = 'gone';
    this.#cleanups[worker] = undefined;
  }

  /** A command that must be refused, and change nothing. */
  #refused(command: () => void): void {
    const { scalars } = this.decider.world;
    const before = scalars[SCALAR.seq];
    let code = 'accepted';
    try {
      command();
    } catch (error) {
      code = error instanceof HeaptapeError ? error.code : String(error);
    }
    assert(code === 'refused', `a command that cannot be carried out was ${code}`);
    assert(scalars[SCALAR.seq] === before, 'a refused command left an event');
  }

  #some(kind: Kind, a: number): ModelSpecial | undefined {
    const all = this.specials.filter((s) => s.kind === kind && s.state === 'attached');
    return all[a % Math.max(1, all.length)];
  }

  /** An object that the program can use, or 0. */
  #pick(a: number): number {
    const roots = [...this.roots.values()].filter((object) => object !== 0);
    let object = roots[a % Math.max(1, roots.length)] ?? 0;
    for (let step = 0; step < a % 3; step += 1) {
      const edges = (this.objects.get(object)?.edges ?? []).filter((edge) => edge > 0);
      object = edges[a % Math.max(1, edges.length)] ?? object;
    }
    return object;
  }

  #bytes(object: number): number {
    return this.decider.world.siteBytes[this.objects.get(object)?.site ?? 0] || 1;
  }
}

/** A program on a decider that it watches. */
export function programOn(make: (watcher: EventWatcher) => Decider): SpecialProgram {
  const heard: { program: SpecialProgram | null } = { program: null };
  const decider = make((...event) => heard.program?.watch(...event));
  heard.program = new SpecialProgram(decider);
  return heard.program;
}
