/**
 * Is the file what was written? Everything that can be told from the file alone:
 *
 * 1. SQLite's own structure (`PRAGMA integrity_check`) and the tables of this format version;
 * 2. every segment: checksum, content, place in sequence, ordinals and time, link in the hash chain;
 * 3. every chunk, snapshot and document against its hash, and that no snapshot lacks a chunk;
 * 4. the seal over all of them: nothing was lost or added, and the tape was closed.
 *
 * Whether snapshots agree with the events is for those who can replay: they pass `onSnapshot`.
 */
import {
  ALLOCATES,
  EventBatch,
  HeaptapeError,
  SegmentCodec,
  type StoredSnapshot,
  type TapeReader,
} from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { chainStart, chunkHash, documentHash, sealHash, segmentHash } from './digest.ts';
import { failure } from './failure.ts';
import { expectedSchema } from './layout.ts';
import { unpack } from './pack.ts';
import { IN_TIME, requireProportion } from './proportion.ts';
import {
  CHUNK,
  type ChunkRow,
  DOCUMENT,
  type DocumentRow,
  isSound,
  openSegment,
  SEAL,
  SEGMENT,
  SELECT_CHUNKS,
  SELECT_DOCUMENTS,
  SELECT_INDEX,
  SELECT_SEGMENT,
  type SegmentRow,
} from './rows.ts';
import { readSeal, sealContent } from './seal.ts';

export interface CheckOptions {
  /** Compares a snapshot with the state that the events lead to; returns what is wrong, if anything. */
  readonly onSnapshot?: (snapshot: StoredSnapshot) => string | undefined;
}

export interface CheckReport {
  readonly ok: boolean;
  /** One line each; empty when `ok`. */
  readonly problems: readonly string[];
}

/** Problems listed before the rest is only counted. */
const MAX_PROBLEMS = 100;

class Findings {
  readonly lines: string[] = [];
  #more = 0;

  add(problem: string): void {
    if (this.lines.length < MAX_PROBLEMS) this.lines.push(problem);
    else this.#more += 1;
  }

  /** Runs one part of the check; an unreadable file is a finding, not an end. */
  part(path: string, name: string, task: () => void): void {
    try {
      task();
    } catch (error) {
      const known = failure(error, path, name);
      if (!(known instanceof HeaptapeError)) throw error;
      this.add(known.message);
    }
  }

  report(): CheckReport {
    const problems = this.#more > 0 ? [...this.lines, `and ${this.#more} more`] : this.lines;
    return { ok: problems.length === 0, problems };
  }
}

function checkStructure(db: Db, found: Findings): void {
  const lines = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  for (const line of lines) if (line !== 'ok') found.add(`SQLite: ${line}`);
  const expected = expectedSchema();
  const actual = db
    .prepare<[], { name: string; sql: string }>(
      'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL',
    )
    .all();
  for (const { name, sql } of actual) {
    if (expected.get(name) !== sql) found.add(`table ${name} is not that of a tape`);
    expected.delete(name);
  }
  for (const name of expected.keys()) found.add(`table ${name} is missing`);
}

/** Walks the chain of segments, remembering what the next one must continue. */
class ChainCheck {
  readonly #codec = new SegmentCodec();
  readonly #batch = new EventBatch();
  readonly #found: Findings;
  #chain: Uint8Array = chainStart();
  #nextSeq = 1;
  #nextOrdinal = 1;
  #time = 0;

  constructor(found: Findings) {
    this.#found = found;
  }

  segment(row: SegmentRow): void {
    const name = `segment at event ${row.firstSeq}`;
    if (row.firstSeq !== this.#nextSeq) this.#found.add(`${name}: does not follow the one before`);
    const before = this.#found.lines.length;
    const encoded = openSegment(row);
    if (typeof encoded === 'string') this.#found.add(`${name}: ${encoded}`);
    else {
      const hash = segmentHash(this.#chain, row, encoded.soft, encoded.hard);
      if (Buffer.compare(hash, row.hash) !== 0) this.#found.add(`${name}: breaks the hash chain`);
      this.#codec.decode(encoded, this.#batch);
      this.#content(row, name);
    }
    if (this.#found.lines.length > before) this.#nextOrdinal = -1;
    if (typeof encoded === 'string' && !isSound(row, SEGMENT)) return;
    this.#chain = row.hash;
    this.#nextSeq = row.firstSeq + row.count;
    this.#time = row.endTimeNs;
  }

  #content(row: SegmentRow, name: string): void {
    const { kinds, count, firstSeq, firstOrdinal } = this.#batch;
    const same =
      count === row.count && firstSeq === row.firstSeq && firstOrdinal === row.firstOrdinal;
    if (!same) this.#found.add(`${name}: its content is of other events`);
    if (this.#nextOrdinal >= 0 && firstOrdinal !== this.#nextOrdinal) {
      this.#found.add(`${name}: its first ordinal is not the next one`);
    }
    if (row.endTimeNs < this.#time) this.#found.add(`${name}: ends before the one before it`);
    let ordinal = firstOrdinal;
    for (let i = 0; i < count; i += 1) ordinal += ALLOCATES[kinds[i]];
    this.#nextOrdinal = ordinal;
  }
}

function checkSegments(path: string, db: Db, found: Findings): void {
  const chain = new ChainCheck(found);
  const select = db.prepare<[number], SegmentRow>(SELECT_SEGMENT);
  for (const seq of db.prepare<[number], number>(SELECT_INDEX).pluck().all(0)) {
    found.part(path, `segment at event ${seq}`, () => {
      const row = select.get(seq);
      if (row !== undefined) chain.segment(row);
    });
  }
}

function checkChunks(path: string, db: Db, found: Findings): void {
  let bytes = 0;
  for (const row of db.prepare<[], ChunkRow>(SELECT_CHUNKS).iterate()) {
    if (!isSound(row, CHUNK)) {
      found.add('the row of a chunk is damaged');
      continue;
    }
    bytes += row.size;
    requireProportion(path, 'the chunks expand', bytes, IN_TIME);
    const content = unpack(row.codec, row.data, row.size);
    if (content === undefined || Buffer.compare(chunkHash(content), row.hash) !== 0) {
      found.add(`chunk ${row.hash.toString('hex', 0, 8)}: its hash does not match`);
    }
  }
}

function checkDocuments(db: Db, found: Findings): void {
  for (const row of db.prepare<[], DocumentRow>(SELECT_DOCUMENTS).iterate()) {
    if (!isSound(row, DOCUMENT)) {
      found.add('the row of a document is damaged');
      continue;
    }
    const { name, hash, json } = row;
    if (Buffer.compare(documentHash(name, json), hash) !== 0) {
      found.add(`document ${name.toString()}: its hash does not match`);
    }
  }
}

function checkSeal(db: Db, found: Findings): void {
  const seal = readSeal(db);
  const content = sealContent(db);
  if (seal === undefined) {
    found.add(`the tape was not closed; it ends with event ${content.events}`);
    return;
  }
  if (!isSound(seal, SEAL)) {
    found.add('the seal is damaged');
    return;
  }
  if (seal.segments !== content.segments || seal.events !== content.events) {
    found.add(`the seal is for ${seal.events} events in ${seal.segments} segments`);
  } else if (Buffer.compare(seal.hash, sealHash(content)) !== 0) {
    found.add('the seal does not match: a row was lost, added or altered');
  }
  const writers = db.prepare<[], number>('SELECT count(*) FROM writer').pluck().get();
  if (writers !== 0) found.add('the tape is sealed and yet being written');
}

/** Ends early where the snapshots of a small file are so many, or so large, that it would take for ever. */
function checkSnapshots(
  path: string,
  tape: TapeReader,
  found: Findings,
  options: CheckOptions,
): void {
  let bytes = 0;
  for (const seq of tape.snapshots) {
    found.part(path, `snapshot at event ${seq}`, () => {
      const snapshot = tape.readSnapshot(seq);
      bytes += bytesOf(snapshot);
      const problem = boundary(tape, seq) ?? options.onSnapshot?.(snapshot);
      if (problem !== undefined) found.add(`snapshot at event ${seq}: ${problem}`);
    });
    requireProportion(path, 'the snapshots expand', bytes, IN_TIME);
  }
}

function bytesOf({ control, columns }: StoredSnapshot): number {
  const chunks = Object.values(columns).flat();
  return chunks.reduce((sum, { length }) => sum + length, control.length);
}

/** Examines a whole tape; see above. */
export function checkTape(
  path: string,
  db: Db,
  tape: TapeReader,
  options: CheckOptions,
): CheckReport {
  const found = new Findings();
  found.part(path, 'structure', () => checkStructure(db, found));
  found.part(path, 'segments', () => checkSegments(path, db, found));
  found.part(path, 'chunks', () => checkChunks(path, db, found));
  found.part(path, 'documents', () => checkDocuments(db, found));
  found.part(path, 'snapshots', () => checkSnapshots(path, tape, found, options));
  found.part(path, 'seal', () => checkSeal(db, found));
  return found.report();
}

/** A snapshot stands where a segment ends. */
function boundary(tape: TapeReader, seq: number): string | undefined {
  const ends = (s: { firstSeq: number; count: number }) => s.firstSeq + s.count - 1 === seq;
  return seq === 0 || tape.segments.some(ends) ? undefined : 'is not at the end of a segment';
}
