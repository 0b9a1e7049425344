/** Operations on structs and variables: `new`, fields, lists, garbage. */
import { type GoType, type Obj, structOf } from '@heaptape/core';
import type { Operation } from '../swarm.ts';
import type { Frame, GoState } from './state.ts';
import { StructThing } from './things.ts';

function type(name: string, size: number, pointers: readonly number[]): GoType {
  return { name, size, pointers };
}

const words = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Small types first: a program that shrinks uses them. */
export const TYPES: readonly GoType[] = [
  type('T1', 8, [0]),
  type('T2', 16, [0, 1]),
  type('T3', 24, [0, 2]),
  type('T8', 64, words(8)),
  structOf('Int', [{ name: 'int', size: 8 }]),
  structOf('Pair', [
    { name: 'int', size: 8 },
    { name: 'int', size: 8 },
  ]),
  type('T16', 128, [0, 7, 15]),
  type('T64', 512, [0, 1, 63]),
  type('T65', 520, [0, 64]),
  type('T256', 2048, [0, 128, 255]),
  type('Bytes1024', 1024, []),
  type('T1024', 8192, [0, 1023]),
  type('T2500', 20_000, [0, 1, 2499]),
];
/** More than 32 KiB; the last two are scanned in pieces of 128 KiB. */
const LARGE: readonly GoType[] = [
  type('Bytes40000', 40_000, []),
  type('T5000', 40_000, [0, 1, 4999]),
  type('T20000', 160_000, [0, 1, 16_384, 19_999]),
  type('T40000', 320_000, [0, 1, 16_383, 16_384, 32_768, 39_999]),
];

/** `new(T)`, to be stored before the next call. */
function make(state: GoState, goType: GoType): StructThing {
  const obj: Obj = state.rt.new(goType);
  return new StructThing(goType.name, obj, goType.pointers ?? []);
}

const newThing = (state: GoState, n: number): StructThing =>
  make(state, TYPES[n % TYPES.length] ?? TYPES[0]);

const isStruct = (thing: unknown): thing is StructThing =>
  thing instanceof StructThing && thing.words.length > 0;

/** False when the operation is none of these. */
export function runObjects(state: GoState, frame: Frame, [kind, a, b, c]: Operation): boolean {
  switch (kind) {
    case 'new': {
      const thing = newThing(state, a);
      state.store(frame, b, thing, `new(${thing.kind})`);
      return true;
    }
    case 'large': {
      const thing = make(state, LARGE[a % LARGE.length] ?? LARGE[0]);
      state.store(frame, b, thing, `new(${thing.kind})`);
      return true;
    }
    case 'list':
      list(state, frame, a, b, 1 + (c % 48));
      return true;
    case 'field': {
      const from = state.pick(frame, a);
      if (from !== null && isStruct(from.thing)) {
        const to = state.pick(frame, b);
        const word = from.thing.words[c % from.thing.words.length] ?? 0;
        state.writeField(from.thing, word, to?.thing ?? null);
        state.say(frame, `${from.text}.f${word} = ${to?.text ?? 'nil'}`);
      }
      return true;
    }
    case 'clear': {
      const from = state.pick(frame, a);
      if (from !== null && isStruct(from.thing)) {
        const word = from.thing.words[b % from.thing.words.length] ?? 0;
        state.writeField(from.thing, word, null);
        state.say(frame, `${from.text}.f${word} = nil`);
      }
      return true;
    }
    case 'copy': {
      const from = state.pick(frame, a);
      if (from !== null) state.store(frame, b, from.thing, from.text);
      return true;
    }
    case 'drop': {
      const variable = state.target(frame, a);
      if (variable.thing === null) return true;
      variable.set(null);
      state.say(frame, `${variable.name} = nil`);
      return true;
    }
    case 'storm':
      storm(state, frame, a, b, c);
      return true;
    default:
      return runMore(state, frame, [kind, a, b, c]);
  }
}

function runMore(state: GoState, frame: Frame, [kind, a, b, c]: Operation): boolean {
  switch (kind) {
    case 'garbage': {
      const bytes = [256, 8192, 65_536, 262_144][b % 4] ?? 256;
      const count = 1 + (a % 20);
      for (let i = 0; i < count; i += 1) state.rt.new({ name: `Garbage${bytes}`, size: bytes });
      state.say(frame, `for range ${count} { sink(new([${bytes}]byte)) }`);
      return true;
    }
    case 'check':
      state.checkAll();
      state.say(frame, 'check()');
      return true;
    case 'stack': {
      const bytes = 64 << (a % 12);
      frame.g.useStack(bytes + (b % 64));
      state.say(frame, `stack(${bytes + (b % 64)})`);
      return true;
    }
    case 'work':
      state.rt.run([c % 64, c * 5, c * 100, c * 2000][a % 4] ?? 0);
      state.say(frame, `work(${[c % 64, c * 5, c * 100, c * 2000][a % 4]} * time.Nanosecond)`);
      return true;
    default:
      return false;
  }
}

/** A list whose head a variable holds. */
function list(state: GoState, frame: Frame, a: number, b: number, length: number): void {
  const goType = TYPES[a % TYPES.length] ?? TYPES[0];
  const count = goType.size > 4096 ? 1 + (length % 8) : length;
  const variable = state.target(frame, b);
  state.say(
    frame,
    `for range ${count} { x := new(${goType.name}); x.next = ${variable.name}; ${variable.name} = x }`,
  );
  for (let i = 0; i < count; i += 1) {
    const before = variable.thing;
    const thing = make(state, goType);
    const [hold] = frame.held;
    hold?.set(thing);
    const word = thing.words[0];
    if (word !== undefined && before !== null) state.writeField(thing, word, before);
    variable.set(thing);
    hold?.set(null);
  }
}

/** Many stores between the collector's steps. */
function storm(state: GoState, frame: Frame, a: number, b: number, c: number): void {
  const count = 50 + (a % 200);
  state.say(frame, `storm(${count}) // pointers all over`);
  for (let i = 0; i < count; i += 1) {
    const from = state.pick(frame, b + 7 * i);
    const to = state.pick(frame, c + 13 * i);
    if (from === null || to === null || !isStruct(from.thing)) continue;
    const word = from.thing.words[i % from.thing.words.length] ?? 0;
    state.writeField(from.thing, word, i % 5 === 0 ? null : to.thing);
  }
}
