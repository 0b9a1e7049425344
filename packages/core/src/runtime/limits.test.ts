import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { WorldHasher } from '../heap/statehash.ts';
import { GoFatal, GoPanic } from './errors.ts';
import { GO } from './gotypes.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { GoType } from './types.ts';

const NODE: GoType = { name: 'main.node', size: 32, pointers: [0, 2] };

/** The act throws this and has changed nothing. */
function refused(rt: Runtime, error: Error | RegExp, act: () => unknown): void {
  const before = new WorldHasher().hash(rt.world);
  expect(act).toThrow(HeaptapeError);
  expect(act).toThrow(error);
  expect(new WorldHasher().hash(rt.world)).toBe(before);
}

const panic = (text: string): GoPanic => new GoPanic(`runtime error: ${text}`);

describe('what no memory can hold', () => {
  it('is refused with the words of Go, and changes nothing', () => {
    const rt = createRuntime({});
    const slot = rt.main.slot();
    const bytes = { name: 'uint8', size: 1 };
    const sixteen = { name: '[16]uint8', size: 16 };
    refused(rt, panic('makeslice: len out of range'), () => rt.make(bytes, -1));
    refused(rt, panic('makeslice: len out of range'), () => rt.make(bytes, 2 ** 53));
    refused(rt, panic('makeslice: len out of range'), () => rt.make(bytes, 2 ** 63));
    refused(rt, panic('makeslice: len out of range'), () => rt.make(sixteen, 2 ** 45));
    refused(rt, panic('makeslice: cap out of range'), () => rt.make(bytes, 0, 2 ** 49));
    refused(rt, panic('makeslice: cap out of range'), () => rt.make(bytes, 0, -1));
    refused(rt, panic('makeslice: cap out of range'), () => rt.make(GO.int, 5, 3));
    refused(rt, /a slice of length 1.5/, () => rt.make(bytes, 1.5));
    refused(rt, /^fatal error: out of memory$/, () => rt.make(bytes, 2 ** 48));
    refused(rt, /^fatal error: out of memory$/, () => rt.make(NODE, 2 ** 40));
    refused(rt, /^fatal error: out of memory$/, () => rt.new({ name: 'huge', size: 2 ** 53 - 1 }));
    refused(rt, /a size of -8/, () => rt.new({ name: 'T', size: -8 }));
    refused(rt, /a size of NaN/, () => rt.new({ name: 'T', size: Number.NaN }));
    slot.set(rt.make(bytes, 100).array);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
  });

  it('says how much was asked for', () => {
    const rt = createRuntime({});
    try {
      rt.make(GO.byte, 2 ** 40);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GoFatal);
      const { message, hint, code } = error as GoFatal;
      expect([message, code]).toEqual(['fatal error: out of memory', 'fatal']);
      expect(hint).toBe(
        'runtime: out of memory: cannot allocate 1099511627776-byte block (0 in use)',
      );
    }
  });
});

describe('indices', () => {
  it('out of range panic as in Go', () => {
    const rt = createRuntime({});
    const slice = rt.make(NODE, 3, 8);
    rt.global('s').set(slice.array);
    refused(rt, panic('index out of range [12] with length 3'), () => slice.get(12));
    refused(rt, panic('index out of range [-1]'), () => slice.set(-1, null));
    refused(rt, panic('slice bounds out of range [:12] with capacity 8'), () => slice.slice(0, 12));
    refused(rt, panic('slice bounds out of range [:-1]'), () => slice.slice(0, -1));
    refused(rt, panic('slice bounds out of range [-1:]'), () => slice.slice(-1));
    refused(rt, panic('slice bounds out of range [12:3]'), () => slice.slice(12));
  });
});

describe('objects of another process, or of none any more', () => {
  it('are refused wherever they are used', () => {
    const rt = createRuntime({ gogc: 'off' });
    const node = rt.new(NODE);
    rt.global('n').set(node);
    const gone = rt.new(NODE);
    rt.GC();
    const foreign = createRuntime({}).new(NODE);
    const uses = [
      (x: typeof node) => rt.KeepAlive(x),
      (x: typeof node) => rt.global('m').set(x),
      (x: typeof node) => node.set(0, x),
      (x: typeof node) => rt.SetFinalizer(x, () => undefined),
      (x: typeof node) => rt.AddCleanup(x, () => undefined, 0),
      (x: typeof node) => rt.AddCleanup(node, () => undefined, x),
      (x: typeof node) => rt.weak.Make(x),
      (x: typeof node) => rt.pointerTo(x, 0, GO.int),
      (x: typeof node) => rt.func({ params: [], captures: [x] }, () => undefined),
    ];
    for (const use of uses) {
      refused(rt, /belongs to another runtime/, () => use(foreign));
      refused(rt, /has been collected/, () => use(gone));
    }
    refused(rt, /a main.node has no int at byte 28/, () => rt.pointerTo(node, 28, GO.int));
  });
});
