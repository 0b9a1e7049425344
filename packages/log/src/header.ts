/**
 * Is this file a tape, and of which version?
 *
 * 1. An open database answers with `application_id` and `user_version`. That counts: the header in the
 *    file may be that of a migration which was killed and is about to be taken back, or lack one that is
 *    still in the log.
 * 2. A file that SQLite does not open, or that is another database, is looked at byte by byte, so that a
 *    folder, an empty file and a picture each get their own clear line. Only then: closing a file takes
 *    away the locks that this process has on it, also those of a tape that it is reading or writing.
 *
 * SQLite's header keeps `user_version` at byte 60 and `application_id` at byte 68, big endian. The
 * writer sets both before it turns to write-ahead logging, so the main file always holds them.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { guarded } from './failure.ts';
import { APPLICATION_ID, FORMAT_VERSION } from './layout.ts';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  return guarded(path, 'cannot open the tape', () => {
    const file = openSync(path, 'r');
    try {
      return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
    } finally {
      closeSync(file);
    }
  });
}

function refuseForeign(path: string, id: number): void {
  if (id === APPLICATION_ID) return;
  throw new HeaptapeError(
    'bad-format',
    `${path}: an SQLite database, but not a heaptape tape (application_id 0x${id.toString(16)})`,
  );
}

function refuseUnknown(path: string, version: number, newest: number): void {
  if (version > 0 && version <= newest) return;
  throw new HeaptapeError(
    'bad-version',
    `${path}: tape format version ${version}; this release reads 1 to ${newest}`,
    'a newer release of heaptape may read it',
  );
}

/** Throws unless the bytes of `path` begin as those of a tape of version 1 to `newest`. */
export function requireTape(path: string, newest: number = FORMAT_VERSION): void {
  const header = readHeader(path);
  if (header.length === 0) {
    throw new HeaptapeError('bad-format', `${path}: not a heaptape tape: the file is empty`);
  }
  if (!MAGIC.startsWith(header.toString('latin1', 0, MAGIC.length))) {
    throw new HeaptapeError(
      'bad-format',
      `${path}: not a heaptape tape`,
      '`heaptape import` turns a Go trace, gctrace log or heap dump into a tape',
    );
  }
  if (header.length < HEADER_BYTES) {
    throw new HeaptapeError('bad-data', `${path}: the file ends after ${header.length} bytes`);
  }
  refuseForeign(path, header.readUInt32BE(68));
  refuseUnknown(path, header.readUInt32BE(60), newest);
}

/** The format version of an open database. Throws unless it is a tape of version 1 to `newest`. */
export function versionOf(db: Db, path: string, newest: number = FORMAT_VERSION): number {
  const id = Number(db.pragma('application_id', { simple: true })) >>> 0;
  if (id !== APPLICATION_ID) requireTape(path, newest);
  refuseForeign(path, id);
  const version = Number(db.pragma('user_version', { simple: true })) >>> 0;
  refuseUnknown(path, version, newest);
  return version;
}
