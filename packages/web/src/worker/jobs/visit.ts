/**
 * A visit: go somewhere, and answer there what the panels want to know. All of the page's panels are
 * served by one visit, so that they show one place.
 */
import type { Arrival, Position } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { type Move, move } from '../move.ts';
import type { Failure } from '../protocol.ts';
import { QUERIES, type QueryName, type Want } from '../queries.ts';
import type { Query } from '../query.ts';
import type { Task } from '../serve.ts';
import type { Session, SessionHolder } from '../session.ts';

export interface VisitArgs {
  /** One after the other. */
  readonly to: readonly Move[];
  readonly wants: readonly Want[];
}

/** An answer, or why there is none. */
export type Answer = { readonly value: unknown } | { readonly failure: Failure };

export interface Visit {
  readonly position: Position;
  /** `start` and `end`: the tape was over before. */
  readonly why: Arrival['why'];
  /** In the order of the wants. */
  readonly answers: readonly Answer[];
}

const TABLE: Readonly<Record<QueryName, Query<never, unknown>>> = QUERIES;

/** What a user can mend is an answer of its own; a bug ends the visit. */
function answer(session: Session, { name, args }: Want): Answer {
  try {
    return { value: TABLE[name](session, args as never) };
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    const { code, message, hint } = error;
    return { failure: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

export const visitJob =
  (holder: SessionHolder) =>
  ({ to, wants }: VisitArgs, task: Pick<Task, 'onProgress'>): Visit => {
    const session = holder.get();
    let why: Arrival['why'] = 'there';
    for (const one of to) why = move(session.travel, one, task.onProgress);
    const answers = wants.map((want) => answer(session, want));
    return { position: session.travel.position, why, answers };
  };
