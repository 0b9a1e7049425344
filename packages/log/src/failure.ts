/**
 * From what the file system and SQLite say to the errors that heaptape promises: one line, the path
 * first, and a hint that says what to do. Anything not listed here is a bug and passes unchanged.
 */
import { type ErrorCode, HeaptapeError } from '@heaptape/schema';

interface Meaning {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint?: string;
}

const FREE = 'free some space and try again';
const DISK = 'look at the disk, its quota and the system log, or write to another disk';

const FILE_MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'file-error', what: 'no such file or folder' },
  ENOTDIR: { code: 'file-error', what: 'a part of the path is not a folder' },
  EISDIR: { code: 'file-error', what: 'is a folder, not a tape' },
  EACCES: { code: 'file-error', what: 'permission denied' },
  EPERM: { code: 'file-error', what: 'operation not permitted' },
  EROFS: { code: 'file-error', what: 'the file system is read-only' },
  ENOSPC: { code: 'file-error', what: 'the disk is full', hint: FREE },
  EDQUOT: { code: 'file-error', what: 'the disk quota is used up', hint: FREE },
  EMFILE: { code: 'file-error', what: 'too many open files' },
  ENAMETOOLONG: { code: 'file-error', what: 'the name is too long' },
  EIO: { code: 'file-error', what: 'the disk reports an input/output error', hint: DISK },
};

/** By SQLite's primary result code; extended codes share its prefix. */
const SQLITE_MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_NOTADB: { code: 'bad-format', what: 'not a heaptape tape' },
  SQLITE_CORRUPT: {
    code: 'bad-data',
    what: 'the file is damaged',
    hint: '`heaptape check` says where; events before the damage can still be replayed',
  },
  SQLITE_FORMAT: { code: 'bad-data', what: 'the file is damaged' },
  SQLITE_BUSY: { code: 'tape-busy', what: 'another process is using this tape' },
  SQLITE_PROTOCOL: { code: 'tape-busy', what: 'other processes are using this tape' },
  SQLITE_LOCKED: { code: 'tape-busy', what: 'another writer is using this tape' },
  SQLITE_FULL: {
    code: 'file-error',
    what: 'the disk is full',
    hint: FREE,
  },
  SQLITE_IOERR: { code: 'file-error', what: 'the disk reports an input/output error', hint: DISK },
  SQLITE_CANTOPEN: {
    code: 'file-error',
    what: 'cannot be opened',
    hint: 'a tape that was not closed is read through files beside it: copy it to a folder you may write to',
  },
  SQLITE_READONLY: { code: 'file-error', what: 'the file or its folder is read-only' },
  SQLITE_PERM: { code: 'file-error', what: 'permission denied' },
  SQLITE_NOLFS: { code: 'file-error', what: 'the file system does not allow files this large' },
  SQLITE_TOOBIG: { code: 'too-large', what: 'a row is larger than SQLite allows' },
  /** Our own statements are right, so a table or column that they miss was lost from the file. */
  SQLITE_ERROR: { code: 'bad-data', what: 'the tables are not those of a tape' },
};

function meaningOf(code: string): Meaning | undefined {
  if (!code.startsWith('SQLITE_')) return FILE_MEANINGS[code];
  const primary = code.split('_').slice(0, 2).join('_');
  return SQLITE_MEANINGS[primary];
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Errors of the system that Node knows by number only. */
const NUMBERED: Readonly<Record<string, Meaning>> = {
  '-122': { code: 'file-error', what: 'the disk quota is used up', hint: FREE },
};

/** What another failed call of the system means: its number, so that it can be looked up. */
function systemMeaning(error: unknown): Meaning | undefined {
  if (!(error instanceof Error && 'errno' in error && 'syscall' in error)) return undefined;
  const { errno, syscall } = error;
  if (typeof errno !== 'number') return undefined;
  const what = `${String(syscall)} failed with system error ${Math.abs(errno)}`;
  return NUMBERED[errno] ?? { code: 'file-error', what };
}

/**
 * The promised error for what went wrong with `path`, or the error itself when it is one already or
 * is none of the file's. `doing` says what was being done, in a few words.
 */
export function failure(error: unknown, path: string, doing: string): unknown {
  if (error instanceof HeaptapeError) return error;
  const meaning = meaningOf(codeOf(error)) ?? systemMeaning(error);
  if (meaning === undefined) return error;
  return new HeaptapeError(meaning.code, `${path}: ${doing}: ${meaning.what}`, meaning.hint);
}

/** Runs `task`, turning what it throws into the promised error. */
export function guarded<T>(path: string, doing: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw failure(error, path, doing);
  }
}
