/**
 * Compaction, decided: an experiment. Go never moves an object; many wonder what it would bring.
 *
 * 1. It runs at mark termination, the world still stopped: everything is swept and no span is cached.
 * 2. The objects of a span class slide, in address order, into the lowest slots that the class has.
 *    Order is kept and nothing leaves its class, so that size and alignment stay what they were.
 * 3. Spans that are then empty give their pages back. Every pointer to a moved object is updated.
 * 4. The pause it would cost is stated: bytes copied, and a walk over everything that may hold a
 *    pointer, at the cost model's prices.
 *
 * Large objects have spans of their own and stay. There is no counterpart in Go's runtime; the method
 * is the sliding half of a mark-compact collector, applied within Go's segregated classes.
 */
import { ByteSink, EVENTS, zigzag } from '@heaptape/schema';
import type { RunConfig } from '../control.ts';
import { BITMAP_WORDS, SPAN_IN_USE } from '../heap/layout.ts';
import { countPointersTo, type MoveList, noMoves } from '../heap/moves.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES, NUM_SPAN_CLASSES } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import type { PageIndex } from './pageindex.ts';

export class Compactor {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pages: PageIndex;
  readonly #config: RunConfig;

  constructor(journal: Journal, config: RunConfig, pages: PageIndex) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#pages = pages;
    this.#config = config;
  }

  /** Slides everything. Every span must be swept and in a list. */
  run(): void {
    const w = this.#world;
    const moves = noMoves();
    for (const spans of this.#spansByClass()) slide(w, spans, moves);
    if (moves.count === 0) return;
    let bytes = 0;
    const emptied: number[] = [];
    const left = new Map<number, number>();
    const sink = new ByteSink(moves.count * 4);
    let lastFrom = 0;
    for (let i = 0; i < moves.count; i += 1) {
      const from = moves.from[i];
      const page = w.spanAtWord(from);
      const own = w.spanAtWord(moves.to[i]);
      bytes += CLASS_BYTES[w.spanClass[page] >> 1];
      left.set(page, (left.get(page) ?? w.allocCount[page]) - 1);
      left.set(own, (left.get(own) ?? w.allocCount[own]) + 1);
      sink.uint(zigzag(from - lastFrom));
      sink.uint(from - moves.to[i]);
      lastFrom = from;
    }
    for (const [page, count] of left) if (count === 0) emptied.push(page);
    const sizes = emptied.map((page) => w.spanPages[page]);
    const pointers = countPointersTo(w, moves);
    const pause = this.#pauseOf(bytes);
    const tag = EVENTS.HeapCompacted.tag;
    this.#journal.emitBytes(tag, sink.view(), moves.count, bytes, pointers, pause);
    emptied.forEach((page, i) => {
      this.#pages.changed(page, sizes[i], true);
    });
  }

  #pauseOf(bytes: number): number {
    const { copyNsPerByte, updateNsPerByte } = this.#config.costs;
    const { scalars } = this.#world;
    const scanned =
      scalars[SCALAR.heapScanWork] +
      scalars[SCALAR.stackScanWork] +
      scalars[SCALAR.globalsScanWork];
    return Math.ceil(bytes * copyNsPerByte + scanned * updateNsPerByte);
  }

  /** First pages of the small-object spans of each class, ascending. */
  #spansByClass(): number[][] {
    const w = this.#world;
    const spans: number[][] = Array.from({ length: NUM_SPAN_CLASSES }, () => []);
    for (let page = 0; page < w.pages; page += Math.max(1, w.spanPages[page])) {
      if (w.spanState[page] === SPAN_IN_USE && w.spanClass[page] >= 2) {
        spans[w.spanClass[page]].push(page);
      }
    }
    return spans;
  }
}

/** Adds the moves that pack the objects of `spans` into the first slots of the first of them. */
function slide(w: World, spans: readonly number[], moves: MoveList): void {
  let target = 0;
  let slot = 0;
  for (const page of spans) {
    const slotWords = CLASS_BYTES[w.spanClass[page] >> 1] >> 3;
    const base = page * BITMAP_WORDS;
    const words = (w.nelems[page] + 31) >> 5;
    for (let i = 0; i < words; i += 1) {
      for (let rest = w.allocBits[base + i]; rest !== 0; rest &= rest - 1) {
        const index = (i << 5) + 31 - Math.clz32(rest & -rest);
        if (slot === w.nelems[spans[target]]) {
          target += 1;
          slot = 0;
        }
        if (spans[target] !== page || slot !== index) {
          moves.add((page << 10) + index * slotWords, (spans[target] << 10) + slot * slotWords);
        }
        slot += 1;
      }
    }
  }
}
