/**
 * Going about on a tape, and what the panels are told where one arrives.
 *
 * Panels say what they want to know; each visit answers all of it at one place. One visit is under way at a
 * time. Meanwhile moves gather: a jump makes those before it pointless, and equal steps add up, so that the
 * worker never falls behind the hand that drags the scrubber.
 */
import { type Signal, signal } from '@preact/signals';
import type { Answer, Visit } from '../worker/jobs/visit.ts';
import type { Move } from '../worker/move.ts';
import type { Failure, Progress } from '../worker/protocol.ts';
import type { QueryAnswer, QueryName, Want } from '../worker/queries.ts';
import { CallError, type Caller, type Running } from './caller.ts';

/** What a panel sees of a query: its latest answer, and why there is no newer one. */
export interface AnswerView<N extends QueryName> {
  readonly value: QueryAnswer<N> | undefined;
  readonly failure: Failure | undefined;
}

interface Wanted {
  readonly want: Want;
  readonly view: Signal<AnswerView<QueryName>>;
  /** How many panels want it. */
  users: number;
}

const UNANSWERED: AnswerView<QueryName> = { value: undefined, failure: undefined };

/** Moves that lead to the same place, with fewer of them. */
export function merged(moves: readonly Move[], next: Move): readonly Move[] {
  if (next.go === 'at' || (next.go === 'place' && !/^\s*[+-]/.test(next.text))) return [next];
  const last = moves.at(-1);
  if (
    next.go === 'step' &&
    last?.go === 'step' &&
    last.unit === next.unit &&
    last.back === next.back
  ) {
    return [...moves.slice(0, -1), { ...next, count: last.count + next.count }];
  }
  return [...moves, next];
}

export class Traveller {
  /** A visit that takes long says how far it is. */
  readonly progress: Signal<Progress | null> = signal(null);
  readonly #caller: Caller;
  readonly #arrived: (visit: Visit, moved: boolean, onItsWay: boolean) => void;
  readonly #failed: (failure: Failure) => void;
  readonly #wanted = new Map<string, Wanted>();
  #moves: readonly Move[] = [];
  /** Somebody wants an answer that was not asked for yet. */
  #curious = false;
  #running: Running<Visit> | null = null;

  constructor(
    caller: Caller,
    arrived: (visit: Visit, moved: boolean, onItsWay: boolean) => void,
    failed: (failure: Failure) => void,
  ) {
    this.#caller = caller;
    this.#arrived = arrived;
    this.#failed = failed;
  }

  /** Whether nothing is under way. */
  get idle(): boolean {
    return this.#running === null;
  }

  go(move: Move): void {
    this.#moves = merged(this.#moves, move);
    this.#start();
  }

  /** Stops what takes long. */
  cancel(): void {
    this.#moves = [];
    this.#running?.cancel();
  }

  /** The latest answer to a query that is wanted. */
  view(key: string, want: Want): Signal<AnswerView<QueryName>> {
    return this.#entry(key, want).view;
  }

  /** Asks a query from now on, here and wherever one goes; returns how to stop. */
  want(key: string, want: Want): () => void {
    const entry = this.#entry(key, want);
    entry.users += 1;
    if (entry.users === 1) {
      this.#curious = true;
      queueMicrotask(() => this.#start());
    }
    return () => {
      entry.users -= 1;
      if (entry.users === 0) this.#wanted.delete(key);
    };
  }

  #entry(key: string, want: Want): Wanted {
    let entry = this.#wanted.get(key);
    if (entry === undefined) {
      entry = { want, view: signal(UNANSWERED), users: 0 };
      this.#wanted.set(key, entry);
    }
    return entry;
  }

  #start(): void {
    if (this.#running !== null || !(this.#curious || this.#moves.length > 0)) return;
    const asked = [...this.#wanted.values()].filter(({ users }) => users > 0);
    const moves = this.#moves;
    this.#moves = [];
    this.#curious = false;
    const wants = asked.map(({ want }) => want);
    const running = this.#caller.call(
      'visit',
      { to: moves, wants },
      { onProgress: (progress) => (this.progress.value = progress) },
    );
    this.#running = running;
    running.answer.then(
      (visit) => {
        for (const [i, answer] of visit.answers.entries()) show(asked[i], answer);
        this.#arrived(visit, moves.length > 0, this.#moves.length > 0);
        this.#ended();
      },
      (error: unknown) => {
        const bug = { code: 'bug', message: String(error) };
        this.#failed(error instanceof CallError ? error.failure : bug);
        // The worker stands somewhere on the way.
        this.#curious = moves.length > 0;
        this.#ended();
      },
    );
  }

  #ended(): void {
    this.#running = null;
    this.progress.value = null;
    this.#start();
  }
}

function show(entry: Wanted, answer: Answer): void {
  const value = 'value' in answer ? (answer.value as QueryAnswer<QueryName>) : undefined;
  const failure = 'failure' in answer ? answer.failure : undefined;
  entry.view.value = { value: value ?? entry.view.peek().value, failure };
}
