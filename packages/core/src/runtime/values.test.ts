import { describe, expect, it } from 'vitest';
import { type Figures, measure, runGo } from './figures.testkit.ts';
import type { Slot } from './goroutines.ts';
import { arrayOf, GO, pointerTo, sliceOf, structOf } from './gotypes.ts';
import type { Closure, Iface } from './interfaces.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Slice } from './slices.ts';
import type { GoString } from './strings.ts';
import type { GoType } from './types.ts';
import type { GoValue } from './values.ts';

interface Step extends Figures {
  readonly Kind: string;
  readonly Type: string;
  readonly N: number;
  readonly M: number;
  readonly Caps: readonly number[];
}

const NODE = pointerTo('main.node');
const BYTES = sliceOf('uint8');
const TEXT = 'abcdefghij'.repeat(8000);
const WIDE = [...'aé€😀'.repeat(1000)];
const MIXED = structOf('main.mixed', [GO.int, NODE]);
const NAMED = structOf('main.named', [GO.string]);
const SEVERAL = structOf('main.several', [GO.string, NODE, GO.int8]);
const RECEIVER = structOf('main.receiver', [GO.int, GO.int]);
const COMPLEX: GoType = { name: 'complex128', size: 16, align: 8 };

/** Types of slice elements, by the names that the Go program gives them. */
const ELEMENTS: Readonly<Record<string, GoType>> = {
  none: structOf('struct {}', []),
  '1': GO.byte,
  '4': GO.int32,
  '8': GO.int,
  '8 p': NODE,
  '16 p': GO.string,
  '16 -p': MIXED,
  '24 p': BYTES,
  '32 p-p-': SEVERAL,
};

function elementOf(name: string): GoType {
  const [size, pointers = ''] = name.split(' ');
  if (ELEMENTS[name] !== undefined) return ELEMENTS[name];
  return pointers === '' ? arrayOf(GO.byte, Number(size)) : arrayOf(NODE, pointers.length);
}

/** Types and values that the Go program boxes. `Slice` and `node` stand for ones on the heap. */
const BOXED: Readonly<Record<string, readonly [type: GoType, ...values: GoValue[]]>> = {
  bool: [GO.bool, true],
  uint8: [GO.byte, 0, 255],
  int8: [GO.int8, -1],
  int16: [GO.int16, 0, 255, 256, -1],
  int32: [GO.int32, 0, 255, 256, -1],
  int: [GO.int, 0, 255, 256n, -1],
  float32: [GO.float32, 0, 1],
  float64: [GO.float64, 0, 1],
  string: [GO.string, '', 'abc'],
  '[3]uint8': [arrayOf(GO.byte, 3), 0],
  '[4]uint8': [arrayOf(GO.byte, 4), 0],
  '[8]uint8': [arrayOf(GO.byte, 8), 0],
  '[1]uint8': [arrayOf(GO.byte, 1), [9]],
  two: [structOf('main.two', [GO.int16, GO.int16]), [0, 0]],
  one: [structOf('main.one', [GO.int32]), [3], [3000]],
  pair: [structOf('main.pair', [GO.int32, GO.int32]), [0, 0]],
  mixed: [MIXED, null],
  direct: [structOf('main.direct', [NODE]), null],
  '*node': [NODE, null],
  named: [NAMED, [''], ['x']],
  several: [SEVERAL, null],
  none: [structOf('struct {}', []), null],
  complex: [COMPLEX, 1],
  '[200]uint8': [arrayOf(GO.byte, 200), 0],
  '[100]*node': [arrayOf(NODE, 100), null],
  '[5000]*node': [arrayOf(NODE, 5000), null],
};

const CAPTURED: Readonly<Record<string, GoType>> = {
  int: GO.int,
  bool: GO.bool,
  string: GO.string,
  '*node': NODE,
  '[]uint8': BYTES,
};

/** The Go program, over again. */
class Twin {
  readonly rt: Runtime = createRuntime({ gogc: 'off', procs: 1 });
  readonly #sink: Slot = this.rt.main.slot();
  readonly #slice: Slot = this.rt.main.slot();
  #made: Slice = this.rt.nilSlice(GO.byte);
  #caps: number[] = [];

  step({ Kind, Type, N, M }: Step): Step {
    this.#caps = [];
    const figures = measure(this.rt, () => this.#act(Kind, Type, N, M));
    return { Kind, Type, N, M, ...figures, Caps: this.#caps };
  }

  #act(kind: string, type: string, n: number, m: number): void {
    const { rt } = this;
    if (kind.startsWith('append') || kind === 'make') this.#append(kind, elementOf(type), n, m);
    else if (kind.startsWith('builder')) this.#build(kind, n, m);
    else if (kind === 'string of bytes') this.#keep(rt.string(TEXT.slice(0, n)));
    else if (kind === 'bytes of string') this.#keep(rt.bytes(TEXT.slice(0, n)));
    else if (kind === 'runes of string') this.#keep(rt.runes(WIDE.slice(0, n).join('')));
    else if (kind === 'string of runes') this.#keep(rt.stringOfRunes(WIDE.slice(0, n).join('')));
    else if (kind === 'string of rune') this.#keep(rt.stringOfRune(type));
    else if (kind === 'concat nothing') this.#keep(rt.concat('', TEXT.slice(0, n / 3), ''));
    else if (kind === 'concat') {
      const third = TEXT.slice(0, n / 3);
      this.#keep(rt.concat(TEXT.slice(0, n), ...(m * 3 > n + 2 ? [third, third, third] : [third])));
    } else this.#values(kind, type, n);
  }

  #values(kind: string, type: string, n: number): void {
    const { rt } = this;
    if (kind === 'box constant') {
      this.#keep(rt.boxConstant(type === 'int' ? GO.int : GO.string, 100000));
    } else if (kind === 'box' && type === '[]uint8') {
      this.#keep(rt.box(BYTES, [rt.nilSlice(GO.byte), rt.make(GO.byte, 0), this.#made][n]));
    } else if (kind === 'box') {
      const [of, ...values] = BOXED[type];
      this.#keep(rt.box(of, values[n]));
    } else if (kind === 'closure') {
      const names = type === '' ? [] : type.split(' ');
      this.#keep(rt.closure(...names.map((name) => [CAPTURED[name], null] as const)));
    } else if (kind === 'closure over variable') {
      const variable = rt.new(type === 'int' ? GO.int : arrayOf(GO.int, 17));
      this.#keep(rt.closure([NODE, variable]));
    } else {
      expect(kind).toBe('method value');
      this.#keep(rt.methodValue(type === 'receiver' ? RECEIVER : NODE, null));
    }
  }

  #append(kind: string, elem: GoType, n: number, m: number): void {
    const { rt } = this;
    const use = (slice: Slice, note = true): Slice => {
      this.#slice.set(slice.array);
      if (note && slice.cap !== this.#caps.at(-1)) this.#caps.push(slice.cap);
      this.#made = slice;
      return slice;
    };
    if (kind === 'append') {
      let slice = rt.nilSlice(elem);
      for (let i = 0; i < n; i += 1) slice = use(rt.append(slice, null));
    } else if (kind === 'append many') {
      const more = Array.from({ length: n }, () => null);
      const note = (slice: Slice): Slice => {
        this.#caps.push(slice.cap);
        return use(slice, false);
      };
      let slice = note(rt.append(rt.nilSlice(elem), ...more));
      slice = note(rt.append(slice, null));
      slice = note(rt.append(slice, ...more));
      note(rt.append(slice, null, null, null));
    } else if (kind === 'make') {
      use(rt.make(elem, n, m), false);
    } else {
      use(rt.append(this.#made.slice(0, this.#made.cap), null, null, null));
    }
  }

  #build(kind: string, n: number, m: number): void {
    const { rt } = this;
    const header = structOf('strings.Builder', [pointerTo('strings.Builder'), BYTES]);
    this.#sink.set(rt.new(header));
    const builder = rt.stringsBuilder(this.#slice);
    if (kind === 'builder') {
      for (let i = 0; i < m; i += 1) builder.WriteString(TEXT.slice(0, n));
      expect(builder.String().text).toBe(TEXT.slice(0, n).repeat(m));
      return;
    }
    builder.WriteString(TEXT.slice(0, m));
    builder.Grow(n);
    builder.Grow(n * 2);
    builder.WriteRune('x');
    builder.WriteString(TEXT.slice(0, n * 3));
    expect(builder.Len).toBe(m + 1 + n * 3);
  }

  #keep(value: GoString | Slice | Iface | Closure): void {
    this.#sink.set(value.pointers.at(-1) ?? null);
  }
}

describe('strings, slices, interfaces and functions', () => {
  it('allocate what real Go allocates, step by step', (ctx) => {
    const steps = runGo<Step>('values');
    if (steps === undefined) {
      console.warn('values: no go of 1.26 or newer on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    const twin = new Twin();
    for (const step of steps) expect(twin.step(step)).toEqual(step);
    expect(steps.length).toBeGreaterThan(1000);
  });

  it('keep alive what they point to, and nothing else', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const node: GoType = { name: 'main.node', size: 32, pointers: [0] };
    const held = (): number => {
      rt.GC();
      return rt.ReadMemStats().HeapObjects;
    };
    const a = rt.main.slot();
    const b = rt.main.slot();
    a.set(
      rt.closure([NODE, rt.new(node)], [GO.int, 1], [GO.string, rt.string('captured text')]).object,
    );
    expect(held()).toBe(3);
    a.set(rt.box(GO.string, rt.string('boxed text, on the heap')).data);
    expect(held()).toBe(2);
    const long = rt.string('a substring shares its bytes');
    a.set(long.bytes);
    b.set(long.slice(2, 11).bytes);
    a.set(null);
    expect(long.slice(2, 11).text).toBe('substring');
    expect(held()).toBe(1);
    b.set(rt.concat('only ', rt.string('operands that are copied')).bytes);
    expect(held()).toBe(1);
  });

  it('have UTF-8 lengths and bounds', () => {
    const rt = createRuntime({});
    const text = rt.string('aé€😀');
    expect(text.len).toBe(10);
    expect(text.slice(1, 6).text).toBe('é€');
    expect(text.slice(6).text).toBe('😀');
    for (const [low, high] of [
      [2, 6],
      [0, 11],
      [3, 1],
      [-1, 3],
      [0, 8],
    ]) {
      expect(() => text.slice(low, high)).toThrow(/slice bounds out of range/);
    }
    const builder = rt.stringsBuilder(rt.main.slot());
    expect(() => builder.Grow(-1)).toThrow('panic: strings.Builder.Grow: negative count');
    builder.WriteString(text);
    builder.Reset();
    expect([builder.Len, builder.Cap, builder.String().bytes]).toEqual([0, 0, null]);
  });
});
