/** Delivers recorded events to listeners, as plain rows, as soon as the command that made them ends. */
import { CELLS, type EventBatch, type EventRow, eventRow } from '@heaptape/schema';

/** Is told of every event, in order. */
export type EventListener = (event: EventRow) => void;

export class EventFeed {
  readonly #listeners = new Set<EventListener>();
  /** Next event of the batch to deliver, and where its arguments start. */
  #next = 0;
  #at = 0;

  /** Adds a listener for the events from here on; returns what takes it away again. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Delivers what the batch has that is new. */
  deliver(batch: EventBatch): void {
    if (this.#listeners.size === 0) {
      this.#next = batch.count;
      this.#at = batch.argCount;
      return;
    }
    while (this.#next < batch.count) {
      const row = eventRow(batch, this.#next, this.#at);
      this.#at += CELLS[batch.kinds[this.#next]];
      this.#next += 1;
      for (const listener of this.#listeners) listener(row);
    }
  }

  /** The batch is full and begins anew. */
  restart(): void {
    this.#next = 0;
    this.#at = 0;
  }
}
