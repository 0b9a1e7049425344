/**
 * From anything thrown to what the user reads: one line, perhaps a hint, and the exit status.
 *
 * 1. A `HeaptapeError` is the user's business: its message is the line. The packages below name
 *    files by absolute path, or not at all; `inFile` puts the name as it was typed in front.
 * 2. What the file system says about a file becomes a `HeaptapeError` with the system's own words.
 * 3. A `CommanderError` is about options and arguments.
 * 4. Anything else is a bug in heaptape, and says so. There is never a stack trace.
 */
import { resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { ERROR_CODES, HeaptapeError } from '@heaptape/schema';
import { CommanderError } from 'commander';

export interface Failure {
  readonly line: string;
  readonly hint: string | undefined;
  readonly status: number;
}

/** Exit status of an internal error, and of bad usage. */
const BAD = 2;
const REPORT = 'this is a bug in heaptape: please report this line, the command and the file';

/** First line of a text, so that a message stays one line. */
const firstLine = (text: string): string => text.trim().split(/\r?\n/, 1)[0] ?? '';

export function failureOf(error: unknown): Failure {
  if (error instanceof HeaptapeError) {
    return { line: firstLine(error.message), hint: error.hint, status: ERROR_CODES[error.code] };
  }
  if (error instanceof CommanderError) return usageFailure(error);
  const text = error instanceof Error ? firstLine(error.message) || error.name : String(error);
  return { line: `internal error: ${text}`, hint: REPORT, status: BAD };
}

function usageFailure(error: CommanderError): Failure {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  const hint =
    suggestion === '' ? '`heaptape VERB --help` lists arguments and options' : suggestion;
  return { line: firstLine(first), hint, status: error.exitCode === 0 ? 0 : BAD };
}

/** What is printed on stderr. */
export function failureText({ line, hint }: Failure): string {
  return `heaptape: ${line}\n${hint === undefined ? '' : `hint: ${hint}\n`}`;
}

/**
 * `error` as an error about the file that the user calls `name`; a bug passes unchanged, and so does
 * an error about one of the `others` that were in use at the time, but for its absolute path.
 */
export function about(name: string, error: unknown, ...others: string[]): unknown {
  if (error instanceof HeaptapeError) {
    const { code, message, hint } = error;
    if (code === 'bad-usage') return error;
    for (const known of [name, ...others]) {
      if (message.startsWith(`${known}: `)) return error;
      const path = resolve(known);
      if (!message.startsWith(path)) continue;
      const what = message.slice(path.length).replace(/^(?:\.partial-\d+)?: /, '');
      return new HeaptapeError(code, `${known}: ${what}`, hint);
    }
    return new HeaptapeError(code, `${name}: ${message}`, hint);
  }
  const words = systemWords(error);
  return words === undefined ? error : new HeaptapeError('file-error', `${name}: ${words}`);
}

/** The operating system's words for a failed call, or undefined for any other error. */
function systemWords(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('syscall' in error)) return undefined;
  return typeof error.errno === 'number' ? getSystemErrorMap().get(error.errno)?.[1] : undefined;
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
