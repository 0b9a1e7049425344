/**
 * Cleanups between being found due and running: blocks of 20 by P, then of all.
 *
 * A block that is full is passed on at once, the others when the sweep ends. Only then may they run.
 */
import { EVENTS } from '@heaptape/schema';
import { type StreamEvent, Violation } from '../stream.ts';

const NAME = 'specials';
const BLOCK = 20;

export class CleanupQueue {
  readonly #local = new Map<number, number[]>();
  /** Those that may run. */
  readonly #ready = new Set<number>();

  queue(event: StreamEvent, p: number): void {
    const block = this.#local.get(p) ?? [];
    if (block.length === BLOCK)
      throw new Violation(NAME, event.seq, 'a full block stays with its P');
    block.push(event.arg(0));
    this.#local.set(p, block);
  }

  fold(event: StreamEvent): void {
    const { tag } = event;
    if (tag === EVENTS.CleanupBlockFilled.tag) this.#pass(event, event.arg(0));
    else if (tag === EVENTS.CleanupsFlushed.tag) {
      for (const p of [...this.#local.keys()]) this.#publish(p);
    } else if (tag === EVENTS.SweepFinished.tag && this.#local.size > 0) {
      throw new Violation(NAME, event.seq, 'the sweep ends and queued cleanups may not run');
    }
  }

  #pass(event: StreamEvent, p: number): void {
    const length = this.#local.get(p)?.length ?? 0;
    if (length !== BLOCK) {
      throw new Violation(NAME, event.seq, `a block of ${length} cleanups is not full`);
    }
    this.#publish(p);
  }

  #publish(p: number): void {
    for (const special of this.#local.get(p) ?? []) this.#ready.add(special);
    this.#local.delete(p);
  }

  start(event: StreamEvent): void {
    const special = event.arg(1);
    if (this.#ready.delete(special)) return;
    throw new Violation(NAME, event.seq, `cleanup ${special} may not run yet`);
  }
}
