/**
 * The temporary name under which a new tape is written: `NAME.partial-PID`, in the same folder, so
 * that giving it its final name is one atomic rename.
 *
 * A process that is killed leaves its partial file behind, with SQLite's `-wal` and `-shm` beside it.
 * `openTape` opens such a file and finds the events up to the last one committed. It stays until the
 * same tape is written anew: the new writer first removes the partial files of that very name whose
 * writers are dead, and is refused while one of them lives.
 */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { markOf } from './claim.ts';
import { guarded } from './failure.ts';
import { isRunning } from './process.ts';

const SUFFIXES = ['', '-wal', '-shm', '-journal'];

export const partialPath = (path: string, pid: number): string => `${path}.partial-${pid}`;

/** Removes a database file and whatever SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}

/** As `removeDatabase`, on the way out after an error, which is worth more than that of removing. */
export function removeIfPossible(path: string): void {
  try {
    removeDatabase(path);
  } catch {
    // The next writer of that name tries again.
  }
}

/** Removes `path`'s partial files of dead writers. Throws `tape-busy` when a writer lives. */
export function clearPartials(path: string): void {
  const prefix = `${basename(path)}.partial-`;
  const folder = dirname(path);
  const names = guarded(path, 'cannot write the tape', () => readdirSync(folder));
  const pids = new Set<number>();
  for (const name of names) {
    const digits = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length)) : null;
    if (digits !== null) pids.add(Number(digits[0]));
  }
  for (const pid of pids) {
    const partial = join(folder, prefix + pid);
    if (isRunning(pid, markOf(partial)?.started ?? '')) {
      throw new HeaptapeError('tape-busy', `${path}: process ${pid} is writing this tape`);
    }
    guarded(partial, 'cannot remove an abandoned tape', () => removeDatabase(partial));
  }
}
