/**
 * Operations about what happens when objects die: finalizers, cleanups, weak pointers, unique, pools.
 *
 * 1. A finalizer or cleanup runs once at most, and never for what the program can reach.
 * 2. A weak pointer is not nil as long as the program reaches the target; once nil it stays nil; when a
 *    finalizer runs, the weak pointers to its object are nil already.
 * 3. At the end, when nothing is left in variables, exactly those run that must (`fateOf`).
 */
import {
  type Cleanup,
  GoFatal,
  type Goroutine,
  type GoValue,
  type Obj,
  type Pool,
} from '@heaptape/core';
import type { Operation } from '../swarm.ts';
import { type Frame, type GoState, isAt } from './state.ts';
import {
  type CleanupNote,
  type FinalizerNote,
  StructThing,
  type Thing,
  UniqueThing,
  WeakThing,
} from './things.ts';

const TINY = 16;
const TEXTS = 7;

const isWeak = (thing: Thing): thing is WeakThing => thing instanceof WeakThing;
const isUnique = (thing: Thing): thing is UniqueThing => thing instanceof UniqueThing;

/** Tiny objects live as long as their block does, so finalizers on them are nobody's promise. */
const isSteady = (thing: Thing): thing is StructThing =>
  thing instanceof StructThing && (thing.words.length > 0 || thing.obj.layout.size >= TINY);

interface PoolNote {
  readonly pool: Pool;
  /** What was put and not got. */
  readonly items: Thing[];
}

export class Lifetimes {
  readonly #state: GoState;
  readonly #pools: PoolNote[] = [];
  readonly #stops: { readonly cleanup: Cleanup; readonly note: CleanupNote }[] = [];
  readonly #weak: WeakThing[] = [];

  constructor(state: GoState) {
    this.#state = state;
  }

  /** False when the operation is none of these. */
  run(frame: Frame, operation: Operation): boolean {
    const [kind, a, b, c] = operation;
    switch (kind) {
      case 'finalizer':
        this.#setFinalizer(frame, a, b, c);
        return true;
      case 'clearFinalizer':
        this.#clearFinalizer(frame, a);
        return true;
      case 'lose':
        for (let i = 0; i <= a % 12; i += 1) this.#lose(frame, b + i, c);
        return true;
      case 'ring':
        this.#ring(frame, 1 + (a % 3), b);
        return true;
      case 'cleanup':
        this.#addCleanup(frame, a, b, c);
        return true;
      case 'stopCleanup':
        this.#stop(frame, a);
        return true;
      case 'weak':
        this.#makeWeak(frame, a, b);
        return true;
      case 'value':
        this.#value(frame, a, b);
        return true;
      case 'unique':
        this.#unique(frame, a, b, c);
        return true;
      default:
        return this.#runPools(frame, operation);
    }
  }

  #setFinalizer(frame: Frame, a: number, b: number, c: number): void {
    const found = this.#state.pick(frame, a);
    if (found === null || !isSteady(found.thing)) return;
    const { thing, text } = found;
    const captured = c % 4 === 0 ? (this.#state.pick(frame, b)?.thing ?? null) : null;
    this.#attach(frame, thing, text, captured, c);
  }

  #attach(
    frame: Frame | null,
    thing: StructThing,
    text: string,
    captured: Thing | null,
    c: number,
  ) {
    const { rt, finalizers } = this.#state;
    const old = finalizers.find((note) => note.thing === thing && note.state === 'set');
    if (old !== undefined) {
      this.#expectFatal(
        () => rt.SetFinalizer(thing.obj, () => undefined),
        'runtime.SetFinalizer: finalizer already set',
      );
      this.#state.say(frame, `// Go refuses a second finalizer for ${text}`);
      return;
    }
    const note: FinalizerNote = { thing, captured, state: 'set' };
    const body = (x: Obj, g: Goroutine): unknown => this.#finalized(note, x, g, c);
    const captures = captured?.obj ? [captured.obj] : [];
    const type = { params: [`*${thing.kind}`] };
    rt.SetFinalizer(thing.obj, captures.length === 0 ? body : rt.func({ ...type, captures }, body));
    finalizers.push(note);
    this.#state.say(frame, `runtime.SetFinalizer(${text}, finalize${c % 8})`);
  }

  /** Go prints this and ends; nothing has changed by then, so the program goes on here. */
  #expectFatal(act: () => unknown, text: string): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof GoFatal)) throw error;
      this.#state.expect(error.text === text, () => `fatal error: ${error.text}, not ${text}`);
      return;
    }
    this.#state.fail(`there is no fatal error: ${text}`);
  }

  /** The finalizer runs. */
  *#finalized(note: FinalizerNote, x: Obj, _: Goroutine, c: number) {
    const state = this.#state;
    const { thing } = note;
    state.say(null, `/* finalizer of ${thing.kind} #${x.id} runs */`);
    state.expect(note.state === 'set', () => `a finalizer runs that was ${note.state}`);
    state.expect(x.id === thing.obj?.id, () => `a finalizer of #${thing.obj?.id} gets #${x.id}`);
    state.expect(!state.reachable.has(thing), () => `#${x.id} is finalized and reachable`);
    note.state = 'ran';
    state.touch(thing);
    for (const weak of this.#weak) {
      if (weak.target !== thing) continue;
      const value = weak.weak.Value();
      state.expect(value === null, () => `a weak pointer to #${x.id} outlives its finalizer`);
      weak.gone = true;
    }
    if (state.ending) return;
    if (c % 3 === 0) state.globals[c % state.globals.length]?.set(thing);
    if (c % 5 === 0 && thing instanceof StructThing && c % 3 === 0) {
      this.#attach(null, thing, 'x', null, c + 1);
    }
    if (c % 7 === 0) yield;
    if (c % 11 === 0) yield* state.rt.sleep(c * 100);
  }

  #clearFinalizer(frame: Frame, a: number): void {
    const reachable = this.#state.reachable;
    const set = this.#state.finalizers.filter(
      ({ thing, state }) => state === 'set' && reachable.has(thing),
    );
    const note = set[a % Math.max(1, set.length)];
    if (note === undefined) return;
    this.#state.rt.SetFinalizer(note.thing.obj, null);
    note.state = 'cleared';
    this.#state.say(frame, `runtime.SetFinalizer(#${note.thing.obj?.id}, nil)`);
  }

  #fresh(frame: Frame, n: number): StructThing {
    const pointers = n % 2 === 0 ? [0, 1] : [];
    const size = [16, 24, 64, 256][n % 4] ?? 16;
    const type = { name: `L${size}`, size, pointers };
    const thing = new StructThing(type.name, this.#state.rt.new(type), pointers);
    frame.held[0]?.set(thing);
    return thing;
  }

  /** Something that only a finalizer, a cleanup or a weak pointer remembers. */
  #lose(frame: Frame, b: number, c: number): void {
    const thing = this.#fresh(frame, b);
    if (c % 4 !== 1) this.#attach(frame, thing, `new(${thing.kind})`, null, c);
    if (c % 4 === 1 || c % 4 === 2) this.#clean(frame, thing, `new(${thing.kind})`, b, c);
    frame.held[0]?.set(null);
  }

  /** Objects in a ring, one with a finalizer, which never runs. */
  #ring(frame: Frame, length: number, b: number): void {
    const first = this.#fresh(frame, 2);
    let last = first;
    for (let i = 1; i < length; i += 1) {
      const next = new StructThing(
        'L16',
        this.#state.rt.new({ name: 'L16', size: 16, pointers: [0, 1] }),
        [0, 1],
      );
      this.#state.writeField(last, 1, next);
      last = next;
    }
    this.#state.writeField(last, 1, first);
    this.#attach(frame, first, `ring(${length})`, null, b);
    frame.held[0]?.set(null);
  }

  #addCleanup(frame: Frame, a: number, b: number, c: number): void {
    const found = this.#state.pick(frame, a);
    if (found === null || !isSteady(found.thing)) return;
    this.#clean(frame, found.thing, found.text, b, c);
  }

  #clean(frame: Frame, thing: StructThing, text: string, b: number, c: number): void {
    const { rt, cleanups } = this.#state;
    const arg = c % 3 === 0 ? (this.#state.pick(frame, b)?.thing ?? null) : null;
    const same = arg?.obj?.id === thing.obj.id;
    const note: CleanupNote = { thing, arg, captured: null, state: 'set' };
    const body = (): void => this.#cleaned(note);
    if (same) {
      const refused = 'runtime.AddCleanup: ptr is equal to arg, cleanup will never run';
      this.#state.expectPanic(() => rt.AddCleanup(thing.obj, body, thing.obj), refused);
      return;
    }
    const cleanup = rt.AddCleanup(thing.obj, body, arg?.obj ?? c);
    cleanups.push(note);
    this.#stops.push({ cleanup, note });
    this.#state.say(
      frame,
      `runtime.AddCleanup(${text}, clean, ${arg === null ? c : `#${arg.obj?.id}`})`,
    );
  }

  #cleaned(note: CleanupNote): void {
    const state = this.#state;
    const { thing, arg } = note;
    state.say(null, `/* cleanup of ${thing.kind} #${thing.obj?.id} runs */`);
    state.expect(note.state === 'set', () => `a cleanup runs that was ${note.state}`);
    state.expect(
      !state.reachable.has(thing),
      () => `#${thing.obj?.id} is cleaned up and reachable`,
    );
    state.expect(!state.isAlive(thing), () => `#${thing.obj?.id} is cleaned up and still there`);
    note.state = 'ran';
    if (arg !== null) state.touch(arg);
  }

  /** Of an object that may be dead already nobody can say whether it comes in time. */
  #stop(frame: Frame, a: number): void {
    const reachable = this.#state.reachable;
    const known = this.#stops.filter(({ note }) => {
      return note.state === 'ran' || reachable.has(note.thing);
    });
    const stop = known[a % Math.max(1, known.length)];
    if (stop === undefined) return;
    const { note, cleanup } = stop;
    cleanup.Stop();
    if (note.state === 'set') note.state = 'stopped';
    this.#state.say(frame, `cleanup${this.#stops.indexOf(stop)}.Stop()`);
  }

  #makeWeak(frame: Frame, a: number, b: number): void {
    const { rt } = this.#state;
    const found = this.#state.pick(frame, a);
    if (found === null || !isSteady(found.thing)) return;
    const { thing, text } = found;
    const weak = rt.weak.Make(thing.obj);
    const made = new WeakThing(weak, thing);
    this.#state.store(frame, b, made, `weak.Make(${text})`);
    expectEqual(this.#state, weak.equals(rt.weak.Make(thing.obj)));
    this.#weak.push(made);
  }

  #value(frame: Frame, a: number, b: number): void {
    const state = this.#state;
    const of = state.pickOf(frame, a, isWeak);
    if (of === null) return;
    const { thing, text } = of;
    const value = thing.weak.Value();
    const reachable = value === null && !thing.gone && state.reachable.has(thing.target);
    state.expect(!reachable, () => `${text}.Value() is nil and #${thing.target.obj?.id} reachable`);
    if (value === null) thing.gone = true;
    else {
      state.expect(!thing.gone, () => `${text}.Value() was nil before`);
      state.expect(
        thing.target.obj !== null && isAt(value, thing.target.obj),
        () => 'another target',
      );
      if (b % 2 === 0) state.store(frame, b, thing.target, `${text}.Value()`);
    }
  }

  #unique(frame: Frame, a: number, b: number, c: number): void {
    const state = this.#state;
    const text = `unique${b % TEXTS}`;
    const thing = new UniqueThing(state.rt.unique.Make(text), text);
    frame.held[0]?.set(thing);
    const other = state.pickOf(frame, c, isUnique)?.thing ?? thing;
    state.expect(thing.handle.equals(other.handle) === (text === other.text), () => {
      return `handles of "${text}" and "${other.text}" are equal, or not`;
    });
    state.expect(thing.handle.Value() === text, () => `a handle of "${text}" has another value`);
    state.store(frame, a, thing, `unique.Make("${text}")`);
    frame.held[0]?.set(null);
  }

  #runPools(frame: Frame, [kind, a, b, c]: Operation): boolean {
    const note = this.#pools[a % Math.max(1, this.#pools.length)];
    switch (kind) {
      case 'pool': {
        const { Pool: Maker } = this.#state.rt.sync;
        this.#pools.push({ pool: new Maker(), items: [] });
        this.#state.say(frame, `pool${this.#pools.length - 1} := new(sync.Pool)`);
        return true;
      }
      case 'put': {
        const found = this.#state.pick(frame, b);
        if (note === undefined || found === null || found.thing.obj === null) return true;
        note.pool.Put(found.thing.obj);
        note.items.push(found.thing);
        this.#state.say(frame, `pool${this.#pools.indexOf(note)}.Put(${found.text})`);
        return true;
      }
      case 'get':
        if (note !== undefined) this.#got(frame, note, note.pool.Get(), c);
        return true;
      default:
        return false;
    }
  }

  #got(frame: Frame, note: PoolNote, value: GoValue, c: number): void {
    const state: GoState = this.#state;
    const name = `pool${this.#pools.indexOf(note)}`;
    if (value === null) return;
    const at = note.items.findIndex(({ obj }) => obj !== null && isAt(value, obj));
    const thing = note.items[at];
    if (thing === undefined) state.fail(`${name}.Get() gives what it does not have`);
    note.items.splice(at, 1);
    state.touch(thing);
    state.store(frame, c, thing, `${name}.Get()`);
  }
}

function expectEqual(state: GoState, equal: boolean): void {
  state.expect(equal, () => 'two weak pointers to one object are not equal');
}
