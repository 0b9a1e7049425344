/**
 * The temporary name under which a new tape is written: `NAME.partial-PID`, in the same folder, so
 * that giving it its final name is one atomic rename.
 *
 * A process that is killed leaves its partial file behind, with SQLite's `-wal` and `-shm` beside it.
 * `openTape` opens such a file and finds the events up to the last one committed. It stays until the
 * same tape is written anew: the new writer first removes the partial files of that very name whose
 * writers are dead, and is refused while one of them lives.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { busy, markOf } from './claim.ts';
import { guarded } from './failure.ts';
import { isRunning, startTimeOf } from './process.ts';

/** What SQLite keeps beside a database. */
const SIDES = ['-wal', '-shm', '-journal'];
const COPY = '-copy';

/** Start times are known to a second, and so are those of files on some disks. */
const CLOCK_SLACK_MS = 3000;

export const partialPath = (path: string, pid: number): string => `${path}.partial-${pid}`;

/** Where a tape that readers hold open is written once more; see `FileTapeWriter.close`. */
export const copyPath = (partial: string): string => partial + COPY;

/** Removes what SQLite keeps beside a database. */
export function removeSides(path: string): void {
  for (const side of SIDES) rmSync(path + side, { force: true });
}

/** Removes a database file and whatever is beside it. */
export function removeDatabase(path: string): void {
  for (const file of [path, copyPath(path)]) {
    rmSync(file, { force: true });
    removeSides(file);
  }
}

/** As `removeDatabase`, on the way out after an error, which is worth more than that of removing. */
export function removeIfPossible(path: string): void {
  try {
    removeDatabase(path);
  } catch {
    // The next writer of that name tries again.
  }
}

/** Processes, dead or alive, that left a partial file of `path` or something beside one. */
function authorsOf(path: string): Set<number> {
  const prefix = `${basename(path)}.partial-`;
  const names = guarded(path, 'cannot write the tape', () => readdirSync(dirname(path)));
  const pids = new Set<number>();
  for (const name of names) {
    const digits = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length)) : null;
    if (digits !== null) pids.add(Number(digits[0]));
  }
  return pids;
}

/**
 * Whether process `pid` is writing its partial file of `path`. One that bears no mark was begun a moment
 * ago, or its writer was killed just then and the process that has its number now is another, which
 * started later.
 */
function isWriting(path: string, pid: number): boolean {
  const file = partialPath(path, pid);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const mark = markOf(file);
  if (!isRunning(pid, mark?.started ?? '')) return false;
  const since = mark === undefined ? startTimeOf(pid) : undefined;
  return since === undefined || found.mtimeMs + CLOCK_SLACK_MS > since;
}

/** The living processes, except this one, that write a new tape of that name. */
export function livingAuthors(path: string): number[] {
  return [...authorsOf(path)].filter((pid) => pid !== process.pid && isWriting(path, pid));
}

/** Removes `path`'s partial files of dead writers. Throws `tape-busy` when a writer lives. */
export function clearPartials(path: string): void {
  for (const pid of authorsOf(path)) {
    const partial = join(dirname(path), basename(partialPath(path, pid)));
    if (isWriting(path, pid)) throw busy(path, pid);
    guarded(partial, 'cannot remove an abandoned tape', () => removeDatabase(partial));
  }
}

/** Removes the partial files of any file `path` whose writers were killed, as far as that is possible. */
export function removeAbandoned(path: string): void {
  try {
    for (const pid of authorsOf(path)) {
      if (!isWriting(path, pid)) removeIfPossible(partialPath(path, pid));
    }
  } catch (error) {
    // A folder that cannot be listed can perhaps be written to.
    if (!(error instanceof HeaptapeError)) throw error;
  }
}

/** Throws `tape-busy` when a process, this one included, writes a new tape of that name. */
export function refuseIfMade(path: string): void {
  for (const pid of authorsOf(path)) if (isWriting(path, pid)) throw busy(path, pid);
}
