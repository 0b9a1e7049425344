/** What roots are called along a tape: each naming, in order. */
import { decodeUtf8, EVENTS, type EventBatch } from '@heaptape/schema';
import { Columns } from './columns.ts';

export interface RootNotes {
  /** By naming: the event, the root, and its name's place in `names`. */
  readonly seq: Float64Array;
  readonly root: Float64Array;
  readonly name: Float64Array;
  readonly names: readonly string[];
}

export class RootScan {
  readonly #namings = new Columns(['seq', 'root', 'name']);
  readonly #places = new Map<string, number>();

  take(kind: number, { args, blob }: EventBatch, at: number, seq: number): void {
    if (kind !== EVENTS.RootNamed.tag) return;
    const name = decodeUtf8(blob.subarray(args[at + 1], args[at + 1] + args[at + 2]));
    const place = this.#places.get(name) ?? this.#places.size;
    this.#places.set(name, place);
    this.#namings.add(seq, args[at], place);
  }

  notes(): RootNotes {
    return { ...this.#namings.take(), names: [...this.#places.keys()] };
  }
}
