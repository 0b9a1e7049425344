/**
 * The three kinds of failure, and the one table of error codes.
 *
 * 1. A bug in heaptape: `assert` throws an `AssertionError`. Assertions stay on in production.
 * 2. Bad input, or a command that is refused: a `HeaptapeError` with a code from the table below.
 *    The command line prints its message as one line and its hint as a second one.
 * 3. Noise in a recording (an orphan free, a late event): counted in a report, never thrown.
 */

/** Every code, with the exit status that the command line maps it to. */
export const ERROR_CODES = {
  /** The input is not of any format that we read, or not of the one asked for. */
  'bad-format': 2,
  /** The input is of a known format but damaged; the message says where. */
  'bad-data': 2,
  /** The input is of a version that this release cannot read. */
  'bad-version': 2,
  /** The recording lacks the events that the task needs; the hint says how to record them. */
  'missing-data': 2,
  /** A size, count or nesting in the input is over a limit. */
  'too-large': 2,
  /** A file cannot be opened, read or written. */
  'file-error': 2,
  /** An option or argument is wrong. */
  'bad-usage': 2,
  /** A command names something that does not exist (object, event, cycle). */
  'not-found': 2,
  /** The simulated program asked for something that Go refuses. */
  refused: 2,
  /** Go's runtime throws here: the simulated program ends and nothing in it can prevent that. */
  fatal: 2,
  /** The simulated program panics here. */
  panic: 2,
  /** A stated limit of the simulator was passed (heap size, number of objects). */
  limit: 2,
  /** The tape is being written by another process. */
  'tape-busy': 2,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Bad input or a refusal. `message` is one line: what is wrong and where. `hint` says what to do. */
export class HeaptapeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.name = 'HeaptapeError';
    this.code = code;
    this.hint = hint;
  }
}

/** A bug in heaptape itself: an invariant does not hold. */
export class AssertionError extends Error {
  constructor(message: string) {
    super(`assertion failed: ${message}`);
    this.name = 'AssertionError';
  }
}

/** Throws an `AssertionError` unless `condition` holds. Always on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a place that the types say cannot be reached. */
export function unreachable(value: never, what: string): never {
  throw new AssertionError(`${what}: unexpected ${String(value)}`);
}
