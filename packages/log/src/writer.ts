/**
 * Writing a tape file.
 *
 * 1. A new tape is written under a temporary name (see `partial.ts`) and gets its final one when it
 *    is closed: sealed, folded into a single file, flushed to disk, renamed. So a file under its
 *    final name is whole. `abort` removes the temporary file.
 * 2. With `appendTo` an existing tape is continued in place. Its seal is broken first and renewed by
 *    `close`. `abort` keeps what was appended, unsealed.
 * 3. Each segment, snapshot and document is one transaction in SQLite's write-ahead log. Killed at
 *    any instant, the file opens and holds a prefix of what was written. After a power failure that
 *    holds too, but with `durability: 'normal'` the prefix may lack the last segments.
 * 4. When the disk is full or fails, the call throws `file-error`, its transaction is undone, and
 *    what was written before stays readable; the caller goes on with `close` or `abort`.
 */
import { closeSync, fsyncSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  assert,
  type EventBatch,
  HeaptapeError,
  SegmentCodec,
  type StoredSnapshot,
  type TapeWriter,
} from '@heaptape/schema';
import type { Database as Db, Statement } from 'better-sqlite3';
import { claim, markOf, refuseIfRunning } from './claim.ts';
import { openForWriting, sqliteCode } from './connection.ts';
import {
  chainStart,
  chunkHash,
  documentHash,
  segmentCrc,
  segmentHash,
  snapshotHash,
} from './digest.ts';
import { expectSegment, expectSnapshot, jsonOf } from './expect.ts';
import { guarded } from './failure.ts';
import { requireTape } from './header.ts';
import { FORMAT_VERSION, migrate, PAGE_SIZE } from './layout.ts';
import { encodeManifest } from './manifest.ts';
import { type Compression, pack, SegmentPacker } from './pack.ts';
import { clearPartials, partialPath, removeDatabase, removeIfPossible } from './partial.ts';
import { openSegment, SELECT_LAST_SEGMENT, type SegmentRow } from './rows.ts';
import { writeSeal } from './seal.ts';
import { requireTables } from './tables.ts';

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

const INSERT_SEGMENT = `INSERT INTO segment (first_seq, count, first_ordinal, end_time_ns,
  state_hash, codec, soft_size, hard_size, hash, crc, soft, hard)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_CHUNK = 'INSERT OR IGNORE INTO chunk (hash, codec, size, data) VALUES (?, ?, ?, ?)';
const INSERT_SNAPSHOT = `INSERT OR REPLACE INTO snapshot (seq, codec, size, hash, control, manifest)
  VALUES (?, ?, ?, ?, ?, ?)`;
const INSERT_DOCUMENT = 'INSERT OR REPLACE INTO document (name, hash, json) VALUES (?, ?, ?)';

export class FileTapeWriter implements TapeWriter {
  /** The tape's final name, absolute. */
  readonly path: string;
  /** The file being written: `path` itself when an existing tape is continued. */
  readonly file: string;
  readonly #db: Db;
  readonly #compress: Compression;
  readonly #codec = new SegmentCodec();
  readonly #packer: SegmentPacker;
  readonly #segment: Statement;
  readonly #chunk: Statement;
  readonly #snapshot: Statement;
  readonly #document: Statement;
  #chain: Buffer;
  #events: number;
  #open = true;
  /** The file has its final name. */
  #named: boolean;

  /** Takes over `db`, which is claimed. Use `openTapeWriter`. */
  constructor(path: string, file: string, db: Db, compress: Compression) {
    this.path = path;
    this.file = file;
    this.#named = file === path;
    this.#db = db;
    this.#compress = compress;
    this.#packer = new SegmentPacker(compress);
    this.#segment = db.prepare(INSERT_SEGMENT);
    this.#chunk = db.prepare(INSERT_CHUNK);
    this.#snapshot = db.prepare(INSERT_SNAPSHOT);
    this.#document = db.prepare(INSERT_DOCUMENT);
    const last = lastSegment(path, db);
    this.#events = last === undefined ? 0 : last.firstSeq + last.count - 1;
    this.#chain = last === undefined ? chainStart() : last.hash;
  }

  get events(): number {
    return this.#events;
  }

  append(batch: EventBatch, stateHash: string, endTimeNs: number): void {
    assert(this.#open, 'append to a tape that is closed');
    expectSegment(this.#events, batch, stateHash, endTimeNs);
    const { soft, hard } = this.#codec.encode(batch);
    const { firstSeq, count, firstOrdinal } = batch;
    const softSize = soft.length;
    const hardSize = hard.length;
    const head = { firstSeq, count, firstOrdinal, endTimeNs, stateHash, softSize, hardSize };
    const hash = segmentHash(this.#chain, head, soft, hard);
    const packed = this.#packer.pack(soft);
    const crc = segmentCrc(head, packed.codec, hash, packed.data, hard);
    guarded(this.file, 'cannot write events', () => {
      this.#segment.run(
        firstSeq,
        count,
        firstOrdinal,
        endTimeNs,
        stateHash,
        packed.codec,
        softSize,
        hardSize,
        hash,
        crc,
        packed.data,
        hard,
      );
    });
    this.#chain = hash;
    this.#events += count;
  }

  putSnapshot(snapshot: StoredSnapshot): void {
    assert(this.#open, 'snapshot in a tape that is closed');
    expectSnapshot(this.#events, snapshot);
    const names = Object.keys(snapshot.columns).sort();
    const control = pack(snapshot.control, this.#compress);
    const store = this.#db.transaction(() => {
      const columns = names.map((name) => ({
        name,
        hashes: snapshot.columns[name].map((chunk) => this.#putChunk(chunk)),
      }));
      const manifest = encodeManifest(columns);
      const hash = snapshotHash(snapshot.seq, snapshot.control, manifest);
      const size = snapshot.control.length;
      this.#snapshot.run(snapshot.seq, control.codec, size, hash, control.data, manifest);
    });
    guarded(this.file, 'cannot write a snapshot', () => store.immediate());
  }

  #putChunk(content: Uint8Array): Uint8Array {
    const hash = chunkHash(content);
    const packed = pack(content, this.#compress);
    this.#chunk.run(hash, packed.codec, content.length, packed.data);
    return hash;
  }

  putDocument(name: string, value: unknown): void {
    assert(this.#open, 'document in a tape that is closed');
    const json = jsonOf(name, value);
    const hash = documentHash(Buffer.from(name), Buffer.from(json));
    guarded(this.file, 'cannot write a document', () => this.#document.run(name, hash, json));
  }

  /** Seals the tape, makes it a single file and gives it its final name. Once it failed, try again or abort. */
  close(): void {
    guarded(this.file, 'cannot close the tape', () => {
      if (this.#open) {
        writeSeal(this.#db);
        this.#finish();
        flush(this.file);
      }
      if (this.#named) return;
      renameSync(this.file, this.path);
      this.#named = true;
      flush(dirname(this.path));
    });
  }

  /** Gives up: a new tape's temporary file is removed; a continued tape stays, unsealed. */
  abort(): void {
    if (!this.#named) {
      this.#open = false;
      this.#db.close();
      guarded(this.file, 'cannot remove the tape', () => removeDatabase(this.file));
      return;
    }
    if (!this.#open) return;
    guarded(this.file, 'cannot give up the tape', () => {
      this.#db.prepare('DELETE FROM writer').run();
      this.#finish();
    });
  }

  /** Moves the log into the file and closes. A reader may keep the tape from leaving WAL mode. */
  #finish(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    try {
      this.#db.pragma('journal_mode = DELETE');
    } catch (error) {
      if (sqliteCode(error) !== 'SQLITE_BUSY') throw error;
    }
    this.#open = false;
    this.#db.close();
  }
}

/** The segment that the next one follows, if any. Throws `bad-data` when it is not whole. */
function lastSegment(path: string, db: Db): SegmentRow | undefined {
  const last = db.prepare<[], SegmentRow>(SELECT_LAST_SEGMENT).get();
  const problem = last === undefined ? undefined : openSegment(last);
  if (typeof problem !== 'string') return last;
  throw new HeaptapeError('bad-data', `${path}: cannot continue: the last segment: ${problem}`);
}

/** Flushes a file, or a folder's list of names, to disk. */
function flush(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function configure(db: Db, options: TapeWriterOptions): void {
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
}

function continueTape(path: string, options: TapeWriterOptions): FileTapeWriter {
  const version = requireTape(path);
  const db = guarded(path, 'cannot open the tape', () => {
    return openForWriting(path, true);
  });
  try {
    return guarded(path, 'cannot continue the tape', () => {
      if (version < FORMAT_VERSION) migrate(db, version);
      requireTables(db, path, false);
      claim(db, path);
      configure(db, options);
      return new FileTapeWriter(path, path, db, options.compress ?? 'deflate');
    });
  } catch (error) {
    db.close();
    throw error;
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
  if (existing?.isFile()) refuseIfRunning(path, markOf(path));
  const file = partialPath(path, process.pid);
  let db: Db | undefined;
  try {
    return guarded(path, 'cannot write the tape', () => {
      db = openForWriting(file, false);
      db.pragma(`page_size = ${PAGE_SIZE}`);
      migrate(db, 0);
      claim(db, path);
      configure(db, options);
      return new FileTapeWriter(path, file, db, options.compress ?? 'deflate');
    });
  } catch (error) {
    db?.close();
    removeIfPossible(file);
    throw error;
  }
}

/**
 * Opens a tape for writing. Throws `tape-busy` while another writer is at it, and `file-error` when
 * it cannot be written; with `appendTo` also `bad-format` and `bad-version`.
 */
export function openTapeWriter(path: string, options: TapeWriterOptions = {}): FileTapeWriter {
  const absolute = resolve(path);
  return options.appendTo ? continueTape(absolute, options) : createTape(absolute, options);
}
