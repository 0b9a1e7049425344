/**
 * The seal: one row, written when a tape is closed, over everything else in it. A tape without one
 * was not closed: its writer was killed, or is still at work.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { chainStart, HASH_BYTES, type SealContent, sealHash } from './digest.ts';
import { SELECT_SEAL, type Seal } from './rows.ts';

interface Extent {
  readonly segments: number;
  readonly events: number | null;
}

function hashes(db: Db, sql: string): Buffer[] {
  const list = db.prepare<[], Buffer>(sql).pluck().all();
  const sound = list.every((item) => item instanceof Uint8Array && item.length === HASH_BYTES);
  if (!sound) throw new HeaptapeError('bad-data', 'the hash of a row is damaged');
  return list;
}

/** What the tape holds now, as the seal states it. Throws `bad-data`. */
export function sealContent(db: Db): SealContent {
  const extent = db
    .prepare<[], Extent>('SELECT count(*) AS segments, sum(count) AS events FROM segment')
    .get();
  const chain = hashes(db, 'SELECT hash FROM segment ORDER BY first_seq DESC LIMIT 1')[0];
  return {
    segments: extent?.segments ?? 0,
    events: extent?.events ?? 0,
    chain: chain ?? chainStart(),
    chunks: hashes(db, 'SELECT hash FROM chunk ORDER BY hash'),
    snapshots: hashes(db, 'SELECT hash FROM snapshot ORDER BY seq'),
    documents: hashes(db, 'SELECT hash FROM document ORDER BY name'),
  };
}

/** Ends the writer's claim, and puts `seal` back, if there is one. Part of a transaction. */
export function putSeal(db: Db, seal: Seal | undefined): void {
  db.prepare('DELETE FROM writer').run();
  if (seal === undefined) return;
  db.prepare('INSERT OR REPLACE INTO seal (id, segments, events, hash) VALUES (1, ?, ?, ?)').run(
    seal.segments,
    seal.events,
    seal.hash,
  );
}

/** Seals the tape and ends its writer's claim. */
export function writeSeal(db: Db): void {
  db.transaction(() => {
    const content = sealContent(db);
    const { segments, events } = content;
    putSeal(db, { segments, events, hash: sealHash(content) });
  }).immediate();
}

export function readSeal(db: Db): Seal | undefined {
  return db.prepare<[], Seal>(SELECT_SEAL).get();
}
