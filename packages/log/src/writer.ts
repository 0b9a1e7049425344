/**
 * Writing a tape file.
 *
 * 1. A new tape is written under a temporary name (see `partial.ts`) and gets its final one when it
 *    is closed: sealed, folded into a single file, flushed to disk, renamed. So a file under its
 *    final name is whole. A reader that has the temporary file open keeps it from becoming a single
 *    one; then a copy is made, which is. `abort` removes the temporary file.
 * 2. With `appendTo` an existing tape is continued in place. Its seal is broken first and renewed by
 *    `close`. `abort` keeps what was appended, unsealed.
 * 3. Each segment, snapshot and document is one transaction in SQLite's write-ahead log. Killed at
 *    any instant, the file opens and holds a prefix of what was written. After a power failure that
 *    holds too, but with `durability: 'normal'` the prefix may lack the last segments.
 * 4. When the disk is full or fails, the call throws `file-error`, its transaction is undone, and
 *    what was written before stays readable; the caller goes on with `close` or `abort`.
 */
import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  assert,
  type EventBatch,
  SegmentCodec,
  type StoredSnapshot,
  type TapeWriter,
} from '@heaptape/schema';
import type { Database as Db, Statement } from 'better-sqlite3';
import { checkpoint, leaveLog } from './connection.ts';
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
import { encodeManifest } from './manifest.ts';
import { type Compression, pack, SegmentPacker } from './pack.ts';
import { copyPath, removeDatabase, removeIfPossible } from './partial.ts';
import { standAlone } from './replace.ts';
import type { SegmentRow } from './rows.ts';
import { writeSeal } from './seal.ts';

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
  /** The file that gets the final name: `file`, or a copy of it. */
  #whole: string;

  /** Takes over `db`, which is claimed and ends with segment `last`. Use `openTapeWriter`. */
  constructor(
    path: string,
    file: string,
    db: Db,
    last: SegmentRow | undefined,
    compress: Compression,
  ) {
    this.path = path;
    this.file = file;
    this.#whole = file;
    this.#named = file === path;
    this.#db = db;
    this.#compress = compress;
    this.#packer = new SegmentPacker(compress);
    this.#segment = db.prepare(INSERT_SEGMENT);
    this.#chunk = db.prepare(INSERT_CHUNK);
    this.#snapshot = db.prepare(INSERT_SNAPSHOT);
    this.#document = db.prepare(INSERT_DOCUMENT);
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
      }
      if (this.#named) return;
      flush(this.#whole);
      standAlone(this.path);
      renameSync(this.#whole, this.path);
      this.#named = true;
      flush(dirname(this.path));
    });
    if (this.#whole !== this.file) removeIfPossible(this.file);
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

  /**
   * Moves the log into the file and closes. Readers may keep an existing tape from leaving its log: the
   * two are whole together. A new one must stand alone, because only one file can be renamed.
   */
  #finish(): void {
    this.#db.pragma('synchronous = FULL');
    const alone = checkpoint(this.#db) && leaveLog(this.#db);
    if (!(alone || this.#named)) this.#copy();
    this.#open = false;
    this.#db.close();
  }

  #copy(): void {
    const copy = copyPath(this.file);
    removeDatabase(copy);
    this.#db.prepare('VACUUM INTO ?').run(copy);
    this.#whole = copy;
  }
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
