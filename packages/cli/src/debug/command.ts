/**
 * A command of the debugger, and how it is found by its name or the beginning of it.
 *
 * As in gdb: a name or alias that is typed in full wins, then a beginning that only one command has.
 */
import type { Journey } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import type { Session } from './session.ts';

export interface DebugCommand {
  readonly name: string;
  /** Other names; they win over abbreviations. */
  readonly aliases?: readonly string[];
  /** What goes behind the name. */
  readonly usage: string;
  /** A line of help, and what more there is to say. */
  readonly summary: string;
  readonly details?: string;
  /** An empty line does it again. */
  readonly repeats?: boolean;
  /** Does it, and says what is to be printed. `rest` is trimmed. What may take long is a journey. */
  run(session: Session, rest: string): string | Journey<string>;
  /** What could stand where the last word of `rest` is being typed. */
  complete?(session: Session, rest: string): readonly string[];
}

/** Commands that belong together in `help`. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly DebugCommand[];
}

export const usage = (problem: string, hint?: string): HeaptapeError =>
  new HeaptapeError('bad-usage', problem, hint);

/** One of `names` by its name or by the beginning of it that no other has. Throws `bad-usage`. */
export function chosen(names: readonly string[], word: string, what: string): string {
  if (names.includes(word)) return word;
  const possible = names.filter((name) => name.startsWith(word));
  if (possible.length === 1) return possible[0];
  if (possible.length === 0) throw usage(`there is no ${what} '${word}'`, names.join(', '));
  throw usage(`'${word}' may be ${possible.join(', ')}`);
}

/** The command that a word names. Throws `bad-usage`. */
export function commandOf(groups: readonly CommandGroup[], word: string): DebugCommand {
  const all = groups.flatMap(({ commands }) => commands);
  const known = all.find(({ name, aliases = [] }) => name === word || aliases.includes(word));
  if (known !== undefined) return known;
  const possible = all.filter(({ name }) => name.startsWith(word));
  if (possible.length === 1) return possible[0];
  if (possible.length === 0) throw usage(`there is no command '${word}'`, '`help` lists them');
  throw usage(`'${word}' may be ${possible.map(({ name }) => name).join(', ')}`);
}

/** The first word of a text, and what follows it. */
export function firstWord(text: string): [string, string] {
  const match = /^(\S*)\s*([\s\S]*)$/.exec(text.trim());
  return [match?.[1] ?? '', match?.[2] ?? ''];
}

/** A whole number from 1, or `otherwise` where there is no text. Throws `bad-usage`. */
export function countOf(text: string, otherwise = 1): number {
  if (text === '') return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw usage(`'${text}' is no count`);
}
