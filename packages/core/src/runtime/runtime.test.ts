import { CELLS, EventBatch, type EventRow, HeaptapeError, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolve } from '../evolve/evolve.ts';
import { heapProblems } from '../heap/check.ts';
import { SCALAR } from '../heap/scalars.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import { createRuntime } from './runtime.ts';
import { nextCapacity } from './slices.ts';
import type { GoType } from './types.ts';

const NODE: GoType = { name: 'main.node', size: 32, pointers: [0, 2] };
const byte = (size: number): GoType => ({ name: `[${size}]byte`, size });

const refused = (act: () => unknown, text: RegExp): void => {
  expect(act).toThrow(HeaptapeError);
  expect(act).toThrow(text);
};

describe('objects', () => {
  it('live as long as a global, a stack slot or a field holds them', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const head = rt.new(NODE);
    rt.global('main.head').set(head);
    const tail = rt.new(NODE);
    head.set(2, tail);
    const onStack = rt.main.slot();
    onStack.set(rt.new(NODE));
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(3);
    expect(head.get(2)?.address).toBe(tail.address);
    expect(head.get(0)).toBeNull();
    head.set(2, null);
    onStack.set(null);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    rt.KeepAlive(head);
    refused(() => rt.KeepAlive(tail), /object #2 \(main\.node\) has been collected/);
    refused(() => head.set(0, tail), /has been collected/);
    refused(() => tail.get(0), /has been collected/);
  });

  it('whose slot was given to another one are known to be gone', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    // The first collections shrink the main stack, whose pages come free below the heap's.
    rt.GC();
    rt.GC();
    const old = rt.new(NODE);
    rt.GC();
    const fresh = rt.new(NODE);
    rt.global('x').set(fresh);
    expect(fresh.address).toBe(old.address);
    refused(() => rt.KeepAlive(old), /object #1 \(main\.node\) has been collected/);
  });

  it('whose pages hold slots of another size by now are known to be gone', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    rt.GC();
    rt.GC();
    rt.new({ name: 'Int3', size: 24 });
    const old = rt.new({ name: 'Int3', size: 24 });
    rt.GC();
    rt.global('x').set(rt.new({ name: '[1024]int', size: 8192 }));
    refused(() => rt.KeepAlive(old), /has been collected/);
  });

  it('have only the pointers that their type has', () => {
    const rt = createRuntime({});
    const node = rt.new(NODE);
    rt.global('n').set(node);
    refused(() => node.set(1, null), /word 1 of a main\.node is no pointer/);
    refused(() => node.get(4), /no pointer/);
    expect(() => rt.new({ name: 'T', size: 12, pointers: [0] })).toThrow(/multiple of 8/);
    expect(() => rt.new({ name: 'T', size: 8, pointers: [1] })).toThrow(/word 1/);
    expect(() => rt.new({ name: 'T', size: 16, pointers: [1, 0] })).toThrow(/word 0/);
    expect(() => rt.new({ name: 'T', size: -1 })).toThrow(/a size of -1/);
  });

  it('of no size share one address outside the heap', () => {
    const rt = createRuntime({});
    const before = rt.ReadMemStats();
    expect(rt.new(byte(0)).address).toBe(rt.new({ name: 'struct {}', size: 0 }).address);
    expect(rt.ReadMemStats().Mallocs).toBe(before.Mallocs);
  });

  it('above 512 bytes with pointers start with a header', () => {
    const rt = createRuntime({ gogc: 'off' });
    const place = (size: number, pointers: readonly number[]): number =>
      rt.new({ name: 'T', size, pointers }).address % 8192;
    expect(place(512, [0])).toBe(0);
    expect(place(520, [0])).toBe(8);
    expect(place(520, [])).toBe(0);
    expect(place(32760, [0])).toBe(8);
    expect(place(32768, [0])).toBe(0);
  });
});

describe('tiny objects', () => {
  it('share blocks as in Go: aligned by size, and the roomier block stays', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const at = (size: number): number => rt.new(byte(size)).address;
    const start = at(1);
    expect(start % 16).toBe(0);
    expect([at(1), at(2), at(4), at(3)].map((a) => a - start)).toEqual([1, 2, 4, 8]);
    // Nothing of 8 fits at 11: the new block has more room than this one, so it becomes current.
    expect(at(8) - start).toBe(16);
    expect(at(8) - start).toBe(24);
    // A block that a large part is taken of does not replace one with more room.
    const second = at(2);
    const alone = at(15);
    expect(alone - second).toBe(16);
    expect(at(2) - second).toBe(2);
  });

  it('start a new block after a flush of the mcache', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const first = rt.new(byte(1)).address;
    rt.ReadMemStats();
    expect(rt.new(byte(1)).address - first).toBe(16);
    rt.GC();
    expect(rt.new(byte(1)).address - first).not.toBe(17);
  });

  it('keep their block while it is current, and no longer', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    rt.new(byte(4));
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    rt.new(byte(4));
    rt.GC();
    // The first block was dropped by ReadMemStats; the second one was current when the cycle began.
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
  });

  it('keep a block alive through any handle on it', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    rt.new(byte(4));
    const inner = rt.new(byte(4));
    rt.global('g').set(inner);
    rt.GC();
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    expect(rt.global('g').get()?.address).toBe(inner.address);
  });
});

describe('slices', () => {
  it('grow as in Go', () => {
    const grown = (elem: GoType, count: number): number[] => {
      const rt = createRuntime({ gogc: 'off' });
      const slot = rt.main.slot();
      let slice = rt.make(elem, 0);
      const caps: number[] = [];
      for (let i = 0; i < count; i += 1) {
        slice = rt.append(slice, null);
        slot.set(slice.array);
        if (slice.cap !== caps[caps.length - 1]) caps.push(slice.cap);
      }
      return caps;
    };
    // As printed by a Go program that appends one element at a time.
    expect(grown(byte(1), 1500)).toEqual([8, 16, 32, 64, 128, 256, 512, 896, 1408, 2048]);
    const pointer = { name: '*T', size: 8, pointers: [0] };
    expect(grown(pointer, 1500)).toEqual([1, 2, 4, 8, 16, 32, 64, 143, 287, 607, 1023, 1535]);
    expect(grown({ name: 'T', size: 24, pointers: [1] }, 300)).toEqual([
      1, 2, 4, 8, 16, 37, 74, 170, 341,
    ]);
    expect(nextCapacity(10, 4)).toBe(10);
  });

  it('appended to each other within one array are as a list of their elements', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const pointer = { name: '*node', size: 8, pointers: [0] };
    const places = fc.record({ low: fc.nat(4), from: fc.nat(8), len: fc.nat(4), other: fc.nat(7) });
    fc.assert(
      fc.property(places, ({ low, from, len, other }) => {
        const array = rt.make(pointer, 16, 16);
        rt.global('s').set(array.array);
        const model = Array.from({ length: 16 }, (_, i) => (i % 3 === 2 ? null : rt.new(NODE)));
        model.forEach((node, i) => {
          array.set(i, node);
        });
        rt.appendSlice(array.slice(low, low + len), array.slice(from, from + other));
        model.splice(low + len, other, ...model.slice(from, from + other));
        const found = model.map((_, i) => array.get(i)?.address);
        expect(found).toEqual(model.map((node) => node?.address));
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('share their array until they outgrow it, and carry their pointers along', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const pointer = { name: '*node', size: 8, pointers: [0] };
    const slice = rt.make(pointer, 2, 4);
    rt.global('s').set(slice.array);
    const node = rt.new(NODE);
    slice.set(1, node);
    const longer = rt.append(slice, rt.new(NODE));
    expect([longer.len, longer.cap]).toEqual([3, 4]);
    expect(longer.array).toBe(slice.array);
    const moved = rt.append(longer, null, null);
    expect([moved.len, moved.cap]).toEqual([5, 8]);
    expect(moved.get(1)?.address).toBe(node.address);
    rt.global('s').set(moved.array);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(3);
    const part = moved.slice(1, 3);
    expect([part.len, part.cap, part.get(0)?.address]).toEqual([2, 7, node.address]);
    refused(() => part.get(2), /index out of range \[2\] with length 2/);
    refused(() => part.slice(0, 9), /slice bounds out of range/);
    refused(() => rt.make(pointer, 2, 1), /makeslice/);
  });
});

describe('the process', () => {
  it('has goroutines whose stacks are roots until they end', () => {
    const rt = createRuntime({ gogc: 'off', procs: 2 });
    expect(rt.NumGoroutine()).toBe(1);
    const other = rt.go();
    other.resume();
    expect(rt.world.scalars[SCALAR.p]).toBe(1);
    expect(rt.world.scalars[SCALAR.g]).toBe(2);
    const slot = other.slot();
    slot.set(rt.new(NODE));
    expect(rt.NumGoroutine()).toBe(2);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    other.exit();
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
    expect(rt.NumGoroutine()).toBe(1);
    refused(() => other.resume(), /goroutine 2 has ended/);
  });

  it('has the settings of Go, which answer with the one before', () => {
    const rt = createRuntime({ gogc: 50, procs: 2, memoryLimit: 1 << 30 });
    expect(rt.debug.SetGCPercent(-5)).toBe(50);
    expect(rt.debug.SetGCPercent(200)).toBe(-1);
    expect(rt.debug.SetMemoryLimit(-1)).toBe(1 << 30);
    expect(rt.debug.SetMemoryLimit(Infinity)).toBe(1 << 30);
    expect(rt.debug.SetMemoryLimit(-1)).toBe(Infinity);
    expect(rt.GOMAXPROCS(0)).toBe(2);
    expect(rt.GOMAXPROCS(3)).toBe(2);
    expect(rt.GOMAXPROCS(0)).toBe(3);
    expect(() => createRuntime({ procs: 0 })).toThrow(HeaptapeError);
    expect(() => createRuntime({ gogc: 1.5 })).toThrow(HeaptapeError);
    expect(() => rt.run(-1)).toThrow(HeaptapeError);
  });

  it('returns all free memory on FreeOSMemory', () => {
    const rt = createRuntime({ gogc: 'off' });
    for (let i = 0; i < 100; i += 1) rt.new(byte(100_000));
    expect(rt.ReadMemStats().HeapInuse).toBeGreaterThan(10_000_000);
    rt.debug.FreeOSMemory();
    const m = rt.ReadMemStats();
    expect(m.HeapReleased).toBe(m.HeapIdle);
    expect(m.HeapInuse).toBeLessThan(200_000);
    expect(m.NumForcedGC).toBe(1);
  });

  it('explains that MemStats is no variable', () => {
    const rt = createRuntime({});
    refused(() => rt.MemStats.Alloc, /runtime\.MemStats\.Alloc cannot be read: since Go 1/);
  });

  it('collects by itself when the heap reaches the trigger', () => {
    const rt = createRuntime({ gogc: 100, procs: 1 });
    const slot = rt.main.slot();
    for (let i = 0; i < 300_000; i += 1) {
      const node = rt.new(NODE);
      node.set(0, i % 100 === 0 ? null : slot.get());
      slot.set(node);
    }
    const m = rt.ReadMemStats();
    expect(m.NumGC).toBeGreaterThan(0);
    expect(m.NumForcedGC).toBe(0);
    expect(heapProblems(rt.world)).toEqual([]);
  });
});

describe('events', () => {
  it('reach listeners synchronously, in order, and the tape folds back to the state', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(steps, (choices) => {
        const codec = new SegmentCodec();
        const world = new World();
        const copy = new EventBatch();
        const rt = createRuntime({
          gogc: 1,
          procs: 2,
          sink: (batch) => {
            codec.decode(codec.encode(batch), copy);
            let at = 0;
            for (let i = 0; i < copy.count; i += 1) {
              evolve(world, copy.kinds[i], copy, at);
              at += CELLS[copy.kinds[i]];
            }
          },
        });
        const rows: EventRow[] = [];
        const first = rt.world.scalars[SCALAR.seq];
        const stop = rt.subscribe((row) => rows.push(row));
        const slot = rt.main.slot();
        const seen = (): void => {
          expect(rows[rows.length - 1]?.seq ?? first).toBe(rt.world.scalars[SCALAR.seq]);
        };
        for (const choice of choices) {
          if (choice === 0) rt.GC();
          else if (choice === 1) slot.set(rt.new(byte(3)));
          else if (choice === 2) slot.set(rt.make(NODE, 200).array);
          else if (choice === 3) rt.ReadMemStats();
          else if (choice === 4) rt.run(100_000);
          else if (choice === 5) rt.go().resume();
          else slot.set(null);
          seen();
        }
        rt.end();
        seen();
        expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => first + 1 + i));
        stop();
        rt.GC();
        expect(rows.length).toBe(rows[rows.length - 1] ? rows[rows.length - 1].seq - first : 0);
        rt.end();
        expect(new WorldHasher().hash(world)).toBe(new WorldHasher().hash(rt.world));
      }),
      { seed: 42, numRuns: 100 },
    );
  });
});
