/**
 * The tape that the page's own is compared with: its overview, and one who goes, on it, wherever the page
 * goes, to the place with the same value on the timeline's scale.
 */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Axis } from '../model/axis.ts';
import { NO_OVERVIEW, type Overview, withPart } from '../model/overview.ts';
import { scaleOf } from '../model/scale.ts';
import type { Divergence, DivergencePart } from '../worker/jobs/divergence.ts';
import type { Opened, TapePlace } from '../worker/jobs/open.ts';
import type { OverviewPart } from '../worker/jobs/overview.ts';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';
import { Traveller } from './traveller.ts';

/** A second tape, open. */
export interface Second {
  readonly tape: Opened;
  readonly caller: Caller;
  readonly place: TapePlace;
}

/** Where the tapes part: not known yet, by so many events; or known, null where they do not. */
export type Parting = { readonly looked: number } | { readonly at: Divergence | null };

export class Other {
  readonly tape: Opened;
  readonly overview: Signal<Overview> = signal(NO_OVERVIEW);
  readonly scale: ReadonlySignal<Axis>;
  /** The event on this tape that is the same place as where the page stands on its own. */
  readonly event: ReadonlySignal<number>;
  /** Why it is none, where it is none. */
  readonly beyond: ReadonlySignal<boolean>;
  readonly parting: Signal<Parting> = signal({ looked: 0 });
  readonly traveller: Traveller;
  readonly #app: App;
  readonly #second: Second;

  constructor(second: Second, app: App) {
    const { tape, caller } = second;
    this.tape = tape;
    this.#app = app;
    this.#second = second;
    this.scale = computed(() => scaleOf(app.state.value.axis, tape, this.overview.value));
    const value = computed(() => app.scale.value.timeOf(app.state.value.position.event));
    this.event = computed(() => {
      const { begin, events } = tape;
      return Math.min(events, Math.max(begin, this.scale.value.eventOf(value.value)));
    });
    this.beyond = computed(() => this.scale.value.timeOf(tape.events) < value.value);
    this.traveller = new Traveller(
      caller,
      () => undefined,
      ({ message }) => app.tell(`${tape.name}: ${message}`),
    );
  }

  start(): void {
    effect(() => {
      const event = this.event.value;
      this.traveller.go({ go: 'at', position: { event, inside: 0 } });
    });
    const { answer } = this.#second.caller.call('overview', null, {
      onPart: (part) => {
        this.overview.value = withPart(this.overview.peek(), part as OverviewPart);
      },
    });
    answer.then(
      () => this.#compare(),
      (error: unknown) => this.#broken(error),
    );
  }

  /** Finds the first event in which the tapes differ; after the overview, for it can take longer. */
  #compare(): void {
    const { answer } = this.#app.scout.call('divergence', this.#second.place, {
      onPart: (part) => {
        this.parting.value = { looked: (part as DivergencePart).looked };
      },
    });
    answer.then(
      (at) => {
        this.parting.value = { at };
      },
      (error: unknown) => this.#broken(error),
    );
  }

  #broken(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#app.damage.value = `${this.tape.name}: ${why}`;
  }

  /** Makes this tape the page's own, at the same place, and the page's own the other. */
  swap(): void {
    const { swapped } = this.#app.state.peek();
    const position = { event: this.event.peek(), inside: 0 };
    this.#app.reopen({ position, swapped: !swapped, zoom: null, bookmarks: [], since: '' });
  }
}
