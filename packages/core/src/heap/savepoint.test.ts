/** Going back and forth between savepoints and marks, against the recorded hashes and a fold from the start. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { Decider } from '../decide/decider.ts';
import { rootStored } from '../evolve/mutator.ts';
import { configs, programs } from '../program.testkit.ts';
import { foldSegment, recordProgram, type TestTape } from '../tape.testkit.ts';
import { type Savepoint, Savepoints, savepointBytes } from './savepoint.ts';
import { SCALAR } from './scalars.ts';
import { Snapshotter, snapshotDifference } from './snapshot.ts';
import { WorldHasher } from './statehash.ts';
import { World } from './world.ts';

/** The state's hash, and one of what the columns hold: the state's is kept up, and does not look at old cells. */
function contents(world: World, hasher: WorldHasher = new WorldHasher()): string {
  let sum = 0;
  for (const cells of [world.words, world.roots]) {
    for (let i = 0; i < cells.length; i += 1) {
      if (cells[i] !== 0) sum = (Math.imul(sum, 31) + Math.imul(i, 0x9e3779b1) + cells[i]) | 0;
    }
  }
  return `${hasher.hash(world)} ${sum}`;
}

/** A world on a tape, and the states that it has left. Position `n` is after `n` segments. */
class Traveller {
  readonly world = new World();
  readonly savepoints = new Savepoints(this.world);
  readonly #hasher = new WorldHasher();
  readonly #tape: TestTape;
  /** What the world holds at each position that has been folded from the start. */
  readonly #contents: string[];
  /** Positions by sequence number. */
  readonly #positions = new Map<number, number>();
  #kept: Savepoint[] = [];
  at = 0;

  constructor(tape: TestTape) {
    this.#tape = tape;
    const folded = new World();
    this.#contents = [contents(folded)];
    for (let i = 0; i < tape.segments.length; i += 1) {
      foldSegment(tape, i, folded);
      this.#contents.push(contents(folded));
      expect(this.#contents[i + 1]).toContain(tape.hashes[i]);
    }
    this.world.objects.tidyFrom = 64;
    this.#here();
    this.take();
  }

  #here(): void {
    this.#positions.set(this.world.scalars[SCALAR.seq], this.at);
  }

  fold(segments: number): void {
    for (let i = 0; i < segments && this.at < this.#tape.segments.length; i += 1) {
      foldSegment(this.#tape, this.at, this.world);
      this.at += 1;
      this.#here();
    }
  }

  take(): void {
    const savepoint = this.savepoints.take();
    expect(savepointBytes(savepoint, this.#kept.at(-1))).toBeGreaterThan(0);
    this.#kept.push(savepoint);
  }

  restore(number: number): void {
    const savepoint = this.#kept[number % this.#kept.length];
    this.savepoints.restore(savepoint);
    this.#stand(savepoint.seq);
    expect(this.savepoints.markedBefore(Infinity)).toBe(-1);
  }

  rewind(share: number): void {
    const seq = this.savepoints.markedBefore((this.world.scalars[SCALAR.seq] * share) / 100);
    if (seq < 0) return;
    this.savepoints.rewind(seq);
    this.#stand(seq);
  }

  #stand(seq: number): void {
    this.at = this.#positions.get(seq) ?? -1;
  }

  halve(): void {
    const before = this.#kept.length;
    this.#kept = this.savepoints.halve(this.#kept);
    expect(this.#kept.length).toBeGreaterThan(0);
    expect(this.#kept.length).toBeLessThanOrEqual(before);
  }

  /** Gets to where it is through the snapshot of somebody else. */
  takeOver(): void {
    const other = new World();
    for (let i = 0; i < this.at; i += 1) foldSegment(this.#tape, i, other);
    new Snapshotter().restore(new Snapshotter().take(other), this.world);
    this.savepoints.forget();
  }

  check(): void {
    expect(contents(this.world, this.#hasher)).toBe(this.#contents[this.at]);
  }

  /** Every byte is what a fold from the start leads to. The last thing: the snapshot takes the world away. */
  checkFinally(): void {
    const folded = new World();
    for (let i = 0; i < this.at; i += 1) foldSegment(this.#tape, i, folded);
    const [a, b] = [this.world, folded].map((world) => new Snapshotter().take(world));
    expect(snapshotDifference(a, b)).toBeUndefined();
  }
}

const ACTIONS = ['fold', 'fold', 'take', 'take', 'mark', 'restore', 'rewind', 'rewind'] as const;
const RARE = ['halve', 'takeOver', 'dawdle'] as const;
const actions = fc.array(fc.tuple(fc.constantFrom(...ACTIONS, ...ACTIONS, ...RARE), fc.nat(100)), {
  maxLength: 60,
  size: 'max',
});

function carryOut(traveller: Traveller, action: string, number: number): void {
  if (action === 'fold') traveller.fold(1 + (number % 3));
  else if (action === 'take') traveller.take();
  else if (action === 'mark') traveller.savepoints.mark(3);
  else if (action === 'restore') traveller.restore(number);
  else if (action === 'rewind') traveller.rewind(number);
  else if (action === 'halve') traveller.halve();
  else if (action === 'takeOver') traveller.takeOver();
  else {
    for (let i = 0; i < 70; i += 1) {
      if (i % 10 === 0) traveller.fold(1);
      traveller.take();
    }
  }
}

describe('savepoints', () => {
  it('and marks, in any order, are the states that were recorded', () => {
    fc.assert(
      fc.property(configs(), programs(), actions, (config, operations, steps) => {
        const traveller = new Traveller(recordProgram(config, operations));
        for (const [action, number] of steps) {
          carryOut(traveller, action, number);
          traveller.check();
        }
        traveller.checkFinally();
      }),
      { seed: 46, numRuns: 30 },
    );
  });

  it('that were left by stepping back past one are what they were', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(configs(), programs(60), lengths, (config, operations, [a, b, c, d, e]) => {
        const traveller = new Traveller(recordProgram(config, operations));
        traveller.fold(a);
        traveller.take();
        traveller.fold(b);
        traveller.savepoints.mark(2);
        traveller.fold(c);
        traveller.take();
        traveller.fold(1);
        traveller.rewind(100);
        traveller.check();
        traveller.fold(d);
        traveller.take();
        traveller.fold(e);
        for (const number of [3, 0, 2, 3, 1]) {
          traveller.restore(number);
          traveller.check();
        }
        traveller.restore(3);
        traveller.checkFinally();
      }),
      { seed: 47, numRuns: 40 },
    );
  });

  it('rest upon at most six others, and every other one can go', () => {
    const world = new World();
    const savepoints = new Savepoints(world);
    let kept: Savepoint[] = [];
    for (let i = 0; i < 300; i += 1) {
      kept.push(savepoints.take());
      if (i % 90 === 89) kept = savepoints.halve(kept);
    }
    const all = new Set(kept);
    for (const savepoint of kept) {
      let depth = 0;
      for (let at = savepoint.below; at !== null; at = at.below) {
        expect(all.has(at)).toBe(true);
        depth += 1;
      }
      expect(depth).toBeLessThanOrEqual(6);
    }
  });
});

/** A heap with a few objects and many roots, for what takes a million changes. */
function manyRoots(): { world: World; store: (root: number, object: number) => void } {
  const decider = new Decider(configWith({ gcPercent: -1 }), null);
  const site = decider.defineSite(64, 64, false, 'node');
  for (let i = 0; i < 1000; i += 1) decider.storeRoot(i, decider.allocate(site));
  const { world } = decider;
  return { world, store: (root, object) => rootStored(world, root, object) };
}

describe('a long way from one savepoint to the next', () => {
  it('is too long for marks, and makes it whole', () => {
    const { world, store } = manyRoots();
    const savepoints = new Savepoints(world);
    const hash = (): string => contents(world);
    const first = savepoints.take();
    const begun = hash();
    savepoints.mark(2);
    expect(savepoints.markedBefore(Infinity)).toBeGreaterThan(0);
    let changes = 0;
    const go = (count: number): void => {
      for (let i = 0; i < count; i += 1, changes += 1) {
        store(changes % 5000, 1 + ((changes * 7 + Math.floor(changes / 5000)) % 1000));
      }
    };
    go(140_000);
    const second = savepoints.take();
    const far = hash();
    expect(second.below).toBe(first);
    expect(savepoints.markedBefore(Infinity)).toBe(-1);
    savepoints.mark(2);
    go(1_200_000);
    expect(savepoints.markedBefore(Infinity)).toBe(-1);
    const third = savepoints.take();
    const farthest = hash();
    expect(third.below).toBeNull();
    expect(new Set([begun, far, farthest]).size).toBe(3);
    for (const [savepoint, expected] of [
      [first, begun],
      [third, farthest],
      [second, far],
      [third, farthest],
      [first, begun],
    ] as const) {
      savepoints.restore(savepoint);
      expect(hash()).toBe(expected);
    }
  });

  it('keeps the latest marks when older ones are let go', () => {
    const { world, store } = manyRoots();
    const savepoints = new Savepoints(world);
    const marked: (readonly [seq: number, hash: string])[] = [];
    const hash = (): string => contents(world);
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < 20_000; i += 1) store((i * 3 + round) % 4000, 1 + ((i + round) % 999));
      world.scalars[SCALAR.seq] += 1;
      if (round % 3 === 0) savepoints.take();
      savepoints.mark(3);
      marked.push([world.scalars[SCALAR.seq], hash()]);
    }
    store(3, 3);
    for (const [seq, expected] of marked.slice(-3).reverse()) {
      expect(savepoints.markedBefore(seq)).toBe(seq);
      savepoints.rewind(seq);
      expect(hash()).toBe(expected);
    }
    expect(savepoints.markedBefore(marked[16][0])).toBe(-1);
    const { below } = savepoints.take();
    expect(below).not.toBeNull();
  });
});
