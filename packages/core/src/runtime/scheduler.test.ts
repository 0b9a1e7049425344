import { CELLS, type EventBatch, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../decide/decider.ts';
import { applyCommand, isCommand } from '../decide/project.ts';
import { heapProblems } from '../heap/check.ts';
import { SCALAR } from '../heap/scalars.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { GoFatal } from './errors.ts';
import type { Goroutine } from './goroutines.ts';
import { GO } from './gotypes.ts';
import { configOf } from './options.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Go } from './task.ts';
import type { GoType } from './types.ts';

const NODE: GoType = { name: 'main.node', size: 48, pointers: [0, 1] };

/** What a generated goroutine does. */
type Step = 'work' | 'yield' | 'sleep' | 'send' | 'recv' | 'spawn' | 'lock' | 'gc' | 'tiny';
const step = fc.constantFrom<Step>(
  ...(['work', 'work', 'yield', 'sleep', 'send', 'recv', 'spawn', 'lock', 'gc', 'tiny'] as const),
);
const programs = fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 6 });

/** Runs the goroutines; each sums what it does, and main sums that: an answer that no order changes. */
function play(program: readonly Step[][], procs: number, seed: number, rt: Runtime): number {
  const done = rt.newWaitGroup();
  const mutex = rt.newMutex();
  const chan = rt.makeChan(GO.int, 100);
  rt.global('chan').set(chan.header);
  let sum = 0;
  function* body(steps: readonly Step[], depth: number, g: Goroutine): Go {
    const slot = g.slot();
    for (const what of steps) {
      const node = rt.new(NODE);
      node.set(1, slot.get());
      slot.set(node);
      if (what === 'work') rt.run(3_000_000);
      else if (what === 'yield') yield;
      else if (what === 'sleep') yield* rt.sleep(1_000_000);
      else if (what === 'send') yield* chan.send(1);
      else if (what === 'recv') yield* rt.select([{ recv: chan }], true);
      else if (what === 'gc') rt.GC();
      else if (what === 'tiny') slot.set(rt.new(GO.int32));
      else if (what === 'spawn' && depth < 2) {
        done.add(1);
        rt.go((h) => body(steps.slice(1), depth + 1, h));
      } else if (what === 'lock') {
        yield* mutex.lock();
        const before = sum;
        yield;
        sum = before;
        mutex.unlock();
      }
    }
    yield* mutex.lock();
    const before = sum;
    yield;
    sum = before + steps.length;
    mutex.unlock();
    done.done();
  }
  rt.start(function* () {
    for (const steps of program) {
      done.add(1);
      rt.go((g) => body(steps, 0, g));
    }
    yield* done.wait();
  });
  expect([rt.GOMAXPROCS(0), seed]).toEqual([procs, seed]);
  return sum;
}

/** The tape of a run: its bytes, state hash and answer. Decided again, it is the same tape. */
function taped(program: readonly Step[][], procs: number, seed: number): [string, string, number] {
  const codec = new SegmentCodec();
  const bytesOf = (batch: EventBatch): string => {
    const { soft, hard } = codec.encode(batch);
    return `${Array.from(soft).join()};${Array.from(hard).join()};`;
  };
  const options = { procs, seed, gogc: 50 };
  let bytes = '';
  let bytesAgain = '';
  const again = new Decider(configOf(options), (batch) => {
    bytesAgain += bytesOf(batch);
  });
  const sink = (batch: EventBatch): void => {
    bytes += bytesOf(batch);
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      if (isCommand(batch.kinds[i])) applyCommand(again, batch.kinds[i], batch, at);
      at += CELLS[batch.kinds[i]];
    }
  };
  const rt = createRuntime({ ...options, sink });
  const sum = play(program, procs, seed, rt);
  rt.end();
  again.end();
  const hash = new WorldHasher().hash(rt.world);
  expect(heapProblems(rt.world)).toEqual([]);
  expect(bytesAgain).toBe(bytes);
  expect(new WorldHasher().hash(again.world)).toBe(hash);
  return [bytes, hash, sum];
}

describe('a seed', () => {
  it('determines the tape; the answer depends on no seed and no number of Ps', () => {
    fc.assert(
      fc.property(programs, fc.nat(), fc.nat(), (program, seed, other) => {
        const first = taped(program, 3, seed);
        expect(taped(program, 3, seed)).toEqual(first);
        expect(taped(program, 3, other)[2]).toBe(first[2]);
        expect(taped(program, 1, seed)[2]).toBe(first[2]);
        expect(taped(program, 7, other)[2]).toBe(first[2]);
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  it('changes the order in which goroutines run', () => {
    const order = (seed: number): string => {
      const rt = createRuntime({ procs: 4, seed });
      let log = '';
      rt.start(function* () {
        const done = rt.newWaitGroup();
        for (let i = 0; i < 8; i += 1) {
          done.add(1);
          rt.go(function* () {
            for (let k = 0; k < 3; k += 1) {
              log += i;
              yield;
            }
            done.done();
          });
        }
        yield* done.wait();
      });
      return log;
    };
    const orders = new Set([1, 2, 3, 4, 5].map(order));
    expect(orders.size).toBe(5);
    for (const log of orders) expect([...log].sort().join('')).toBe('000111222333444555666777');
  });
});

describe('the scheduler', () => {
  it('on one P runs the newest goroutine first, then the others in order, as Go does', () => {
    const rt = createRuntime({ procs: 1 });
    const log: number[] = [];
    rt.start(function* () {
      const done = rt.newWaitGroup();
      for (let i = 0; i < 5; i += 1) {
        done.add(1);
        rt.go(() => {
          log.push(i);
          done.done();
        });
      }
      yield* done.wait();
    });
    expect(log).toEqual([4, 0, 1, 2, 3]);
  });

  it('ends with main, whatever others do', () => {
    const rt = createRuntime({ procs: 2 });
    let turns = 0;
    rt.start(function* () {
      rt.go(function* () {
        for (;;) {
          turns += 1;
          yield;
        }
      });
      yield* rt.sleep(100_000);
    });
    expect(turns).toBeGreaterThan(10);
    expect(() => rt.start(() => undefined)).toThrow(/has ended/);
  });

  it('reports deadlocks with the words of Go', () => {
    const blocked = (run: (rt: Runtime) => void): void => {
      expect(() => run(createRuntime({ procs: 2 }))).toThrow(
        new GoFatal('all goroutines are asleep - deadlock!'),
      );
    };
    blocked((rt) => {
      const chan = rt.makeChan(GO.int);
      rt.global('c').set(chan.header);
      rt.start(function* () {
        yield* chan.send(1);
      });
    });
    blocked((rt) => rt.start(() => rt.nilChan(GO.int).recv()));
    blocked((rt) => rt.start(() => rt.select([])));
    blocked((rt) => rt.wait(rt.nilChan(GO.int).send(1)));
    blocked((rt) => {
      rt.start(function* () {
        const done = rt.newWaitGroup();
        done.add(2);
        rt.go(function* () {
          yield* rt.sleep(5_000_000_000);
          done.done();
        });
        yield* done.wait();
      });
    });
  });

  it('lets time jump to the next timer, in order', () => {
    const rt = createRuntime({ procs: 2 });
    const log: string[] = [];
    rt.start(function* () {
      for (const ms of [30, 10, 20]) {
        rt.go(function* () {
          yield* rt.sleep(ms * 1_000_000);
          log.push(`${ms} at ${Math.round(rt.world.scalars[SCALAR.timeNs] / 1_000_000)}`);
        });
      }
      yield* rt.sleep(3_600_000_000_000);
    });
    expect(log).toEqual(['10 at 10', '20 at 20', '30 at 30']);
    expect(rt.world.scalars[SCALAR.timeNs]).toBeGreaterThanOrEqual(3_600_000_000_000);
  });

  it('takes a P from a goroutine whose time slice is over, at its next stop', () => {
    const rt = createRuntime({ procs: 1 });
    const log: string[] = [];
    rt.start(function* () {
      const chan = rt.makeChan(GO.int, 50);
      rt.global('c').set(chan.header);
      const done = rt.newWaitGroup();
      done.add(2);
      for (const name of ['a', 'b']) {
        rt.go(function* () {
          for (let i = 0; i < 6; i += 1) {
            rt.run(4_000_000);
            log.push(name);
            yield* chan.send(i);
          }
          done.done();
        });
      }
      yield* done.wait();
    });
    expect(log.join('')).toBe('bbbaaabbbaaa');
  });

  it('uses every P, and steals', () => {
    const rt = createRuntime({ procs: 4, seed: 3 });
    const used = new Set<number>();
    rt.start(function* () {
      const done = rt.newWaitGroup();
      for (let i = 0; i < 400; i += 1) {
        done.add(1);
        rt.go(function* () {
          used.add(rt.world.scalars[SCALAR.p]);
          yield;
          done.done();
        });
      }
      yield* done.wait();
    });
    expect([...used].sort()).toEqual([0, 1, 2, 3]);
    expect(rt.NumGoroutine()).toBe(0);
  });

  it('survives GOMAXPROCS changing under way', () => {
    const rt = createRuntime({ procs: 4 });
    let ended = 0;
    rt.start(function* () {
      const done = rt.newWaitGroup();
      for (let i = 0; i < 40; i += 1) {
        done.add(1);
        rt.go(function* () {
          yield* rt.sleep(i * 1000);
          rt.GOMAXPROCS(1 + (i % 5));
          yield;
          expect(rt.world.scalars[SCALAR.p]).toBeLessThan(rt.GOMAXPROCS(0));
          ended += 1;
          done.done();
        });
      }
      yield* done.wait();
    });
    expect(ended).toBe(40);
  });

  it('is called by plain code too', () => {
    const rt = createRuntime({ procs: 2 });
    const chan = rt.makeChan(GO.int);
    rt.global('c').set(chan.header);
    rt.go(function* () {
      for (let i = 0; i < 3; i += 1) yield* chan.send(i);
      chan.close();
    });
    const got: unknown[] = [];
    for (;;) {
      const { value, ok } = rt.wait(chan.recv());
      if (!ok) break;
      got.push(value);
    }
    expect(got).toEqual([0, 1, 2]);
    let slept = false;
    rt.go(function* () {
      yield* rt.sleep(1000);
      slept = true;
      expect(() => rt.Gosched()).toThrow(/written yield/);
      expect(() => rt.idle()).toThrow(/cannot start the scheduler/);
    });
    rt.run(5000);
    expect(slept).toBe(true);
    expect(rt.NumGoroutine()).toBe(1);
    expect(() => rt.makeChan(GO.int).recv().next()).not.toThrow();
  });
});

describe('plain code', () => {
  it('gets its turn back, on a P there is, whatever it mixes', () => {
    const act = fc.constantFrom('gosched', 'run', 'idle', 'procs', 'go', 'finalize', 'gc', 'sleep');
    fc.assert(
      fc.property(fc.array(fc.tuple(act, fc.nat({ max: 7 })), { maxLength: 40 }), (acts) => {
        const rt = createRuntime({ procs: 4, gogc: 'off' });
        let started = 0;
        let ended = 0;
        for (const [what, n] of acts) {
          if (what === 'gosched') rt.Gosched();
          else if (what === 'run') rt.run(n * 1000);
          else if (what === 'idle') rt.idle();
          else if (what === 'procs') rt.GOMAXPROCS(1 + n);
          else if (what === 'gc') rt.GC();
          else if (what === 'sleep') rt.wait(rt.sleep(n * 100));
          else {
            started += 1;
            const body = function* (): Go {
              yield* rt.sleep(n * 500);
              yield;
              ended += 1;
            };
            if (what === 'go') rt.go(body);
            else rt.SetFinalizer(rt.new(NODE), body);
          }
          const { scalars } = rt.world;
          expect([scalars[SCALAR.p] < rt.GOMAXPROCS(0), scalars[SCALAR.g]]).toEqual([true, 1]);
        }
        rt.GC();
        rt.idle();
        expect(ended).toBe(started);
        rt.GC();
        expect(rt.ReadMemStats().HeapObjects).toBe(0);
        expect(rt.NumGoroutine()).toBe(1);
      }),
      { seed: 42, numRuns: 80 },
    );
  });
});

describe('a P', () => {
  it('spills half of a full queue', () => {
    const rt = createRuntime({ procs: 1 });
    const order: number[] = [];
    rt.start(function* () {
      const done = rt.newWaitGroup();
      for (let i = 0; i < 300; i += 1) {
        done.add(1);
        rt.go(() => {
          order.push(i);
          done.done();
        });
      }
      yield* done.wait();
    });
    // 299 is next; the queue overflowed at 257 and sent its first half and that one away.
    expect(order[0]).toBe(299);
    expect(order.indexOf(0)).toBeGreaterThan(order.indexOf(128));
    expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, i) => i));
  });
});
