/**
 * Playing a tape: so many events a second, forwards or backwards, drawn as fast as the screen and the worker
 * allow. Where the worker is behind, places are left out, never queued.
 */
import { type Signal, signal } from '@preact/signals';
import { SPEEDS } from '../model/state.ts';
import type { App } from './app.ts';

export class Player {
  /** 1 forwards, -1 backwards, 0 not at all. */
  readonly direction: Signal<-1 | 0 | 1> = signal(0);
  readonly #app: App;
  #last = 0;
  #exact = 0;

  constructor(app: App) {
    this.#app = app;
  }

  /** Plays, or stops where it plays that way already. */
  toggle(direction: -1 | 1): void {
    const was = this.direction.peek();
    if (was === direction) {
      this.stop();
      return;
    }
    this.#exact = this.#app.state.peek().position.event;
    this.#last = performance.now();
    this.direction.value = direction;
    if (was === 0) requestAnimationFrame((now) => this.#frame(now));
  }

  stop(): void {
    this.direction.value = 0;
  }

  #frame(now: number): void {
    const direction = this.direction.peek();
    if (direction === 0) return;
    const { state, tape } = this.#app;
    const { position, speed } = state.peek();
    // Somebody has gone elsewhere meanwhile.
    if (Math.abs(position.event - this.#exact) > 1) this.#exact = position.event;
    const seconds = Math.max(0, now - this.#last) / 1000;
    this.#last = now;
    const next = this.#exact + direction * seconds * SPEEDS[speed];
    this.#exact = Math.min(tape.events, Math.max(tape.begin, next));
    const event = direction > 0 ? Math.floor(this.#exact) : Math.ceil(this.#exact);
    if (event !== position.event && this.#app.traveller.idle) this.#app.scrub(event);
    if (next !== this.#exact) this.stop();
    requestAnimationFrame((later) => this.#frame(later));
  }
}
