/**
 * Opening tapes by the name that the user typed.
 *
 * A damaged tape can still be read up to the damage. So where a verb needs the events up to a number
 * only, a tape whose index ends early will do as long as that number is within what is left.
 */
import { type FileTapeReader, openTape } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import { about } from '../failure.ts';

/** Runs `task` with an open tape, whose errors name the file. */
export async function withTape<T>(
  path: string,
  task: (reader: FileTapeReader) => T | Promise<T>,
  options: { readonly allowDamaged?: boolean } = {},
): Promise<T> {
  if (path === '-') {
    throw new HeaptapeError(
      'bad-usage',
      'a tape cannot be read from standard input: it is a database',
      'save it to a file first',
    );
  }
  let reader: FileTapeReader | undefined;
  try {
    reader = openTape(path, options);
    return await task(reader);
  } catch (error) {
    throw about(path, error);
  } finally {
    reader?.close();
  }
}

/** Whether a position is a plain event number, for which the beginning of a tape is enough. */
export const isEventNumber = (position: string): boolean => /^\d+$/.test(position);

/** Throws the tape's damage when `position` lies beyond what is left of it. */
export function requireEvents(reader: FileTapeReader, position: string): void {
  const { damage, events } = reader;
  if (damage !== undefined && !(isEventNumber(position) && Number(position) <= events))
    throw damage;
}
