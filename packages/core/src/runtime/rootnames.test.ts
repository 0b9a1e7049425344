import { CELLS, EVENTS, type EventBatch, type EventRow } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolve } from '../evolve/evolve.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import type { Goroutine, Slot } from './goroutines.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { GoType } from './types.ts';

const T: GoType = { name: 'main.T', size: 32, pointers: [0] };
const POINTER: GoType = { name: '*main.T', size: 8, pointers: [0] };

/** A program that takes roots in every way there is, and knows which of them are its own. */
class Program {
  readonly #rt: Runtime;
  /** Names by root, of what holds something on. */
  readonly names = new Map<number, string>();
  readonly #goroutines: { g: Goroutine; slots: Slot[] }[] = [];

  constructor(rt: Runtime) {
    this.#rt = rt;
  }

  run(what: number, n: number): void {
    const rt = this.#rt;
    if (what === 0) {
      const name = `main.v${n % 5}`;
      this.#took(rt.global(name), `global ${name}`);
    } else if (what === 1) {
      this.#goroutines.push({ g: rt.go(), slots: [] });
    } else if (what === 2) {
      const one = this.#goroutines[n % Math.max(1, this.#goroutines.length)];
      if (one === undefined) return;
      one.slots.push(one.g.slot());
      const slot = one.slots[one.slots.length - 1];
      this.#took(slot, `goroutine ${one.g.id} slot ${one.slots.length}`);
    } else if (what === 3) {
      const [one] = this.#goroutines.splice(n, 1);
      one?.g.exit();
      for (const { root } of one?.slots ?? []) this.names.delete(root);
    } else if (what === 4) {
      const map = rt.makeMap({ name: 'string', size: 16, pointers: [0] }, POINTER);
      rt.main.slot().set(map.object);
      for (let i = 0; i < n % 12; i += 1) map.set(`key ${i}`, null);
      for (const [key] of rt.range(map)) if (key === 'key 3') break;
    } else {
      const chan = rt.makeChan(POINTER, 1);
      this.#took(rt.global('chan'), 'global chan');
      rt.global('chan').set(chan.header);
      chan.trySend(rt.new(T));
      chan.tryRecv();
    }
  }

  #took(slot: Slot, name: string): void {
    this.names.set(slot.root, name);
    slot.set(this.#rt.new(T));
  }
}

const operations = fc.array(fc.tuple(fc.nat(5), fc.nat(40)), { maxLength: 60, size: 'max' });

describe('names of roots', () => {
  it('say at any time whose a root is, and are told when that changes only', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const told = new Map<number, string>();
        const rt = createRuntime({ gogc: 1, procs: 2 });
        rt.subscribe(({ event, root, name }: EventRow) => {
          if (event !== 'RootNamed') return;
          expect(told.get(Number(root))).not.toBe(name);
          told.set(Number(root), String(name));
        });
        const program = new Program(rt);
        for (const [what, n] of list) {
          program.run(what, n);
          for (const [root, name] of program.names) expect(told.get(root)).toBe(name);
        }
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('are no part of the state', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const unnamed = new World();
        const sink = (batch: EventBatch): void => {
          let at = 0;
          for (const tag of batch.kinds.subarray(0, batch.count)) {
            if (tag !== EVENTS.RootNamed.tag) evolve(unnamed, tag, batch, at);
            at += CELLS[tag];
          }
        };
        const rt = createRuntime({ gogc: 1, procs: 2, sink });
        const program = new Program(rt);
        for (const [what, n] of list) program.run(what, n);
        rt.end();
        const hash = (world: World): string => new WorldHasher().hash(world);
        expect(hash(unnamed)).toBe(hash(rt.world));
      }),
      { seed: 43, numRuns: 30 },
    );
  });

  it('are given without letting go of what an operation has just answered', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const chan = rt.makeChan(POINTER, 1);
    rt.global('chan').set(chan.header);
    const sent = rt.new(T);
    chan.trySend(sent);
    expect(chan.tryRecv()?.ok).toBe(true);
    const holds = (): boolean =>
      rt.world.roots.subarray(0, rt.world.rootCount).includes(rt.world.objects.wordOf(sent.id) + 1);
    expect(holds()).toBe(true);
    const slot = rt.global('received');
    expect(holds()).toBe(true);
    slot.set(sent);
    rt.GC();
    rt.KeepAlive(sent);
  });
});
