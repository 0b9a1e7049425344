/**
 * What write-barrier buffers must hold, by the rule alone: while marking every store notes the old
 * and the new value in the P's buffer of 512 entries, which is flushed when two more do not fit.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import type { StreamEvent } from '../stream.ts';

/** Entries of a buffer. */
export const BARRIER_ENTRIES = 512;

/** Ordinals noted, 0 for nil, by P. */
export class NotedStores {
  readonly #byProc = new Map<number, number[]>();

  /** To be called before the store has been folded. */
  note(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.PointerStored.tag) {
      const before = m.objects.get(event.arg(0))?.edges.get(event.arg(1)) ?? 0;
      this.#put(m.p, before, event.arg(2));
    } else if (tag === EVENTS.RootStored.tag) {
      this.#put(m.p, m.roots.get(event.arg(0)) ?? 0, event.arg(1));
    } else if (tag === EVENTS.TinyBlockSet.tag && event.arg(1) !== 0) {
      this.#put(m.p, 0, event.arg(1));
    }
  }

  #put(p: number, before: number, after: number): void {
    const noted = this.#byProc.get(p) ?? [];
    noted.push(before, after);
    this.#byProc.set(p, noted);
  }

  /** Empties a P's buffer. */
  take(p: number): readonly number[] {
    const noted = this.#byProc.get(p) ?? [];
    this.#byProc.delete(p);
    return noted;
  }

  has(ordinal: number): boolean {
    for (const noted of this.#byProc.values()) if (noted.includes(ordinal)) return true;
    return false;
  }

  get isEmpty(): boolean {
    return this.#byProc.size === 0;
  }

  clear(): void {
    this.#byProc.clear();
  }
}
