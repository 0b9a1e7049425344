/**
 * How far a mark phase has come, as the tape and the pacer are told of it.
 *
 * The tape learns of work when it has been decided, now and then; the pacer when its time has passed.
 */
import { EVENTS } from '@heaptape/schema';
import type { Background } from './background.ts';
import type { Journal } from './journal.ts';
import type { Marker } from './marker.ts';
import type { Pacing } from './pacing.ts';

export class MarkProgress {
  readonly #journal: Journal;
  readonly #marker: Marker;
  readonly #background: Background;
  readonly #pacing: Pacing;
  /** What the marker had done when progress was last recorded. */
  #units = 0;
  #heap = 0;
  #stacks = 0;
  #globals = 0;
  /** Work of workers that the pacer knows of, bytes. */
  #toldHeap = 0;
  #toldStacks = 0;
  #toldGlobals = 0;

  constructor(journal: Journal, marker: Marker, background: Background, pacing: Pacing) {
    this.#journal = journal;
    this.#marker = marker;
    this.#background = background;
    this.#pacing = pacing;
  }

  /** A cycle has started. */
  begin(): void {
    this.#units = 0;
    this.#heap = 0;
    this.#stacks = 0;
    this.#globals = 0;
    this.#toldHeap = 0;
    this.#toldStacks = 0;
    this.#toldGlobals = 0;
  }

  /** Units since progress was last recorded. */
  get unrecorded(): number {
    return this.#marker.units - this.#units;
  }

  tellPacer(): void {
    const { heapDone, stacksDone, globalsDone } = this.#background;
    const heap = heapDone - this.#toldHeap;
    const stacks = stacksDone - this.#toldStacks;
    const globals = globalsDone - this.#toldGlobals;
    if (heap + stacks + globals === 0) return;
    this.#pacing.workDone(heap, stacks, globals);
    this.#toldHeap = heapDone;
    this.#toldStacks = stacksDone;
    this.#toldGlobals = globalsDone;
  }

  record(): void {
    this.#marker.record();
    const { heapScanned, rootBytes } = this.#marker;
    const { stacksScanned, globalsScanned } = rootBytes;
    const heap = heapScanned - this.#heap;
    const stacks = stacksScanned - this.#stacks;
    const globals = globalsScanned - this.#globals;
    this.#units = this.#marker.units;
    this.#heap = heapScanned;
    this.#stacks = stacksScanned;
    this.#globals = globalsScanned;
    if (heap + stacks + globals === 0) return;
    this.#journal.emit(EVENTS.MarkAdvanced.tag, heap, stacks, globals, 0, 0, 0);
  }
}
