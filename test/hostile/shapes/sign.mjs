/**
 * Every hash of a tape made anew, as docs/TAPE.md says; written from that page and sharing no code with the product.
 */
import { createHash } from 'node:crypto';
import { crc32, inflateRawSync } from 'node:zlib';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const u64 = (...values) => {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 8 * i);
  });
  return bytes;
};

/** What is stored, decompressed where that gives a reasonable amount. */
export function plain(codec, data) {
  if (codec !== 1n) return data;
  try {
    return inflateRawSync(data, { maxOutputLength: 1 << 22 });
  } catch {
    return data;
  }
}

export const isBytes = (...values) => values.every((value) => value instanceof Uint8Array);

function signSegments(db) {
  let chain = Buffer.alloc(32);
  const update = db.prepare('UPDATE segment SET hash = ?, crc = ? WHERE first_seq = ?');
  for (const row of db.prepare('SELECT * FROM segment ORDER BY first_seq').all()) {
    if (!isBytes(row.soft, row.hard)) continue;
    const numbers = [row.first_seq, row.count, row.first_ordinal, row.end_time_ns, row.soft_size];
    const head = Buffer.concat([
      u64(...numbers, row.hard_size),
      Buffer.from(String(row.state_hash)),
    ]);
    chain = sha256(chain, head, plain(row.codec, row.soft), row.hard);
    const crc = [head, u64(row.codec), chain, row.soft, row.hard].reduce(
      (sum, part) => (part.length === 0 ? sum : crc32(part, sum)),
      0,
    );
    update.run(chain, BigInt(crc), row.first_seq);
  }
  return chain;
}

/** Chunks are named anew, and the manifests with them. */
function signChunks(db) {
  const names = [];
  const rename = db.prepare('UPDATE OR IGNORE chunk SET hash = ? WHERE hash = ?');
  for (const { hash, codec, data } of db.prepare('SELECT hash, codec, data FROM chunk').all()) {
    if (!isBytes(hash, data) || hash.length !== 32) continue;
    const name = sha256(plain(codec, data));
    if (name.equals(hash)) continue;
    names.push([hash, name]);
    rename.run(name, hash);
  }
  const update = db.prepare('UPDATE snapshot SET hash = ?, manifest = ? WHERE seq = ?');
  for (const { seq, codec, control, manifest } of db.prepare('SELECT * FROM snapshot').all()) {
    if (!isBytes(control, manifest)) continue;
    const renamed = Buffer.from(manifest);
    for (const [old, name] of names)
      for (let at = renamed.indexOf(old); at >= 0; at = renamed.indexOf(old, at + 32))
        name.copy(renamed, at);
    const text = plain(codec, control);
    const hash = sha256(u64(seq, text.length, renamed.length), text, renamed);
    update.run(hash, renamed, seq);
  }
}

function signDocuments(db) {
  const update = db.prepare('UPDATE document SET hash = ? WHERE name = ?');
  for (const { name, json } of db.prepare('SELECT name, json FROM document').all()) {
    const [a, b] = [Buffer.from(String(name)), Buffer.from(String(json))];
    update.run(sha256(u64(a.length, b.length), a, b), name);
  }
}

function signSeal(db, chain) {
  const hashes = (sql) =>
    db
      .prepare(sql)
      .pluck()
      .all()
      .filter((hash) => isBytes(hash));
  const [segments, events] = db.prepare('SELECT count(*), sum(count) FROM segment').raw().get();
  const lists = [
    'SELECT hash FROM chunk ORDER BY hash',
    'SELECT hash FROM snapshot ORDER BY seq',
    'SELECT hash FROM document ORDER BY name',
  ].map(hashes);
  const counts = u64(segments, events ?? 0, ...lists.map(({ length }) => length));
  const hash = sha256(counts, chain, ...lists.flat());
  db.prepare('INSERT OR REPLACE INTO seal VALUES (1, ?, ?, ?)').run(segments, events ?? 0n, hash);
}

/** Makes every hash anew. */
export function sign(db) {
  const chain = signSegments(db);
  signChunks(db);
  signDocuments(db);
  signSeal(db, chain);
}
