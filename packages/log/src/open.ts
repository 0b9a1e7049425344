/**
 * Opening a tape for writing: a new one, or one to be continued, by one writer at a time.
 *
 * Of several that make a new tape at once, each sees the others' partial files once its own is there,
 * and none goes on beside another: whoever finds one of a lower process id gives way, and who finds
 * higher ones waits for them to do so. One that is further along stays, and then the others are refused.
 */
import { closeSync, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { busy, claim, refuseIfContinued } from './claim.ts';
import { openForWriting, openReadOnly } from './connection.ts';
import { guarded } from './failure.ts';
import { requireTape, versionOf } from './header.ts';
import { FORMAT_VERSION, MIGRATIONS, type Migrations, migrate, PAGE_SIZE } from './layout.ts';
import type { Compression } from './pack.ts';
import {
  clearPartials,
  livingAuthors,
  partialPath,
  refuseIfMade,
  removeIfPossible,
} from './partial.ts';
import { openSegment, SELECT_LAST_SEGMENT, type Seal, type SegmentRow } from './rows.ts';
import { putSeal, readSeal } from './seal.ts';
import { requireTables } from './tables.ts';
import { FileTapeWriter } from './writer.ts';

export interface TapeWriterOptions {
  /** Continue the tape that is there instead of making a new one. Default false. */
  readonly appendTo?: boolean;
  /** Default `deflate`. */
  readonly compress?: Compression;
  /** `full` flushes every segment to disk at once; default `normal`. */
  readonly durability?: 'normal' | 'full';
}

/** Log pages after which SQLite moves the log into the file: 32 MiB. */
const CHECKPOINT_PAGES = 8192;

/** How often, and how long each time, ms, one waits for others that are about to give way. */
const TURNS = 40;
const TURN_MS = 25;

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function configure(db: Db, options: TapeWriterOptions): void {
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
}

/** The segment that the next one follows, if any. Throws `bad-data` when it is not whole. */
function lastSegment(path: string, db: Db): SegmentRow | undefined {
  const last = db.prepare<[], SegmentRow>(SELECT_LAST_SEGMENT).get();
  const problem = last === undefined ? undefined : openSegment(last);
  if (typeof problem !== 'string') return last;
  throw new HeaptapeError('bad-data', `${path}: cannot continue: the last segment: ${problem}`);
}

/** Throws unless `path` is a tape; it is not touched. */
function requireReadable(path: string, newest: number): void {
  guarded(path, 'cannot open the tape', () => {
    const db = openReadOnly(path, false, () => requireTape(path, newest));
    try {
      if (versionOf(db, path, newest) === FORMAT_VERSION) requireTables(db, path, false);
    } finally {
      db.close();
    }
  });
}

/** SQLite names the log after the file, so with several names there would be several logs. */
function refuseSeveralNames(path: string): void {
  const { nlink } = guarded(path, 'cannot open the tape', () => statSync(path));
  if (nlink === 1) return;
  throw new HeaptapeError(
    'file-error',
    `${path}: cannot continue the tape: the file has ${nlink} names (hard links)`,
    'continue a copy of it, or remove the other names',
  );
}

/** Continues the tape at `path`, whose version is brought up to the newest of `steps`. */
export function continueTape(
  path: string,
  options: TapeWriterOptions,
  steps: Migrations = MIGRATIONS,
): FileTapeWriter {
  requireReadable(path, steps.length);
  refuseSeveralNames(path);
  const db = guarded(path, 'cannot open the tape', () => openForWriting(path, true));
  let seal: Seal | undefined;
  let claimed = false;
  try {
    return guarded(path, 'cannot continue the tape', () => {
      let last: SegmentRow | undefined;
      claim(db, path, () => {
        refuseIfMade(path);
        seal = readSeal(db);
        last = lastSegment(path, db);
        const version = versionOf(db, path, steps.length);
        if (version < steps.length) {
          migrate(db, version, steps);
          seal = undefined;
        }
      });
      claimed = true;
      configure(db, options);
      return new FileTapeWriter(path, path, db, last, options.compress ?? 'deflate');
    });
  } catch (error) {
    if (claimed) unclaim(db, seal);
    db.close();
    throw error;
  }
}

/** Takes a claim back, as far as what went wrong permits it. */
function unclaim(db: Db, seal: Seal | undefined): void {
  try {
    db.transaction(() => putSeal(db, seal)).immediate();
  } catch {
    // The claim ends with the process; the seal is renewed by whoever continues the tape.
  }
}

/** Begins a new tape under its partial name, with this process as its writer. */
function begin(path: string, file: string, options: TapeWriterOptions): FileTapeWriter {
  let db: Db | undefined;
  reserve(path, file);
  try {
    return guarded(path, 'cannot write the tape', () => {
      const made = openForWriting(file, true);
      db = made;
      made.pragma(`page_size = ${PAGE_SIZE}`);
      migrate(made, 0);
      claim(made, path, () => undefined);
      configure(made, options);
      return new FileTapeWriter(path, file, made, undefined, options.compress ?? 'deflate');
    });
  } catch (error) {
    db?.close();
    removeIfPossible(file);
    throw error;
  }
}

/** Makes the empty file. If it is there, another thread of this process has just made it. */
function reserve(path: string, file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o644));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw busy(path, process.pid);
    }
    guarded(path, 'cannot write the tape', () => {
      throw error;
    });
  }
}

/** Waits for those who give way to this process. Throws `tape-busy` when one does not, or need not. */
function outlast(path: string): void {
  for (let turn = 0; ; turn += 1) {
    const [rival] = livingAuthors(path).sort((a, b) => a - b);
    if (rival === undefined) return;
    if (rival < process.pid || turn === TURNS) throw busy(path, rival);
    pause(TURN_MS);
  }
}

function createTape(path: string, options: TapeWriterOptions): FileTapeWriter {
  const existing = guarded(path, 'cannot write the tape', () => {
    return statSync(path, { throwIfNoEntry: false });
  });
  if (existing?.isDirectory()) {
    throw new HeaptapeError('file-error', `${path}: cannot write the tape: is a folder`);
  }
  clearPartials(path);
  guarded(path, 'cannot write the tape', () => refuseIfContinued(path));
  const writer = begin(path, partialPath(path, process.pid), options);
  try {
    outlast(path);
    guarded(path, 'cannot write the tape', () => refuseIfContinued(path));
    return writer;
  } catch (error) {
    try {
      writer.abort();
    } catch {
      // The next writer of that name removes it.
    }
    throw error;
  }
}

/** The file itself, where `path` is a symbolic link to one: it is the file that has a writer. */
function throughLinks(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch {
    return path;
  }
}

/**
 * Opens a tape for writing. Throws `tape-busy` while another writer is at it, and `file-error` when
 * it cannot be written; with `appendTo` also `bad-format` and `bad-version`.
 */
export function openTapeWriter(path: string, options: TapeWriterOptions = {}): FileTapeWriter {
  const absolute = throughLinks(resolve(path));
  return options.appendTo ? continueTape(absolute, options) : createTape(absolute, options);
}
