/**
 * Queries: questions about the place where the page stands. A query is a pure function of the session,
 * which stands there, and of plain arguments; its answer is plain data and typed arrays of its own, which
 * are handed over to the page. It must not move the session.
 */
import type { Session } from './session.ts';

export type Query<Args, Answer> = (session: Session, args: Args) => Answer;
