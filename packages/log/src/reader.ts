/**
 * Reading a tape file, closed or still being written.
 *
 * Opening reads the index only: where each segment begins, not what is in it. A segment's checksum
 * is verified when it is read, so damage is a `bad-data` error that names the segment and its
 * events, and all segments before it can still be read. A file that was cut short is refused, unless
 * `allowDamaged` asks for what is left of it: then the segments that can be reached are there, and
 * `damage` says why there are no more.
 */
import { resolve } from 'node:path';
import {
  type EncodedSegment,
  type EventBatch,
  HeaptapeError,
  SegmentCodec,
  type SegmentInfo,
  type StoredSnapshot,
  type TapeReader,
} from '@heaptape/schema';
import type { Database as Db, Statement } from 'better-sqlite3';
import { type CheckOptions, type CheckReport, checkTape } from './check.ts';
import { openReadOnly, sqliteCode } from './connection.ts';
import { chunkHash, documentHash, snapshotHash } from './digest.ts';
import { failure, guarded } from './failure.ts';
import { requireTape, versionOf } from './header.ts';
import { decodeManifest } from './manifest.ts';
import { unpack } from './pack.ts';
import { IN_MEMORY, IN_TIME, MOST_CONTROL, requireProportion } from './proportion.ts';
import {
  CHUNK,
  type ChunkRow,
  DOCUMENT,
  type DocumentRow,
  type IndexRow,
  isSound,
  openSegment,
  SELECT_CHUNK,
  SELECT_DOCUMENT,
  SELECT_INDEX,
  SELECT_SEGMENT,
  SELECT_SNAPSHOT,
  type SegmentRow,
  SNAPSHOT,
  type SnapshotRow,
} from './rows.ts';
import { readSeal } from './seal.ts';
import { type SqlOptions, type SqlResult, SqlSession } from './sql.ts';
import { requireTables } from './tables.ts';

export interface TapeOptions {
  /** Open a damaged file for what can be reached in it. Default false: throw `bad-data`. */
  readonly allowDamaged?: boolean;
}

const CHECK_HINT = '`heaptape check` lists the damage; events before it can still be replayed';

export class FileTapeReader implements TapeReader {
  /** Absolute. */
  readonly path: string;
  /** Why the index ends early, or undefined. Only with `allowDamaged`. */
  damage: HeaptapeError | undefined;
  readonly #db: Db;
  readonly #codec = new SegmentCodec();
  readonly #index: Statement<[number], IndexRow>;
  readonly #segment: Statement<[number], SegmentRow>;
  readonly #chunk: Statement<[Uint8Array], ChunkRow>;
  readonly #snapshot: Statement<[number], SnapshotRow>;
  readonly #document: Statement<[string], DocumentRow>;
  readonly #segments: SegmentInfo[] = [];
  #snapshots: number[] = [];
  /** What the segments expand to, bytes. */
  #bytes = 0;
  #closed = false;
  #sql: SqlSession | undefined;

  /** Takes over `db`. Use `openTape`. */
  constructor(path: string, db: Db, allowDamaged: boolean) {
    this.path = path;
    this.#db = db;
    this.#index = db.prepare(SELECT_INDEX);
    this.#segment = db.prepare(SELECT_SEGMENT);
    this.#chunk = db.prepare(SELECT_CHUNK);
    this.#snapshot = db.prepare(SELECT_SNAPSHOT);
    this.#document = db.prepare(SELECT_DOCUMENT);
    try {
      this.refresh();
    } catch (error) {
      if (!allowDamaged || !(error instanceof HeaptapeError)) throw error;
      this.damage = error;
    }
  }

  get events(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.firstSeq + last.count - 1;
  }

  get segments(): readonly SegmentInfo[] {
    return this.#segments;
  }

  get snapshots(): readonly number[] {
    return this.#snapshots;
  }

  /** False while the tape is being written, and for ever when its writer was killed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Takes in what a writer has added since. Returns whether there is more now. */
  refresh(): boolean {
    const before = this.events;
    this.#atOneInstant('cannot read the index', () => {
      this.#closed = readSeal(this.#db) !== undefined;
      for (const { bytes, ...info } of this.#index.iterate(before + 1)) {
        const problem = problemOf(info, this.events);
        if (problem !== undefined) {
          throw new HeaptapeError('bad-data', `${this.path}: ${problem}`, CHECK_HINT);
        }
        this.#segments.push(info);
        this.#bytes += bytes;
      }
      requireProportion(this.path, 'the segments expand', this.#bytes, IN_TIME);
      this.#snapshots = this.#db
        .prepare<[], number>('SELECT seq FROM snapshot ORDER BY seq')
        .pluck()
        .all();
    });
    return this.events > before;
  }

  /** Runs `task` on one state of the file, whatever a writer does meanwhile. */
  #atOneInstant<T>(doing: string, task: () => T): T {
    return guarded(this.path, doing, () => {
      this.#db.exec('BEGIN');
      try {
        return task();
      } finally {
        endReading(this.#db);
      }
    });
  }

  readSegment(index: number, batch: EventBatch): void {
    const encoded = this.encodedSegment(index);
    const info = this.#segments[index];
    try {
      this.#codec.decode(encoded, batch);
    } catch (error) {
      if (!(error instanceof HeaptapeError)) throw error;
      throw this.#bad(`${nameOf(index, info)} is damaged`, error.message);
    }
    if (batch.count !== info.count || batch.firstSeq !== info.firstSeq) {
      throw this.#bad(`${nameOf(index, info)} is damaged`, 'its content is of other events');
    }
  }

  /** Segment `index` as the codec reads it, its checksum verified: for readers in another place. */
  encodedSegment(index: number): EncodedSegment {
    const info = this.#segments[index];
    if (info === undefined) {
      throw new HeaptapeError('not-found', `${this.path}: there is no segment ${index}`);
    }
    const row = guarded(this.path, `cannot read ${nameOf(index, info)}`, () => {
      return this.#segment.get(info.firstSeq);
    });
    const encoded = row === undefined ? 'it is missing' : openSegment(row);
    if (typeof encoded === 'string') throw this.#bad(`${nameOf(index, info)} is damaged`, encoded);
    return encoded;
  }

  readSnapshot(seq: number): StoredSnapshot {
    const row = guarded(this.path, `cannot read the snapshot at event ${seq}`, () => {
      return this.#snapshot.get(seq);
    });
    if (row === undefined) {
      throw new HeaptapeError('not-found', `${this.path}: there is no snapshot at event ${seq}`);
    }
    const sound = isSound(row, SNAPSHOT) && row.size <= MOST_CONTROL;
    const control = sound ? unpack(row.codec, row.control, row.size) : undefined;
    if (
      control === undefined ||
      Buffer.compare(snapshotHash(seq, control, row.manifest), row.hash) !== 0
    ) {
      throw this.#bad(`the snapshot at event ${seq} is damaged`, 'its hash does not match');
    }
    const chunks = new Map<string, Uint8Array>();
    const columns: Record<string, Uint8Array[]> = {};
    let bytes = 0;
    for (const { name, hashes } of decodeManifest(row.manifest)) {
      columns[name] = hashes.map((hash) => {
        const chunk = this.#readChunk(hash, chunks);
        bytes += chunk.length;
        requireProportion(this.path, `the snapshot at event ${seq} expands`, bytes, IN_MEMORY);
        return chunk;
      });
    }
    return { seq, control, columns };
  }

  /** Equal chunks of one snapshot are one array. */
  #readChunk(hash: Uint8Array, known: Map<string, Uint8Array>): Uint8Array {
    const key = Buffer.from(hash).toString('latin1');
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const row = guarded(this.path, 'cannot read a chunk', () => this.#chunk.get(hash));
    const sound = row !== undefined && isSound(row, CHUNK);
    const content = sound ? unpack(row.codec, row.data, row.size) : undefined;
    if (content === undefined || Buffer.compare(chunkHash(content), hash) !== 0) {
      const name = Buffer.from(hash).toString('hex', 0, 8);
      throw this.#bad(`chunk ${name} is damaged`, 'it is missing or its hash does not match');
    }
    known.set(key, content);
    return content;
  }

  document(name: string): unknown {
    const row = guarded(this.path, `cannot read document ${name}`, () => this.#document.get(name));
    if (row === undefined) return undefined;
    if (
      !isSound(row, DOCUMENT) ||
      Buffer.compare(documentHash(row.name, row.json), row.hash) !== 0
    ) {
      throw this.#bad(`document ${name} is damaged`, 'its hash does not match');
    }
    try {
      return JSON.parse(row.json.toString());
    } catch {
      throw this.#bad(`document ${name} is damaged`, 'it is not JSON');
    }
  }

  /** Examines the whole file. Never throws for what is wrong with the tape. */
  check(options: CheckOptions = {}): CheckReport {
    return this.#atOneInstant('cannot check the tape', () => {
      return checkTape(this.path, this.#db, this, options);
    });
  }

  /**
   * Adds a table to `sql`. `rows` runs at each query and may be left early; numbers, strings,
   * booleans, bytes and null are values, undefined is NULL.
   */
  registerTable(
    name: string,
    columns: readonly string[],
    rows: () => Iterable<readonly unknown[]>,
  ): void {
    this.#session().register(name, columns, rows);
  }

  /** Runs one read-only query. Throws `bad-usage` for any other statement. */
  sql(query: string, options: SqlOptions = {}): SqlResult {
    return this.#session().run(query, options);
  }

  #session(): SqlSession {
    this.#sql ??= guarded(this.path, 'cannot open the tape', () => new SqlSession(this));
    return this.#sql;
  }

  close(): void {
    this.#sql?.close();
    this.#db.close();
  }

  #bad(what: string, why: string): HeaptapeError {
    return new HeaptapeError('bad-data', `${this.path}: ${what}: ${why}`, CHECK_HINT);
  }
}

/** What is wrong with the file has been met by then, or is not needed. */
function endReading(db: Db): void {
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
  } catch (error) {
    if (sqliteCode(error) === '') throw error;
  }
}

const nameOf = (index: number, { firstSeq, count }: SegmentInfo): string =>
  `segment ${index} (events ${firstSeq} to ${firstSeq + count - 1})`;

function problemOf(info: SegmentInfo, events: number): string | undefined {
  const { firstSeq, count, firstOrdinal, endTimeNs, stateHash } = info;
  if (firstSeq !== events + 1) return `the events from ${events + 1} on are missing`;
  const sound =
    [count, firstOrdinal, endTimeNs].every((value) => Number.isSafeInteger(value)) &&
    count > 0 &&
    firstOrdinal > 0 &&
    endTimeNs >= 0 &&
    /^[0-9a-f]{16}$/.test(stateHash);
  return sound ? undefined : `the index entry of event ${firstSeq} is damaged`;
}

/**
 * Opens a tape for reading, also while another process writes it. Throws `file-error`, `bad-format`
 * for a file that is no tape, `bad-version` for one of a later release, and `bad-data`.
 */
export function openTape(path: string, options: TapeOptions = {}): FileTapeReader {
  const absolute = resolve(path);
  const allowDamaged = options.allowDamaged ?? false;
  let db: Db | undefined;
  try {
    db = openReadOnly(absolute, allowDamaged, () => requireTape(absolute));
    versionOf(db, absolute);
    requireTables(db, absolute, allowDamaged);
    return new FileTapeReader(absolute, db, allowDamaged);
  } catch (error) {
    db?.close();
    throw failure(error, absolute, 'cannot open the tape');
  }
}
