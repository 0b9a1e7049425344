import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapProblems } from '../heap/check.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { GoFatal, GoPanic } from './errors.ts';
import { GO } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Go } from './task.ts';
import type { GoType } from './types.ts';

const POINTER: GoType = { name: '*main.T', size: 8, pointers: [0] };
const PAIR: GoType = { name: 'main.pair', size: 24, pointers: [1] };
const T: GoType = { name: 'main.T', size: 32, pointers: [0] };

function rooted(rt: Runtime, elem: GoType, cap: number): ReturnType<Runtime['makeChan']> {
  const chan = rt.makeChan(elem, cap);
  rt.global('chan').set(chan.header);
  return chan;
}

/** A value for an element type: a number, or a fresh object known by its number. */
function sentBy(rt: Runtime, elem: GoType, n: number, ids: Map<number, number>): Obj | number {
  if (elem === GO.int) return n;
  const object = rt.new(T);
  ids.set(object.address, n);
  return object;
}

describe('a channel', () => {
  it('is a queue of bounded length, closed at most once', () => {
    const operation = fc.constantFrom('send', 'send', 'send', 'recv', 'recv', 'close', 'gc');
    const type = fc.constantFrom(GO.int, POINTER, PAIR);
    fc.assert(
      fc.property(fc.array(operation), fc.nat({ max: 5 }), type, (operations, cap, elem) => {
        const rt = createRuntime({ gogc: 'off', procs: 1 });
        const chan = rooted(rt, elem, cap);
        const model: (number | Obj)[] = [];
        let closed = false;
        for (const [n, what] of operations.entries()) {
          if (what === 'gc') rt.GC();
          else if (what === 'send') {
            const value = elem === GO.int ? n : rt.new(T);
            if (closed) expect(() => chan.trySend(value)).toThrow(/send on closed channel/);
            else expect(chan.trySend(value)).toBe(model.length < cap);
            if (!closed && model.length < cap) model.push(value);
          } else if (what === 'recv') {
            const zero = elem === GO.int ? 0 : null;
            const first = model.shift();
            const got = chan.tryRecv();
            if (first !== undefined) expect(got).toEqual({ value: first, ok: true });
            else expect(got).toEqual(closed ? { value: zero, ok: false } : null);
          } else {
            if (closed) expect(() => chan.close()).toThrow(/close of closed channel/);
            else chan.close();
            closed = true;
          }
          expect(chan.len).toBe(model.length);
        }
        rt.GC();
        const objects = elem === GO.int ? 0 : model.length;
        const buffer = elem === GO.int || cap === 0 ? 0 : 1;
        expect(rt.ReadMemStats().HeapObjects).toBe(1 + buffer + objects);
        expect(heapProblems(rt.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  it('hands everything over, in order, whoever waits for whom', () => {
    const shape = fc.record({
      producers: fc.integer({ min: 1, max: 4 }),
      consumers: fc.integer({ min: 1, max: 4 }),
      each: fc.integer({ min: 0, max: 12 }),
      cap: fc.nat({ max: 3 }),
      procs: fc.integer({ min: 1, max: 4 }),
      seed: fc.nat(),
      elem: fc.constantFrom(GO.int, POINTER, PAIR),
    });
    fc.assert(
      fc.property(shape, ({ producers, consumers, each, cap, procs, seed, elem }) => {
        const rt = createRuntime({ procs, seed, gogc: 20 });
        const ids = new Map<number, number>();
        const received: number[][] = [];
        const sent: number[] = [];
        const accepted: number[] = [];
        rt.start(function* (): Go {
          const chan = rooted(rt, elem, cap);
          const sending = rt.newWaitGroup();
          const receiving = rt.newWaitGroup();
          sending.add(producers);
          receiving.add(consumers);
          for (let p = 0; p < producers; p += 1) {
            rt.go(function* (g) {
              const own = g.slot();
              for (let i = 0; i < each; i += 1) {
                const n = p * 1000 + i;
                const value = sentBy(rt, elem, n, ids);
                sent.push(n);
                yield* chan.send(value);
                if (i % 5 === 4) rt.GC();
                own.set(rt.new(T));
              }
              sending.done();
            });
          }
          for (let c = 0; c < consumers; c += 1) {
            received.push([]);
            rt.go(function* (g) {
              const slot = g.slot();
              for (;;) {
                const { value, ok } = yield* chan.recv();
                if (!ok) break;
                if (typeof value === 'number') received[c].push(value);
                else {
                  slot.set(value as Obj);
                  rt.KeepAlive(value as Obj);
                  received[c].push(ids.get((value as Obj).address) ?? -1);
                }
                accepted.push(received[c][received[c].length - 1]);
              }
              receiving.done();
            });
          }
          yield* sending.wait();
          chan.close();
          yield* receiving.wait();
        });
        const ascending = (list: number[]): number[] => [...list].sort((a, b) => a - b);
        expect(ascending(received.flat())).toEqual(ascending(sent));
        expect(sent.length).toBe(producers * each);
        for (const list of received) {
          for (let p = 0; p < producers; p += 1) {
            const own = list.filter((n) => Math.floor(n / 1000) === p);
            expect(own).toEqual(ascending(own));
          }
        }
        expect(heapProblems(rt.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('without a buffer makes the sender wait for the receiver', () => {
    const rt = createRuntime({ procs: 1 });
    const log: string[] = [];
    rt.start(function* () {
      const chan = rooted(rt, GO.int, 0);
      rt.go(function* () {
        log.push('send');
        yield* chan.send(1);
        log.push('sent');
      });
      yield* rt.sleep(1000);
      log.push('receive');
      yield* chan.recv();
      yield* rt.sleep(1000);
    });
    expect(log).toEqual(['send', 'receive', 'sent']);
  });

  it('keeps what is in it, or on its way, alive, and nothing longer', () => {
    const rt = createRuntime({ gogc: 'off', procs: 2 });
    rt.start(function* (g): Go {
      const chan = rooted(rt, POINTER, 1);
      const slot = g.slot();
      yield* chan.send(rt.new(T));
      rt.go(function* () {
        yield* chan.send(rt.new(T));
      });
      yield* rt.sleep(1000);
      rt.GC();
      expect(rt.ReadMemStats().HeapObjects).toBe(4);
      slot.set((yield* chan.recv()).value as Obj);
      rt.GC();
      expect(rt.ReadMemStats().HeapObjects).toBe(4);
      yield* chan.recv();
      // The sender has what it sent on its stack until it runs again.
      yield* rt.sleep(1000);
      rt.GC();
      expect(rt.ReadMemStats().HeapObjects).toBe(3);
      slot.set(null);
      rt.global('chan').set(null);
      rt.GC();
      expect(rt.ReadMemStats().HeapObjects).toBe(0);
    });
  });

  it('takes the memory that Go gives it', () => {
    // Sizes of slots as MemStats.BySize of go1.26.8 linux/amd64 counted them.
    const sizes = (elem: GoType, cap: number): Record<number, number> => {
      const rt = createRuntime({ gogc: 'off', procs: 1 });
      const before = rt.ReadMemStats();
      rt.makeChan(elem, cap);
      const after = rt.ReadMemStats();
      const found: Record<number, number> = {};
      after.BySize.forEach(({ Size, Mallocs }, i) => {
        const more = Mallocs - before.BySize[i].Mallocs;
        if (more > 0) found[Size] = more;
      });
      return found;
    };
    expect(sizes(GO.int, 0)).toEqual({ 112: 1 });
    expect(sizes(GO.int, 10)).toEqual({ 192: 1 });
    expect(sizes(POINTER, 0)).toEqual({ 112: 1 });
    expect(sizes(POINTER, 10)).toEqual({ 112: 1, 80: 1 });
  });

  it('panics as Go does', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const before = new WorldHasher().hash(rt.world);
    const panics = (act: () => unknown, text: string): void => {
      expect(act).toThrow(new GoPanic(text));
    };
    panics(() => rt.makeChan(GO.int, -1), 'makechan: size out of range');
    panics(() => rt.makeChan(GO.int, 2 ** 48), 'makechan: size out of range');
    panics(() => rt.nilChan(GO.int).close(), 'close of nil channel');
    const large = { name: '[65536]uint8', size: 65536 };
    expect(() => rt.makeChan(large)).toThrow(new GoFatal('makechan: invalid channel element type'));
    expect(new WorldHasher().hash(rt.world)).toBe(before);
    const chan = rooted(rt, GO.int, 0);
    const waiting = createRuntime({ procs: 1 });
    expect(() => waiting.makeChan(POINTER).trySend(rt.new(T))).toThrow(/another runtime/);
    chan.close();
    panics(() => chan.trySend(1), 'send on closed channel');
    panics(() => rt.wait(chan.send(1)), 'send on closed channel');
  });

  it('wakes all that wait when it is closed', () => {
    const rt = createRuntime({ procs: 3 });
    const log: string[] = [];
    rt.start(function* () {
      const chan = rooted(rt, GO.int, 0);
      const full = rt.makeChan(GO.int, 0);
      rt.global('full').set(full.header);
      for (let i = 0; i < 3; i += 1) {
        rt.go(function* () {
          const { value, ok } = yield* chan.recv();
          log.push(`${value} ${ok}`);
        });
      }
      rt.go(function* () {
        try {
          yield* full.send(1);
        } catch (error) {
          log.push(error instanceof GoPanic ? error.text : 'no panic');
        }
      });
      yield* rt.sleep(1000);
      chan.close();
      full.close();
      yield* rt.sleep(1000);
    });
    expect(log.sort()).toEqual(['0 false', '0 false', '0 false', 'send on closed channel']);
  });
});

describe('select', () => {
  it('takes a case that is ready, in equal shares, and the default only when none is', () => {
    const rt = createRuntime({ procs: 1, seed: 5 });
    const counts = [0, 0];
    rt.start(function* () {
      const a = rooted(rt, GO.int, 1);
      const b = rt.makeChan(GO.int, 1);
      rt.global('b').set(b.header);
      const cases = [{ recv: a }, { recv: b }, { recv: rt.nilChan(GO.int) }];
      expect((yield* rt.select(cases, true)).index).toBe(-1);
      for (let i = 0; i < 400; i += 1) {
        a.trySend(1);
        b.trySend(2);
        const { index, value, ok } = yield* rt.select(cases);
        expect([value, ok]).toEqual([index + 1, true]);
        counts[index] += 1;
      }
    });
    expect(counts[0] + counts[1]).toBe(400);
    expect(Math.abs(counts[0] - 200)).toBeLessThan(50);
  });

  it('waits on all its channels and is served once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, procs) => {
        const rt = createRuntime({ procs, seed });
        const got: number[] = [];
        rt.start(function* () {
          const chans = [0, 1, 2].map((i) => {
            const chan = rt.makeChan(POINTER, 0);
            rt.global(`c${i}`).set(chan.header);
            return chan;
          });
          const done = rt.newWaitGroup();
          done.add(9);
          for (let i = 0; i < 9; i += 1) {
            rt.go(function* () {
              yield* rt.sleep(i * 300);
              yield* chans[i % 3].send(rt.new(T));
              done.done();
            });
          }
          for (let i = 0; i < 9; i += 1) {
            const { index, value } = yield* rt.select(chans.map((recv) => ({ recv })));
            rt.KeepAlive(value as Obj);
            got.push(index);
          }
          yield* done.wait();
          rt.GC();
          expect(rt.ReadMemStats().HeapObjects).toBe(3);
          const sent: number[] = [];
          rt.go(function* () {
            yield* rt.sleep(100);
            yield* chans[1].recv();
          });
          const cases = chans.map((send, i) => ({ send, value: i === 0 ? null : rt.new(T) }));
          sent.push((yield* rt.select(cases)).index);
          expect(sent).toEqual([1]);
        });
        expect(got.sort()).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
      }),
      { seed: 42, numRuns: 40 },
    );
  });
});

describe('mutexes and wait groups', () => {
  it('refuse what Go refuses', () => {
    const rt = createRuntime({});
    const mutex = rt.newMutex();
    expect(() => mutex.unlock()).toThrow(new GoFatal('sync: unlock of unlocked mutex'));
    expect(mutex.tryLock()).toBe(true);
    expect(mutex.tryLock()).toBe(false);
    mutex.unlock();
    const group = rt.newWaitGroup();
    expect(() => group.done()).toThrow(new GoPanic('sync: negative WaitGroup counter'));
    expect(() => group.wait().next()).not.toThrow();
  });
});
