/**
 * Tapes by their tables: rows that lie, with hashes that say so or hashes made anew, and tables that are none.
 *
 * A tape is opened in memory, altered by SQL and written out again. Mostly every hash is made
 * anew, so that what is altered passes for whole.
 */
import { createRequire } from 'node:module';
import { deflateRawSync } from 'node:zlib';
import { EXTREMES, leb, otherNumber } from './numbers.mjs';
import { isBytes, plain, sign } from './sign.mjs';

const Database = createRequire(import.meta.url)('better-sqlite3');

const pick = (list, draw) => list[draw(list.length)];
/** What expands a thousand times; the large bombs have a test of their own. */
const BOMB_BYTES = 3 << 20;
const ZEROS = deflateRawSync(Buffer.alloc(BOMB_BYTES), { level: 9 });
const INTEGERS = [...EXTREMES.map(BigInt).filter((value) => value < 1n << 63n), -1n, -(1n << 63n)];
const NUMBERS = {
  segment: [
    'first_seq',
    'count',
    'first_ordinal',
    'end_time_ns',
    'codec',
    'soft_size',
    'hard_size',
    'crc',
  ],
  chunk: ['codec', 'size'],
  snapshot: ['seq', 'codec', 'size'],
  seal: ['segments', 'events'],
};
const BLOBS = {
  segment: ['soft', 'hard', 'hash'],
  chunk: ['data', 'hash'],
  snapshot: ['control', 'manifest', 'hash'],
  document: ['hash'],
};

const tables = (db) =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();

/** One row of a table: its rowid, or undefined. */
function someRow(db, table, draw) {
  const ids = db.prepare(`SELECT rowid FROM ${table}`).pluck().all();
  return ids.length === 0 ? undefined : pick(ids, draw);
}

function setNumber(db, draw) {
  const table = pick(Object.keys(NUMBERS), draw);
  const column = pick(NUMBERS[table], draw);
  const id = someRow(db, table, draw);
  const old = db.prepare(`SELECT ${column} FROM ${table} WHERE rowid = ?`).pluck().get(id);
  const near = typeof old === 'bigint' ? old + BigInt(draw(5) - 2) : 0n;
  const value = draw(3) === 0 ? near : pick(INTEGERS, draw);
  db.prepare(`UPDATE OR IGNORE ${table} SET ${column} = ? WHERE rowid = ?`).run(value, id);
}

/** Alters a stored byte string where it matters: what it is when decompressed. */
function alterBlob(db, draw, table, column, alter) {
  const id = someRow(db, table, draw);
  if (id === undefined) return;
  const row = db.prepare(`SELECT * FROM ${table} WHERE rowid = ?`).get(id);
  if (row === undefined || !isBytes(row[column])) return;
  const packed = row.codec === 1n && ['soft', 'data', 'control'].includes(column);
  const bytes = alter(Buffer.from(packed ? plain(row.codec, row[column]) : row[column]));
  db.prepare(`UPDATE OR IGNORE ${table} SET ${column} = ? WHERE rowid = ?`).run(
    packed ? deflateRawSync(bytes) : bytes,
    id,
  );
  const size = { soft: 'soft_size', hard: 'hard_size', data: 'size', control: 'size' }[column];
  if (size === undefined || draw(8) === 0) return;
  db.prepare(`UPDATE ${table} SET ${size} = ? WHERE rowid = ?`).run(BigInt(bytes.length), id);
}

/** Small damage to bytes: a varint that is extreme, a byte, a cut, a repeat. */
function alterBytes(bytes, draw) {
  if (bytes.length === 0) return bytes;
  const at = draw(2) === 0 ? draw(Math.min(24, bytes.length)) : draw(bytes.length);
  const kind = draw(6);
  if (kind === 0) bytes[at] = draw(256);
  else if (kind === 1) bytes[at] ^= 1 << draw(8);
  else if (kind === 2) return bytes.subarray(0, at);
  else if (kind === 3)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(draw(bytes.length))]);
  else if (kind === 4) {
    let end = at;
    while (end < bytes.length - 1 && bytes[end] >= 128) end += 1;
    const put = leb(otherNumber(bytes[at], draw, []));
    return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(end + 1)]);
  } else if (bytes.length >= 8) {
    const word = draw(bytes.length - 7);
    if (draw(2) === 0)
      bytes.writeDoubleLE(
        pick([-1, 0.5, 2 ** 31, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY], draw),
        word,
      );
    else bytes.writeUInt32LE(pick([0, 1, 0x7fffffff, 0xffffffff, 0x10000], draw), word);
  }
  return bytes;
}

const VALUES = [
  null,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  2 ** 31,
  '',
  'x'.repeat(1000),
  [],
  {},
  true,
  'number NaN',
  'number Infinity',
];

/** Puts an unlikely value, or nothing, somewhere into a JSON value. */
function alterJson(value, draw) {
  const isParent = typeof value === 'object' && value !== null;
  if (!isParent || Object.keys(value).length === 0 || draw(6) === 0)
    return structuredClone(pick(VALUES, draw));
  const key = pick(Object.keys(value), draw);
  const copy = Array.isArray(value) ? value.slice() : { ...value };
  const kind = draw(10);
  if (kind === 0) delete copy[key];
  else if (kind === 1 && Array.isArray(copy)) copy.push(copy[key]);
  else if (kind === 2) copy[['__proto__', 'toString', 'length'][draw(3)]] = { toString: 1 };
  else copy[key] = alterJson(copy[key], draw);
  return copy;
}

function alterText(text, draw) {
  const kind = draw(12);
  if (kind === 0) return text.slice(0, draw(text.length + 1));
  if (kind === 1) return '['.repeat(1 + draw(60_000));
  if (kind === 2) return `${'['.repeat(9000)}${']'.repeat(9000)}`;
  if (kind === 3) return 'not JSON';
  try {
    let value = JSON.parse(text);
    for (let i = draw(3); i >= 0; i -= 1) value = alterJson(value, draw);
    return JSON.stringify(value) ?? 'null';
  } catch {
    return '{}';
  }
}

const renamed = (db, table) => {
  db.exec('PRAGMA legacy_alter_table = ON');
  db.exec(`ALTER TABLE ${table} RENAME TO kept_${table}`);
};
const ENDLESS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)`;

/** Tables that are not those of a tape. */
const SCHEMAS = [
  (db, table) => db.exec(`DROP TABLE ${table}`),
  (db, table) => {
    renamed(db, table);
    db.exec(`CREATE VIEW ${table} AS SELECT * FROM kept_${table}`);
  },
  (db) => {
    renamed(db, 'segment');
    db.exec(`CREATE VIEW segment AS ${ENDLESS} SELECT i AS first_seq, 1 AS count, 1 AS first_ordinal,
      0 AS end_time_ns, '0123456789abcdef' AS state_hash, 0 AS codec, 0 AS soft_size, 0 AS hard_size,
      zeroblob(32) AS hash, 0 AS crc, x'' AS soft, x'' AS hard FROM n`);
  },
  (db) => {
    renamed(db, 'snapshot');
    db.exec(`CREATE VIEW snapshot AS ${ENDLESS} SELECT i AS seq, 0 AS codec, 0 AS size,
      zeroblob(32) AS hash, x'' AS control, x'' AS manifest FROM n`);
  },
  (db) => {
    renamed(db, 'seal');
    db.exec(`CREATE VIEW seal AS ${ENDLESS} SELECT 1 AS id, count(*) AS segments, 1 AS events,
      zeroblob(32) AS hash FROM n`);
  },
  (db) => {
    renamed(db, 'document');
    db.exec(`CREATE TABLE document (name TEXT, hash BLOB AS (randomblob(500000000)), json TEXT AS
      (hex(randomblob(1000))))`);
    db.exec("INSERT INTO document (name) VALUES ('import'), ('recorded')");
  },
  (db, table) => {
    renamed(db, table);
    db.exec(`CREATE TABLE ${table} AS SELECT * FROM kept_${table}`);
    db.exec(`DROP TABLE kept_${table}`);
  },
  (db, table) =>
    db.exec(`CREATE TRIGGER evil AFTER INSERT ON ${table} BEGIN DELETE FROM segment; END`),
  (db) => db.exec('CREATE INDEX other ON segment (count)'),
  (db, table) => db.exec(`ALTER TABLE ${table} ADD COLUMN extra INTEGER`),
  (db, table) => db.exec(`ALTER TABLE ${table} ADD COLUMN extra BLOB AS (zeroblob(900000000))`),
  (db) => db.exec('CREATE TABLE other (x)'),
  (db) => db.exec(`CREATE VIEW other AS ${ENDLESS} SELECT i FROM n`),
  (db) => db.exec('CREATE VIRTUAL TABLE other USING fts5(a)'),
  (db) => {
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    db.exec("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'segment'");
    db.exec("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'chunk'");
  },
];

const ALTERATIONS = {
  setNumber,
  setNumbers: (db, draw) => {
    for (let i = draw(4); i >= 0; i -= 1) setNumber(db, draw);
  },
  alterSoft: (db, draw) =>
    alterBlob(db, draw, 'segment', 'soft', (bytes) => alterBytes(bytes, draw)),
  alterHard: (db, draw) =>
    alterBlob(db, draw, 'segment', 'hard', (bytes) => alterBytes(bytes, draw)),
  alterChunk: (db, draw) =>
    alterBlob(db, draw, 'chunk', 'data', (bytes) => alterBytes(bytes, draw)),
  alterManifest: (db, draw) =>
    alterBlob(db, draw, 'snapshot', 'manifest', (bytes) => alterBytes(bytes, draw)),
  repeatChunks: (db, draw) =>
    alterBlob(db, draw, 'snapshot', 'manifest', (bytes) => {
      const hash = pick(db.prepare('SELECT hash FROM chunk').pluck().all(), draw);
      if (!isBytes(hash) || bytes.length === 0) return bytes;
      const name = pick(
        ['pages', 'grey', 'words', 'roots', 'objects', 'sites', 'small', 'specials'],
        draw,
      );
      const count = 1 + draw(3000);
      const column = Buffer.concat([leb(name.length), Buffer.from(name), leb(count)]);
      return Buffer.concat([
        leb(1 + bytes[0]),
        column,
        ...Array(count).fill(hash),
        bytes.subarray(1),
      ]);
    }),
  alterHash: (db, draw) => {
    const table = pick(Object.keys(BLOBS), draw);
    alterBlob(db, draw, table, pick(BLOBS[table], draw), (bytes) => alterBytes(bytes, draw));
  },
  alterControl: (db, draw) =>
    alterBlob(db, draw, 'snapshot', 'control', (bytes) =>
      Buffer.from(alterText(bytes.toString(), draw)),
    ),
  alterDocument: (db, draw) => {
    const id = someRow(db, 'document', draw);
    if (id === undefined) return;
    const text = db.prepare('SELECT json FROM document WHERE rowid = ?').pluck().get(id);
    db.prepare('UPDATE document SET json = ? WHERE rowid = ?').run(
      alterText(String(text), draw),
      id,
    );
  },
  alterState: (db, draw) => {
    const id = someRow(db, 'segment', draw);
    const hash = pick(
      ['', 'f'.repeat(16), '0'.repeat(16), 'x'.repeat(16), '0'.repeat(100000)],
      draw,
    );
    db.prepare('UPDATE segment SET state_hash = ? WHERE rowid = ?').run(hash, id);
  },
  bomb: (db, draw) => {
    const size = BigInt(pick([BOMB_BYTES, BOMB_BYTES - 1, 1 << 20, ZEROS.length * 1032], draw));
    const table = pick(['segment', 'chunk', 'snapshot'], draw);
    const [blob, length] = {
      segment: ['soft', 'soft_size'],
      chunk: ['data', 'size'],
      snapshot: ['control', 'size'],
    }[table];
    db.prepare(`UPDATE ${table} SET codec = 1, ${blob} = ?, ${length} = ? WHERE rowid = ?`).run(
      ZEROS,
      size,
      someRow(db, table, draw),
    );
  },
  dropRow: (db, draw) => {
    const table = pick(tables(db), draw);
    db.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(someRow(db, table, draw));
  },
  swapContents: (db, draw) => {
    const [table, column] = pick(
      [
        ['segment', 'soft'],
        ['segment', 'hard'],
        ['chunk', 'data'],
        ['snapshot', 'control'],
        ['snapshot', 'manifest'],
        ['segment', 'state_hash'],
      ],
      draw,
    );
    const [a, b] = [someRow(db, table, draw), someRow(db, table, draw)];
    const read = db.prepare(`SELECT ${column} FROM ${table} WHERE rowid = ?`).pluck();
    const write = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`);
    const [first, second] = [read.get(a), read.get(b)];
    write.run(second, a);
    write.run(first, b);
  },
  moveSnapshot: (db, draw) => {
    const seq = BigInt(
      draw(3) === 0 ? draw(2000) : pick([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER], draw),
    );
    db.prepare('UPDATE OR REPLACE snapshot SET seq = ? WHERE rowid = ?').run(
      seq,
      someRow(db, 'snapshot', draw),
    );
  },
  claim: (db, draw) => {
    const pid = BigInt(pick([1, process.pid, 0, -1, 2 ** 31], draw));
    db.prepare('INSERT OR REPLACE INTO writer VALUES (1, ?, ?)').run(
      pid,
      pick(['', '0', 'x'.repeat(1000)], draw),
    );
  },
  unseal: (db) => db.exec('DELETE FROM seal'),
  manyRows: (db, draw) => {
    const insert = db.prepare(
      'INSERT OR IGNORE INTO snapshot SELECT ?, codec, size, hash, control, manifest FROM snapshot LIMIT 1',
    );
    for (let i = draw(60); i >= 0; i -= 1) insert.run(BigInt(i));
  },
  alterSchema: (db, draw) =>
    pick(SCHEMAS, draw)(
      db,
      pick(['segment', 'chunk', 'snapshot', 'document', 'seal', 'writer'], draw),
    ),
  alterIdentity: (db, draw) => {
    if (draw(2) === 0) db.pragma(`application_id = ${pick([0, 1, 0x48545032, -1], draw)}`);
    else db.pragma(`user_version = ${pick([0, 2, 3, 1000, -1, 0x7fffffff], draw)}`);
  },
};

/** Alterations of bytes, as `mutate.mjs` has them. What is no database any more stays as it is. */
export const TAPE_KINDS = Object.entries(ALTERATIONS).map(([name, alter]) => {
  const kind = (bytes, draw) => {
    let db;
    try {
      db = new Database(Buffer.from(bytes));
      if (!hasPlainTables(db)) return bytes;
      db.defaultSafeIntegers(true);
      alter(db, draw);
      if (draw(4) > 0 && name !== 'alterSchema') signOr(db);
      return db.serialize();
    } catch (error) {
      if (error instanceof Database.SqliteError || error instanceof RangeError) return bytes;
      throw error;
    } finally {
      db?.close();
    }
  };
  return Object.defineProperty(kind, 'name', { value: name });
});

/** Whether no view or computed column is there yet, which our own queries could stumble over. */
function hasPlainTables(db) {
  const odd = `type <> 'table' AND name NOT LIKE 'sqlite_autoindex%' OR sql LIKE '% AS (%'`;
  return db.prepare(`SELECT count(*) FROM sqlite_schema WHERE ${odd}`).pluck().get() === 0;
}

/** Signs where that can be done: a table that is none cannot be written to. */
function signOr(db) {
  try {
    sign(db);
  } catch (error) {
    if (!(error instanceof Database.SqliteError || error instanceof TypeError)) throw error;
  }
}
