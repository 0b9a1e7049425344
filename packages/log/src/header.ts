/**
 * Is this file a tape? Answered from its first hundred bytes, before SQLite sees it, so that a
 * folder, an empty file, a picture and a tape of a later release each get their own clear line.
 *
 * SQLite's header keeps `user_version` at byte 60 and `application_id` at byte 68, big endian. The
 * writer sets both before it turns to write-ahead logging, so the main file always holds them.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';
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

/** Throws unless `path` is a tape of a version that this release reads. Returns the version. */
export function requireTape(path: string): number {
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
  const id = header.readUInt32BE(68);
  if (id !== APPLICATION_ID) {
    throw new HeaptapeError(
      'bad-format',
      `${path}: an SQLite database, but not a heaptape tape (application_id 0x${id.toString(16)})`,
    );
  }
  const version = header.readUInt32BE(60);
  if (version > FORMAT_VERSION || version === 0) {
    throw new HeaptapeError(
      'bad-version',
      `${path}: tape format version ${version}; this release reads 1 to ${FORMAT_VERSION}`,
      'a newer release of heaptape may read it',
    );
  }
  return version;
}
