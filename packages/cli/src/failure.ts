/**
 * From anything thrown to what the user reads: one line, perhaps a hint, and the exit status.
 *
 * 1. A `HeaptapeError` is the user's business: its message is the line. The packages below name
 *    files by absolute path, or not at all; `inFile` puts the name as it was typed in front.
 * 2. What the file system says about a file becomes a `HeaptapeError` with the system's own words.
 * 3. Anything else is a bug in heaptape, and says so. There is never a stack trace.
 *
 * There is always a hint: where the error has none of its own, its code has one.
 */
import { resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { ERROR_CODES, type ErrorCode, HeaptapeError } from '@heaptape/schema';

export interface Failure {
  readonly line: string;
  readonly hint: string;
  readonly status: number;
}

/** Exit status of a bug. */
const BAD = 2;
const REPORT = 'this is a bug in heaptape: please report this line, the command and the file';

/** What to do about an error that does not say so itself. */
const HINTS: Readonly<Record<ErrorCode, string>> = {
  'bad-format': '`heaptape --help` says which verb reads which files',
  'bad-data': 'the file is incomplete or was altered: try another copy of it',
  'bad-version': 'a newer release of heaptape may read it',
  'missing-data': 'record again with GODEBUG=traceallocfree=1 and Go 1.23 or later',
  'too-large': 'record for a shorter time, or ask for less',
  'file-error': 'check the name, the permissions, and the space on the disk',
  'bad-usage': '`heaptape VERB --help` lists arguments and options',
  'not-found': '`heaptape state FILE` shows where a tape ends',
  refused: 'Go refuses this as well',
  fatal: 'a Go program ends here, and nothing in it can prevent that',
  panic: 'a Go program can recover from this',
  limit: 'record for a shorter time, or ask for less',
  'tape-busy': 'wait for the other process, or use another file',
};

/** An error whose message begins with the name of the file that it is about. */
class LocatedError extends HeaptapeError {}

/** First line of a text, so that a message stays one line. */
const firstLine = (text: string): string => text.trim().split(/\r?\n/, 1)[0] ?? '';

export function failureOf(error: unknown): Failure {
  if (error instanceof HeaptapeError) {
    const { code, message, hint = HINTS[code] } = error;
    return { line: firstLine(message), hint, status: ERROR_CODES[code] };
  }
  const text = error instanceof Error ? firstLine(error.message) || error.name : String(error);
  return { line: `internal error: ${text}`, hint: REPORT, status: BAD };
}

/** What is printed on stderr: two lines. */
export const failureText = ({ line, hint }: Failure): string =>
  `heaptape: ${line}\nhint: ${hint}\n`;

/**
 * `error` as an error about the file that the user calls `name`, or about the one of `others` whose
 * absolute path it names. Bad usage, bugs, and errors that say what they are about pass unchanged.
 */
export function about(name: string, error: unknown, ...others: string[]): unknown {
  if (error instanceof LocatedError) return error;
  if (error instanceof HeaptapeError) {
    const { code, message, hint } = error;
    if (code === 'bad-usage') return error;
    for (const known of [name, ...others]) {
      if (message.startsWith(`${known}: `)) return new LocatedError(code, message, hint);
      const path = resolve(known);
      if (!message.startsWith(path)) continue;
      const what = message.slice(path.length).replace(/^(?:\.partial-\d+)?: /, '');
      return new LocatedError(code, `${known}: ${what}`, hint);
    }
    return new LocatedError(code, `${name}: ${message}`, hint);
  }
  const words = systemWords(error);
  return words === undefined ? error : new LocatedError('file-error', `${name}: ${words}`);
}

/** What Node has no words for. */
const WORDS: Readonly<Record<string, string>> = { '-122': 'disk quota exceeded' };

/** The operating system's words for a failed call, or undefined for any other error. */
function systemWords(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('syscall' in error)) return undefined;
  const { errno } = error;
  if (typeof errno !== 'number') return undefined;
  return getSystemErrorMap().get(errno)?.[1] ?? WORDS[errno] ?? `system error ${-errno}`;
}

/** Runs `task`, whose errors are about the file that the user calls `name`. */
export function inFile<T>(name: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw about(name, error);
  }
}

/** As `inFile`, for what takes time. */
export async function inFileLater<T>(name: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw about(name, error);
  }
}
