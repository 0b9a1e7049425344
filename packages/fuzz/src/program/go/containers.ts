/** Operations on slices, maps, strings, interfaces and closures. What they hold is read back. */
import { GO, type GoString, type GoType, type GoValue, pointerTo } from '@heaptape/core';
import type { Operation } from '../swarm.ts';
import { TYPES } from './objects.ts';
import { type Frame, type GoState, isAt } from './state.ts';
import { ArrayThing, FixedThing, type MapKey, MapThing, SliceThing, Thing } from './things.ts';

const POINTER: GoType = pointerTo('T');
const TEXTS: readonly string[] = [
  '',
  'x',
  'word',
  'the quick brown fox',
  'Übermut',
  'y'.repeat(60),
];
const KEYS: readonly (readonly [name: string, type: GoType])[] = [
  ['int', GO.int],
  ['string', GO.string],
  ['*T', POINTER],
];

const textValue = (value: FixedThing['value']): GoString | null =>
  value !== null && 'text' in value ? value : null;

const isSlice = (thing: Thing): thing is SliceThing => thing instanceof SliceThing;
const isMap = (thing: Thing): thing is MapThing => thing instanceof MapThing;
const isFixed = (thing: Thing): thing is FixedThing => thing instanceof FixedThing;

/** False when the operation is none of these. */
export function runContainers(state: GoState, frame: Frame, operation: Operation): boolean {
  switch (operation[0]) {
    case 'makeSlice':
    case 'append':
    case 'appendSlice':
    case 'cut':
    case 'index':
      slices(state, frame, operation);
      return true;
    case 'makeMap':
    case 'assign':
    case 'lookup':
    case 'delete':
    case 'range':
    case 'clearMap':
      maps(state, frame, operation);
      return true;
    case 'string':
    case 'concat':
    case 'box':
    case 'closure':
      values(state, frame, operation);
      return true;
    default:
      return false;
  }
}

function slices(state: GoState, frame: Frame, [kind, a, b, c]: Operation): void {
  const { rt } = state;
  if (kind === 'makeSlice') {
    const [len, cap] = [b % 9, (b % 9) + (c % 20)];
    const slice = rt.make(POINTER, len, cap);
    const elems = Array.from({ length: cap }, () => null);
    const thing = new SliceThing(slice, new ArrayThing(slice.array, elems));
    state.store(frame, a, thing, `make([]*T, ${len}, ${cap})`);
    return;
  }
  const of = state.pickOf(frame, a, isSlice);
  if (of === null) return;
  const { thing, text } = of;
  if (kind === 'append') append(state, frame, of, b, c);
  else if (kind === 'appendSlice') {
    const other = state.pickOf(frame, b, isSlice) ?? of;
    const grown = rt.appendSlice(thing.slice, other.thing.slice);
    const added = other.thing.elems;
    state.store(frame, c, grow(state, thing, grown, added), `append(${text}, ${other.text}...)`);
  } else if (kind === 'cut') {
    const high = b % (thing.slice.cap + 1);
    const low = c % (high + 1);
    const cut = new SliceThing(thing.slice.slice(low, high), thing.array);
    state.store(frame, a + c, cut, `${text}[${low}:${high}]`);
  } else index(state, frame, of, b, c);
}

function append(
  state: GoState,
  frame: Frame,
  { thing, text }: { thing: SliceThing; text: string },
  b: number,
  c: number,
): void {
  const picked = Array.from({ length: 1 + (c % 5) }, (_, i) => state.pick(frame, b + 31 * i));
  const grown = state.rt.append(thing.slice, ...picked.map((one) => one?.thing.obj ?? null));
  const next = grow(
    state,
    thing,
    grown,
    picked.map((one) => one?.thing ?? null),
  );
  state.store(
    frame,
    b,
    next,
    `append(${text}, ${picked.map((one) => one?.text ?? 'nil').join(', ')})`,
  );
}

/** What `append` has to give: the same array if it has room, else another with the elements copied. */
function grow(
  state: GoState,
  before: SliceThing,
  grown: SliceThing['slice'],
  added: readonly (Thing | null)[],
): SliceThing {
  const { start, len, cap } = before.slice;
  const fits = len + added.length <= cap;
  state.expect(grown.len === len + added.length, () => `append gives length ${grown.len}`);
  state.expect(grown.cap >= grown.len, () => `append gives capacity ${grown.cap} for ${grown.len}`);
  const same = grown.array?.id === before.slice.array?.id && grown.start === start;
  state.expect(
    same === fits || grown.cap === 0,
    () => 'append copies exactly when there is no room',
  );
  const array = fits
    ? before.array
    : new ArrayThing(grown.array, [
        ...before.elems,
        ...Array.from({ length: grown.cap - len }, () => null),
      ]);
  added.forEach((thing, i) => {
    array.elems[grown.start + len + i] = thing;
  });
  return new SliceThing(grown, array);
}

/** `s[i] = x`, or the panic for an index that is out of range. */
function index(
  state: GoState,
  frame: Frame,
  { thing, text }: { thing: SliceThing; text: string },
  b: number,
  c: number,
): void {
  const i = b % (thing.slice.len + 1);
  if (i === thing.slice.len) {
    const want = `runtime error: index out of range [${i}] with length ${i}`;
    state.expectPanic(() => thing.slice.get(i), want);
    state.say(frame, `recovers(${text}[${i}])`);
    return;
  }
  state.expectSame(`element ${i} of ${text}`, thing.slice.get(i), thing.elems[i] ?? null);
  const to = state.pick(frame, c);
  thing.slice.set(i, to?.thing.obj ?? null);
  thing.array.elems[thing.slice.start + i] = to?.thing ?? null;
  state.say(frame, `${text}[${i}] = ${to?.text ?? 'nil'}`);
}

function maps(state: GoState, frame: Frame, [kind, a, b, c]: Operation): void {
  const { rt } = state;
  if (kind === 'makeMap') {
    const [name, key] = KEYS[b % KEYS.length] ?? KEYS[0];
    const hint = [0, 0, 8, 9, 100, 1000][c % 6] ?? 0;
    const thing = new MapThing(`map[${name}]*T`, rt.makeMap(key, POINTER, hint));
    state.store(frame, a, thing, `make(${thing.kind}, ${hint})`);
    return;
  }
  const of = state.pickOf(frame, a, isMap);
  if (of === null) return;
  const { thing, text } = of;
  if (kind === 'assign') {
    for (let i = 0; i <= c % 24; i += 1) assign(state, frame, of, b + i, a + c + i);
  } else if (kind === 'clearMap') {
    thing.map.clear();
    thing.entries.clear();
    state.say(frame, `clear(${text})`);
  } else if (kind === 'range') {
    range(state, thing);
    state.say(frame, `for range ${text} { }`);
  } else lookUp(state, frame, of, kind, b);
  const { len } = thing.map;
  state.expect(
    len === thing.entries.size,
    () => `len(${text}) is ${len}, not ${thing.entries.size}`,
  );
}

const mapValueOf = (key: MapKey): GoValue => (key instanceof Thing ? (key.obj ?? null) : key);

/** A key of the map's type; a pointer key is something that the program reaches. */
function keyOf(state: GoState, frame: Frame, kind: string, n: number): [MapKey, string] | null {
  if (kind === 'map[int]*T') return [n % 700, String(n % 700)];
  if (kind === 'map[string]*T') return [`key${n % 90}`, `"key${n % 90}"`];
  const found = state.pick(frame, n);
  return found?.thing.obj ? [found.thing, found.text] : null;
}

/** Two pointers to one object are one key. */
function sameKey(thing: MapThing, key: MapKey): MapKey {
  if (!(key instanceof Thing)) return key;
  const at = (one: Thing): string => `${one.obj?.id}+${one.obj?.offset}`;
  for (const other of thing.entries.keys()) {
    if (other instanceof Thing && at(other) === at(key)) return other;
  }
  return key;
}

function assign(
  state: GoState,
  frame: Frame,
  { thing, text }: { thing: MapThing; text: string },
  n: number,
  m: number,
): void {
  const key = keyOf(state, frame, thing.kind, n);
  const elem = state.pick(frame, m);
  if (key === null) return;
  thing.map.set(mapValueOf(key[0]), elem?.thing.obj ?? null);
  thing.entries.set(sameKey(thing, key[0]), elem?.thing ?? null);
  state.say(frame, `${text}[${key[1]}] = ${elem?.text ?? 'nil'}`);
}

function lookUp(
  state: GoState,
  frame: Frame,
  { thing, text }: { thing: MapThing; text: string },
  kind: string,
  n: number,
): void {
  const known = [...thing.entries.keys()];
  const drawn = keyOf(state, frame, thing.kind, n);
  const key = n % 3 === 0 || known.length === 0 ? drawn?.[0] : known[n % known.length];
  if (key === undefined) return;
  const own = sameKey(thing, key);
  const has = thing.entries.has(own);
  const name = key instanceof Thing ? `#${key.obj?.id}` : String(key);
  if (kind === 'delete') {
    const was = thing.map.delete(mapValueOf(key));
    state.expect(was === has, () => `delete(${text}, ${name}) finds an entry: ${was}`);
    thing.entries.delete(own);
    state.say(frame, `delete(${text}, ${name})`);
    return;
  }
  const found = thing.map.get(mapValueOf(key));
  state.expect((found !== undefined) === has, () => `${text}[${name}] is there: ${!has}`);
  if (has) expectValue(state, `${text}[${name}]`, found ?? null, thing.entries.get(own) ?? null);
  state.say(frame, `_ = ${text}[${name}]`);
}

function expectValue(state: GoState, what: string, found: GoValue, stored: Thing | null): void {
  const same = stored === null || stored.obj === null ? found === null : isAt(found, stored.obj);
  state.expect(same, () => `${what} is not #${stored?.obj?.id ?? 0}`);
}

/** Every entry once, with what it maps to. */
function range(state: GoState, thing: MapThing): void {
  let count = 0;
  for (const [key, elem] of state.rt.range(thing.map)) {
    count += 1;
    const stored = [...thing.entries].find(([own]) =>
      own instanceof Thing ? own.obj !== null && isAt(key, own.obj) : own === key,
    );
    if (stored === undefined) state.fail('range gives a key that is not in the map');
    expectValue(state, 'an element of range', elem, stored[1]);
  }
  state.expect(count === thing.entries.size, () => `range gives ${count} entries`);
}

function values(state: GoState, frame: Frame, [kind, a, b, c]: Operation): void {
  const { rt } = state;
  if (kind === 'string') {
    const text = TEXTS[b % TEXTS.length] ?? '';
    const value = rt.string(text);
    state.store(
      frame,
      a,
      new FixedThing('string', value.bytes, [], value),
      `string([]byte("${text}"))`,
    );
  } else if (kind === 'concat') {
    const one = state.pickOf(frame, b, isFixed);
    const text = TEXTS[c % TEXTS.length] ?? '';
    const before = textValue(one?.thing.value ?? null);
    const value = rt.concat(before ?? '', text, 'z');
    const want = `${before?.text ?? ''}${text}z`;
    state.expect(value.text === want, () => `a concatenation says "${value.text}"`);
    const thing = new FixedThing('string', value.bytes, [], value);
    state.store(frame, a, thing, `${before === null ? '""' : one?.text} + "${text}" + "z"`);
  } else if (kind === 'box') {
    const of = state.pick(frame, b);
    const number = c % 2 === 0 || of === null;
    const iface = number ? rt.box(GO.int, 100 * c) : rt.box(POINTER, of.thing.obj);
    const refs = number || of === null ? [] : [of.thing];
    const thing = new FixedThing('any', iface.data, refs, iface);
    state.store(frame, a, thing, number ? `any(${100 * c})` : `any(${of?.text})`);
  } else {
    const captured = [state.pick(frame, b), state.pick(frame, c)].filter((one) => one !== null);
    const closure = rt.closure(...captured.map(({ thing }) => [POINTER, thing.obj] as const), [
      TYPES[4] ?? GO.int,
      null,
    ]);
    const refs = captured.map(({ thing }) => thing);
    const names = captured.map(({ text }) => text).join(', ');
    state.store(
      frame,
      a,
      new FixedThing('func()', closure.object, refs),
      `func() { use(${names}) }`,
    );
  }
}
