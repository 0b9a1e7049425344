/**
 * A program over the runtime's interface while it runs: its variables, and how it reads and writes them.
 *
 * Everything is read back through the runtime and compared with what the program stored. A variable is
 * a root; the program only uses what it finds through its variables, as a Go program does. What it did is
 * noted as lines of Go.
 */
import { GoPanic, type Goroutine, type Obj, type Runtime, SCALAR, type Slot } from '@heaptape/core';
import { HeaptapeError } from '@heaptape/schema';
import { Violation } from '../../stream.ts';
import {
  type ChanThing,
  type CleanupNote,
  type FinalizerNote,
  reachFrom,
  SliceThing,
  StructThing,
  type Thing,
} from './things.ts';

const GLOBALS = 12;
const LOCALS = 4;
/** Variables of an operation that is under way: channels and values that wait. */
const HELD = 6;
const STEPS = 4;

export class Variable {
  readonly name: string;
  readonly #slot: Slot;
  thing: Thing | null = null;

  constructor(name: string, slot: Slot) {
    this.name = name;
    this.#slot = slot;
  }

  set(thing: Thing | null): void {
    this.#slot.set(thing?.obj ?? null);
    this.thing = thing;
  }
}

/** Whether a value is a pointer to that place. */
export function isAt(value: unknown, { id, offset }: Obj): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'id' in value && value.id === id && 'offset' in value && value.offset === offset;
}

/** What a goroutine waits for. */
export interface Wait {
  readonly recv: readonly ChanThing[];
  readonly send: readonly ChanThing[];
  readonly lock: number;
}

/** A goroutine of the program: its variables, and what it waits for. */
export class Frame {
  readonly g: Goroutine;
  readonly locals: readonly Variable[];
  readonly held: readonly Variable[];
  /** What its function closes over. */
  captured: Thing | null;
  wait: Wait | null = null;
  done = false;

  constructor(g: Goroutine, captured: Thing | null) {
    this.g = g;
    this.captured = captured;
    this.locals = Array.from({ length: LOCALS }, (_, i) => new Variable('abcd'[i] ?? '', g.slot()));
    this.held = Array.from({ length: HELD }, (_, i) => new Variable(`held${i}`, g.slot()));
  }

  get id(): number {
    return this.g.id;
  }

  /** What its stack holds. */
  get things(): (Thing | null)[] {
    if (this.done) return [];
    return [this.captured, ...[...this.locals, ...this.held].map(({ thing }) => thing)];
  }
}

/** A thing, and the expression that leads there. */
export interface Found {
  readonly thing: Thing;
  readonly text: string;
}

export class GoState {
  readonly rt: Runtime;
  readonly globals: readonly Variable[];
  readonly frames: Frame[] = [];
  readonly finalizers: FinalizerNote[] = [];
  readonly cleanups: CleanupNote[] = [];
  readonly lines: string[] = [];
  /** The program is about to end: nothing is brought back to life any more. */
  ending = false;

  constructor(rt: Runtime) {
    this.rt = rt;
    this.globals = Array.from({ length: GLOBALS }, (_, i) => {
      return new Variable(`g${i}`, rt.global(`g${i}`));
    });
  }

  /** Virtual time, ns. */
  get now(): number {
    return this.rt.world.scalars[SCALAR.timeNs];
  }

  /** Notes a line of the program. */
  say(frame: Frame | null, text: string): void {
    this.lines.push(
      frame === null || frame.id === 1 ? text : `/* goroutine ${frame.id} */ ${text}`,
    );
  }

  fail(message: string): never {
    throw new Violation('program', this.rt.world.scalars[SCALAR.seq], message);
  }

  expect(holds: boolean, message: () => string): void {
    if (!holds) this.fail(message());
  }

  /** Does what must panic with this text, and recovers. */
  expectPanic(act: () => unknown, text: string): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof GoPanic)) throw error;
      this.expect(error.text === text, () => `it panics with "${error.text}", not "${text}"`);
      return;
    }
    this.fail(`it does not panic with "${text}"`);
  }

  /** A variable to write to: mostly a global. */
  target(frame: Frame, n: number): Variable {
    const all = [...this.globals, ...frame.locals];
    return all[n % all.length] ?? this.fail('there are variables');
  }

  #variables(frame: Frame): Variable[] {
    return [...this.globals, ...frame.locals].filter(({ thing }) => thing !== null);
  }

  /** Some thing that the goroutine can reach: a variable, then some fields. */
  pick(frame: Frame, n: number): Found | null {
    const filled = this.#variables(frame);
    const variable = filled[n % Math.max(1, filled.length)];
    if (variable === undefined || variable.thing === null) return null;
    let { thing, name: text } = variable;
    for (let step = 0; step < (n >> 4) % STEPS && thing instanceof StructThing; step += 1) {
      const words = [...thing.fields.keys()];
      if (words.length === 0) break;
      const word = words[(n >> 3) % words.length] ?? 0;
      const next = this.readField(thing, word);
      if (next === null) break;
      thing = next;
      text = `${text}.f${word}`;
    }
    this.touch(thing);
    return { thing, text };
  }

  /** A thing of this kind in some variable. */
  pickOf<T extends Thing>(
    frame: Frame,
    n: number,
    is: (thing: Thing) => thing is T,
  ): { readonly thing: T; readonly text: string } | null {
    const found: { thing: T; text: string }[] = [];
    for (const { thing, name } of this.#variables(frame)) {
      if (thing !== null && is(thing)) found.push({ thing, text: name });
    }
    return found[n % Math.max(1, found.length)] ?? null;
  }

  /** Puts a thing that was just made into a variable. */
  store(frame: Frame, n: number, thing: Thing, text: string): void {
    const variable = this.target(frame, n);
    variable.set(thing);
    this.say(frame, `${variable.name} = ${text}`);
  }

  /** Uses a thing: throws when its object has been collected. */
  touch(thing: Thing): void {
    if (thing.obj === null) return;
    try {
      this.rt.KeepAlive(thing.obj);
    } catch (error) {
      if (error instanceof HeaptapeError) this.fail(`a ${thing.kind} in use: ${error.message}`);
      throw error;
    }
  }

  /** Reads a field back, which must hold what was stored there. */
  readField(thing: StructThing, word: number): Thing | null {
    const stored = thing.fields.get(word) ?? null;
    const found = thing.obj.get(word);
    this.expectSame(`word ${word} of ${thing.kind} #${thing.obj.id}`, found, stored);
    return stored;
  }

  expectSame(what: string, found: Obj | null, stored: Thing | null): void {
    const want = stored?.obj ?? null;
    const same = (found?.id ?? 0) === (want?.id ?? 0);
    this.expect(same, () => `${what} is #${found?.id ?? 0}, stored was #${want?.id ?? 0}`);
  }

  writeField(thing: StructThing, word: number, target: Thing | null): void {
    thing.obj.set(word, target?.obj ?? null);
    if (target?.obj) thing.fields.set(word, target);
    else thing.fields.delete(word);
  }

  /** What is in the program's variables. */
  get rooted(): (Thing | null)[] {
    return [...this.globals.map(({ thing }) => thing), ...this.frames.flatMap((f) => f.things)];
  }

  /** What the program can certainly reach. */
  get reachable(): Set<Thing> {
    return reachFrom(this.rooted);
  }

  /** Whether the runtime still has the thing's object. */
  isAlive({ obj }: Thing): boolean {
    try {
      this.rt.KeepAlive(obj);
      return true;
    } catch (error) {
      if (error instanceof HeaptapeError) return false;
      throw error;
    }
  }

  /** Reads everything back that the program can reach. */
  checkAll(): void {
    for (const thing of this.reachable) {
      this.touch(thing);
      if (thing instanceof StructThing) {
        for (const word of thing.words) this.readField(thing, word);
      } else if (thing instanceof SliceThing) {
        thing.elems.forEach((elem, i) => {
          this.expectSame(`element ${i} of a slice`, thing.slice.get(i), elem);
        });
      }
    }
  }
}
