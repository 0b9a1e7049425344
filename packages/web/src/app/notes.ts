/** Notes along the whole tape (`worker/jobs/notes.ts`): asked for once, when a panel first needs them. */
import { type Signal, signal } from '@preact/signals';
import type { Notes } from '../worker/jobs/notes.ts';
import type { Caller } from './caller.ts';

export class TapeNotes {
  readonly value: Signal<Notes | null> = signal(null);
  /** Why there are none; empty where nothing went wrong. */
  readonly failure: Signal<string> = signal('');
  readonly #scout: Caller;
  #asked = false;

  constructor(scout: Caller) {
    this.#scout = scout;
  }

  /** Call it as often as you like. */
  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#scout.call('notes', null).answer.then(
      (notes) => {
        this.value.value = notes;
      },
      (error: unknown) => {
        this.#asked = false;
        this.failure.value = error instanceof Error ? error.message : String(error);
      },
    );
  }
}
