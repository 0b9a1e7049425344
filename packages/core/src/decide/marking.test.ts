/**
 * Marking against an independent checker: colours after every event, both settings of recording, both
 * orders of marking. Nothing here uses the marker's queues or bits; it reads the tape.
 */
import { CELLS, EVENTS, EventBatch, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import { evolve } from '../evolve/evolve.ts';
import { heapProblems } from '../heap/check.ts';
import { BITMAP_WORDS, SPAN_IN_USE } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES } from '../heap/sizeclasses.ts';
import { slotOfWord } from '../heap/slots.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import { configs, ModelProgram, type Operation, programs } from '../program.testkit.ts';
import { Decider } from './decider.ts';

/** Cycles begin early and have next to no roots to scan, so that marking is soon among the objects. */
const eager = (): fc.Arbitrary<RunConfig> =>
  configs().map((config) => ({ ...config, gcPercent: 1, stackBytes: 8, globalsBytes: 8 }));

type Step = (world: World, tag: number, args: Float64Array, at: number) => void;

/** Programs without operations that set the recording themselves. */
const plainPrograms = (length: number): fc.Arbitrary<Operation[]> =>
  programs(length).map((operations) =>
    operations.filter(([kind]) => kind !== 'detail' && kind !== 'caches'),
  );

/** Records a program under a setting and folds its tape, one event at a time. */
function walk(
  config: RunConfig,
  fine: boolean,
  program: readonly Operation[],
  step: Step,
  before: Step = () => undefined,
): World {
  const segments: ReturnType<SegmentCodec['encode']>[] = [];
  const codec = new SegmentCodec();
  const decider = new Decider(config, (batch) => {
    const { soft, hard } = codec.encode(batch);
    segments.push({ soft: soft.slice(), hard: hard.slice() });
  });
  decider.setMarkDetail(fine);
  const model = new ModelProgram(decider);
  for (const operation of program) model.run(operation);
  decider.finishMark();
  decider.end();
  const world = new World();
  const batch = new EventBatch();
  for (const segment of segments) {
    codec.decode(segment, batch);
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      before(world, batch.kinds[i], batch.args, at);
      evolve(world, batch.kinds[i], batch, at);
      step(world, batch.kinds[i], batch.args, at);
      at += CELLS[batch.kinds[i]];
    }
  }
  return world;
}

/** What the write-barrier buffers may hold, by the rule alone: 512 entries a P, flushed when full. */
class Buffers {
  readonly #byProc = new Map<number, number[]>();
  flushes = 0;

  note(w: World, before: number, after: number): void {
    const p = w.scalars[SCALAR.p];
    let entries = this.#byProc.get(p) ?? [];
    if (entries.length + 2 > 512) entries = [];
    entries.push(before, after);
    this.#byProc.set(p, entries);
  }

  flushed(p: number): void {
    this.#byProc.set(p, []);
    this.flushes += 1;
  }

  reset(): void {
    this.#byProc.clear();
  }

  sizeOf(p: number): number {
    return this.#byProc.get(p)?.length ?? 0;
  }

  /** Cells of the objects that entries refer to. */
  cells(w: World): Set<string> {
    const cells = new Set<string>();
    for (const entries of this.#byProc.values()) {
      for (const reference of entries) if (reference !== 0) cells.add(cellOf(w, reference));
    }
    return cells;
  }
}

function cellOf(w: World, reference: number): string {
  const page = w.spanOf[(reference - 1) >> 10] - 1;
  return `${page}/${slotOfWord(w, page, reference - 1)}`;
}

const bit = (bits: Int32Array, page: number, index: number): boolean =>
  ((bits[page * BITMAP_WORDS + (index >> 5)] ?? 0) & (1 << (index & 31))) !== 0;

/** The strong invariant: what a black object points to is not white, or waits in a barrier buffer. */
function brokenPointers(w: World, buffers: Buffers): string[] {
  const waiting = buffers.cells(w);
  const broken: string[] = [];
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_IN_USE || (w.spanClass[page] & 1) !== 0) continue;
    const spanClass = w.spanClass[page];
    const slot = spanClass < 2 ? w.spanPages[page] << 10 : CLASS_BYTES[spanClass >> 1] >> 3;
    for (let index = 0; index < w.nelems[page]; index += 1) {
      if (!bit(w.markBits, page, index) || bit(w.greyBits, page, index)) continue;
      const from = (page << 10) + index * slot;
      for (let word = from; word < Math.min(from + slot, w.words.length); word += 1) {
        const reference = w.words[word];
        if (reference === 0) continue;
        const to = w.spanOf[(reference - 1) >> 10] - 1;
        const white = !bit(w.markBits, to, slotOfWord(w, to, reference - 1));
        if (white && !waiting.has(cellOf(w, reference))) broken.push(`${page}/${index} → ${word}`);
      }
    }
  }
  return broken;
}

/** The reference a word or root holds before an event, and the one that it holds after. */
function stored(w: World, tag: number, args: Float64Array, at: number): [number, number] | null {
  const target = (ordinal: number): number => (ordinal === 0 ? 0 : w.objects.wordOf(ordinal) + 1);
  if (tag === EVENTS.PointerStored.tag) {
    return [w.words[w.objects.wordOf(args[at]) + args[at + 1]] ?? 0, target(args[at + 2])];
  }
  if (tag === EVENTS.RootStored.tag) return [w.roots[args[at]] ?? 0, target(args[at + 1])];
  const tiny = tag === EVENTS.TinyBlockSet.tag && args[at + 1] !== 0;
  return tiny ? [0, target(args[at + 1])] : null;
}

/** Follows a fine tape with buffers of its own, which take the barrier's notes before each store. */
function follow(buffers: Buffers): Step {
  return (w, tag, args, at) => {
    const store = stored(w, tag, args, at);
    if (store !== null && w.scalars[SCALAR.gcphase] === 1) buffers.note(w, ...store);
    if (tag === EVENTS.GCMarkTerminated.tag) buffers.reset();
    if (tag !== EVENTS.BarrierFlushed.tag) return;
    expect(args[at + 1]).toBe(buffers.sizeOf(args[at]));
    buffers.flushed(args[at]);
  };
}

describe('at the fine setting', () => {
  it('no black object ever points to a white one that no barrier buffer holds', () => {
    let checked = 0;
    fc.assert(
      fc.property(eager(), plainPrograms(150), (config, operations) => {
        let flushing = false;
        const buffers = new Buffers();
        const check: Step = (w, tag) => {
          // The events right after a flush say what it marked.
          const mark = tag === EVENTS.ObjectGreyed.tag || tag === EVENTS.ObjectBlackened.tag;
          flushing = tag === EVENTS.BarrierFlushed.tag || (flushing && mark);
          if (w.scalars[SCALAR.gcphase] !== 1 || flushing) return;
          checked += 1;
          if (!mark || checked % 8 === 0) expect(brokenPointers(w, buffers)).toEqual([]);
        };
        const w = walk(config, true, operations, check, follow(buffers));
        expect(w.greyCount).toBe(0);
        expect(heapProblems(w)).toEqual([]);
      }),
      { seed: 42, numRuns: 50, endOnFailure: true },
    );
    expect(checked).toBeGreaterThan(1000);
  });

  it('each object turns grey at most once and black at most once a cycle', () => {
    fc.assert(
      fc.property(eager(), plainPrograms(80), (config, operations) => {
        const grey = new Set<number>();
        const black = new Set<number>();
        walk(config, true, operations, (w, tag, args, at) => {
          if (tag === EVENTS.GCStarted.tag) {
            grey.clear();
            black.clear();
          } else if (tag === EVENTS.ObjectGreyed.tag) {
            expect(grey.has(args[at]) || black.has(args[at])).toBe(false);
            grey.add(args[at]);
          } else if (tag === EVENTS.ObjectBlackened.tag) {
            expect(black.has(args[at])).toBe(false);
            const page = w.spanOf[args[at] >> 10] - 1;
            const pointers = (w.spanClass[page] & 1) === 0;
            // Where no pointer was ever stored, held objects are black at once.
            if (w.words.length > 0 || !pointers) expect(grey.has(args[at])).toBe(pointers);
            black.add(args[at]);
          } else if (tag === EVENTS.GCMarkTerminated.tag) {
            for (const word of grey) expect(black.has(word)).toBe(true);
          }
        });
      }),
      { seed: 43, numRuns: 20, endOnFailure: true },
    );
  });
});

/** Hash and mark bits at each mark termination, and the hash at the end. */
function outcome(config: RunConfig, fine: boolean, operations: readonly Operation[]): string[] {
  const hasher = new WorldHasher();
  const seen: string[] = [];
  const world = walk(config, fine, operations, (w, tag) => {
    if (tag === EVENTS.GCMarkTerminated.tag) seen.push(hasher.hash(w));
  });
  return [...seen, hasher.hash(world)];
}

describe('coarse and fine recording', () => {
  it('decide the same: equal states after each mark phase and at the end', () => {
    fc.assert(
      fc.property(eager(), plainPrograms(100), (config, operations) => {
        expect(outcome(config, true, operations)).toEqual(outcome(config, false, operations));
      }),
      { seed: 44, numRuns: 60, endOnFailure: true },
    );
  });

  it('may change at any time, and the state stays sound', () => {
    fc.assert(
      fc.property(configs(), programs(80), (config, operations) => {
        const decider = new Decider(config, null);
        const program = new ModelProgram(decider);
        for (const [i, operation] of operations.entries()) {
          if (i % 3 === 0) decider.setMarkDetail(i % 2 === 0);
          program.run(operation);
        }
        expect(heapProblems(decider.world)).toEqual([]);
        decider.finishMark();
        expect(decider.world.greyCount).toBe(0);
      }),
      { seed: 45, numRuns: 60, endOnFailure: true },
    );
  });
});

describe('classic and Green Tea', () => {
  it('keep the same objects', () => {
    fc.assert(
      fc.property(configs(), plainPrograms(80), (config, operations) => {
        const kept = (['classic', 'greentea'] as const).map((collector) => {
          const decider = new Decider(
            { ...config, collector, compact: 0, gcPercent: -1, memoryLimit: 0 },
            null,
          );
          const program = new ModelProgram(decider);
          const settings = new Set(['percent', 'limit', 'gc', 'freeOS', 'procs']);
          for (const operation of operations) {
            if (!settings.has(operation[0])) program.run(operation);
          }
          decider.collect();
          decider.end();
          return keptIn(decider.world);
        });
        expect(kept[0]).toEqual(kept[1]);
      }),
      { seed: 46, numRuns: 60, endOnFailure: true },
    );
  });

  it('Green Tea reads fewer lines and pages a byte where pointers go to and fro', () => {
    const touched = (['classic', 'greentea'] as const).map((collector) => scattered(collector));
    const [classic, greentea] = touched;
    expect(greentea['marked']).toBe(classic['marked']);
    expect(greentea['lines']).toBeLessThan(classic['lines']);
    expect(greentea['l2Misses']).toBeLessThan(classic['l2Misses'] * 0.8);
    expect(greentea['tlbMisses']).toBeLessThan(classic['tlbMisses'] / 2);
  });
});

/** Which slots are taken after a sweep, span by span, and the hash of all pointer words and roots. */
function keptIn(w: World): readonly unknown[] {
  const spans: unknown[] = [];
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_IN_USE) continue;
    const bits = w.allocBits.subarray(page * BITMAP_WORDS, (page + 1) * BITMAP_WORDS);
    spans.push([page, w.spanClass[page], w.allocCount[page], ...bits]);
  }
  return [...spans, w.hashLow, w.hashHigh];
}

/** Marks a graph whose edges are scattered over the heap, with the cache model on. */
function scattered(
  collector: RunConfig['collector'],
): Record<'marked' | 'lines' | 'l2Misses' | 'tlbMisses', number> {
  const found = { marked: 0, lines: 0, l2Misses: 0, tlbMisses: 0 };
  const watcher: Step = (_, tag, args, at) => {
    if (tag !== EVENTS.MarkTouched.tag) return;
    EVENTS.MarkTouched.fields.forEach(({ name }, i) => {
      if (name in found) Object.assign(found, { [name]: args[at + i] });
    });
  };
  const decider = new Decider(configWith({ gcPercent: -1, collector }), null, watcher);
  const site = decider.defineSite(64, 64, false, 'node');
  const count = 40_000;
  const objects = Array.from({ length: count }, () => decider.allocate(site));
  const caches = { l1Bytes: 4096, l1Ways: 4, l2Bytes: 65536, l2Ways: 8 };
  decider.setCacheModel({ ...caches, tlbEntries: 16, tlbWays: 4 });
  decider.storeRoot(0, objects[0]);
  for (const [i, object] of objects.entries()) {
    for (let word = 0; word < 4; word += 1) {
      decider.storePointer(object, word, objects[(i * 4 + word * 7919 + 1) % count]);
    }
  }
  decider.collect();
  return found;
}
