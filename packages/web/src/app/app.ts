/**
 * The page's one object: a tape, the two workers that look at it, the state, and what may be done to it.
 *
 * 1. The state changes through `change`, and is kept in the address.
 * 2. `position` in the state is where the page wants to be. It changes at once when somebody scrubs, and is
 *    drawn at once; the worker follows, and panels show where it has arrived.
 * 3. Jumps are remembered, so that they can be undone.
 */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Axis } from '../model/axis.ts';
import { linkOf, stateOfLink } from '../model/link.ts';
import { NO_OVERVIEW, type Overview, withPart } from '../model/overview.ts';
import { scaleOf, timesOf } from '../model/scale.ts';
import { Selections } from '../model/selections.ts';
import { following, type PageState } from '../model/state.ts';
import type { Opened } from '../worker/jobs/open.ts';
import type { OverviewPart } from '../worker/jobs/overview.ts';
import type { Visit } from '../worker/jobs/visit.ts';
import type { Move } from '../worker/move.ts';
import type { Failure } from '../worker/protocol.ts';
import type { Caller } from './caller.ts';
import { TapeNotes } from './notes.ts';
import { Other, type Second } from './other.ts';
import { Player } from './player.ts';
import { Traveller } from './traveller.ts';

/** Jumps that can be undone. */
const MOST_TRAIL = 200;
/** Milliseconds between two changes of the address: browsers refuse more. */
const LINK_MS = 400;

const WHY: Readonly<Record<Visit['why'], string>> = {
  there: '',
  start: 'the tape begins here',
  end: 'the tape ends here',
};

export class App {
  readonly tape: Opened;
  readonly state: Signal<PageState>;
  readonly overview: Signal<Overview> = signal(NO_OVERVIEW);
  /** Events and virtual times. */
  readonly axis: ReadonlySignal<Axis>;
  /** Events and what the timeline goes along. */
  readonly scale: ReadonlySignal<Axis>;
  /** The tape that this one is compared with. */
  readonly other: Other | null;
  readonly traveller: Traveller;
  /** Looks through the tape; stands nowhere. */
  readonly scout: Caller;
  readonly notes: TapeNotes;
  readonly player: Player;
  /** Objects that were selected. */
  readonly selections: Selections = new Selections();
  /** A line for the user: what went wrong, or why a step did not go on. */
  readonly notice: Signal<string> = signal('');
  /** Why the tape, or the one it is compared with, could not be looked through to its end. */
  readonly damage: Signal<string>;
  readonly helpShown: Signal<boolean> = signal(false);
  readonly #trail: PageState['position'][] = [];
  readonly #later: (() => void)[] = [];
  #linkTimer = 0;

  constructor(tape: Opened, caller: Caller, scout: Caller, second: Second | null = null) {
    this.tape = tape;
    this.damage = signal(tape.damage);
    this.scout = scout;
    this.notes = new TapeNotes(scout);
    this.state = signal(stateOfLink(location.hash, tape.events, tape.begin));
    this.axis = computed(() => timesOf(tape, this.overview.value));
    this.scale = computed(() => {
      const { axis } = this.state.value;
      return axis === 'time' ? this.axis.value : scaleOf(axis, tape, this.overview.value);
    });
    this.traveller = new Traveller(
      caller,
      (visit, moved, onItsWay) => this.#arrived(visit, moved, onItsWay),
      (failure) => this.#failed(failure),
    );
    this.player = new Player(this);
    this.other = second === null ? null : new Other(second, this);
    this.state.subscribe(() => this.#keepLink());
    this.state.subscribe(({ selected }) => this.selections.note(selected));
    addEventListener('hashchange', () => this.#followLink());
  }

  /** Begins: goes where the link says, and has the overview made. */
  start(): void {
    const { position } = this.state.peek();
    if (position.event > this.tape.begin) this.traveller.go({ go: 'at', position });
    const { answer } = this.scout.call('overview', null, {
      onPart: (part) => {
        this.overview.value = withPart(this.overview.peek(), part as OverviewPart);
      },
    });
    answer.catch((error: unknown) => {
      this.damage.value = error instanceof Error ? error.message : String(error);
    });
    this.other?.start();
  }

  change(patch: Partial<PageState>): void {
    this.state.value = { ...this.state.peek(), ...patch };
  }

  tell(text: string): void {
    this.notice.value = text;
  }

  /** Goes somewhere that is not known yet: steps, searches, places in words. */
  go(move: Move): void {
    this.notice.value = '';
    if (move.go !== 'step') this.#remember();
    this.traveller.go(move);
  }

  /** Goes to an event at once, as dragging and playing do; nothing is remembered. */
  scrub(event: number): void {
    const at = Math.min(this.tape.events, Math.max(this.tape.begin, Math.round(event)));
    const position = { event: at, inside: 0 };
    this.notice.value = '';
    this.change({ position });
    this.traveller.go({ go: 'at', position });
  }

  /** Jumps to a position. */
  jump(position: PageState['position']): void {
    this.#remember();
    this.change({ position });
    this.go({ go: 'at', position });
  }

  /** Does something once nothing is under way any more: what rests on the position. */
  whenThere(task: () => void): void {
    if (this.traveller.idle) task();
    else this.#later.push(task);
  }

  /** Begins anew with a state, as following a link does: with the tapes the other way round. */
  reopen(patch: Partial<PageState>): void {
    history.replaceState(null, '', linkOf({ ...this.state.peek(), ...patch }));
    location.reload();
  }

  undo(): void {
    const position = this.#trail.pop();
    if (position === undefined) {
      this.tell('there is no jump to undo');
      return;
    }
    this.change({ position });
    this.traveller.go({ go: 'at', position });
  }

  #remember(): void {
    const { position } = this.state.peek();
    const last = this.#trail.at(-1);
    if (last?.event === position.event && last.inside === position.inside) return;
    this.#trail.push(position);
    if (this.#trail.length > MOST_TRAIL) this.#trail.shift();
  }

  #arrived({ position, why }: Visit, moved: boolean, onItsWay: boolean): void {
    if (moved) this.notice.value = WHY[why];
    if (onItsWay) return;
    const { zoom } = this.state.peek();
    const shown = moved ? following(zoom, position.event, this.tape.events, this.tape.begin) : zoom;
    this.change({ position, zoom: shown });
    for (const task of this.#later.splice(0)) task();
  }

  #failed({ code, message, hint }: Failure): void {
    this.player.stop();
    this.#later.length = 0;
    if (code === 'cancelled') this.tell('stopped');
    else this.tell(hint === undefined ? message : `${message} (${hint})`);
  }

  #keepLink(): void {
    if (this.#linkTimer !== 0) return;
    this.#linkTimer = setTimeout(() => {
      this.#linkTimer = 0;
      const link = linkOf(this.state.peek());
      if (link !== location.hash) history.replaceState(null, '', link);
    }, LINK_MS);
  }

  /** Somebody has put another link into the address bar. */
  #followLink(): void {
    const state = stateOfLink(location.hash, this.tape.events, this.tape.begin);
    if (linkOf(state) === linkOf(this.state.peek())) return;
    this.#remember();
    this.state.value = state;
    this.traveller.go({ go: 'at', position: state.position });
  }
}
