/** Several writers, names and readers of one tape: who is refused, and that nobody's tape suffers. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { APPLICATION_ID, MIGRATIONS } from './layout.ts';
import { continueTape, openTapeWriter } from './open.ts';
import { openTape } from './reader.ts';
import { appendPlain, temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();

function tapeOf(segments: number): string {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  appendPlain(writer, segments, 10);
  writer.close();
  return path;
}

function refusal(task: () => unknown): HeaptapeError {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What is found there: events, whether it is closed, and what `check` says. */
function stateOf(path: string): unknown[] {
  const reader = openTape(path);
  try {
    return [reader.events, reader.closed, reader.check().problems];
  } finally {
    reader.close();
  }
}

/** Leaves a log beside the tape, as a killed writer does; it holds the document `late`. */
function leaveLog(path: string): void {
  const kept = `${path}.kept`;
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.prepare("INSERT INTO document VALUES ('late', zeroblob(32), '1')").run();
  copyFileSync(path, kept);
  copyFileSync(`${path}-wal`, `${kept}-wal`);
  db.close();
  for (const side of ['', '-wal']) {
    copyFileSync(kept + side, path + side);
    unlinkSync(kept + side);
  }
}

const busyHere = (path: string): string => `${path}: process ${process.pid} is writing this tape`;

describe('a new tape in the place of one', () => {
  it('whose writer was killed is not mixed with the log of that one', () => {
    const path = tapeOf(20);
    leaveLog(path);
    const writer = openTapeWriter(path);
    appendPlain(writer, 3, 10);
    writer.close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
    expect(stateOf(path)).toEqual([30, true, []]);
  });

  it('that was removed without its log, or is damaged, is whole too', () => {
    for (const meddle of [unlinkSync, (path: string) => writeFileSync(path, 'no tape')]) {
      const path = tapeOf(20);
      leaveLog(path);
      meddle(path);
      const writer = openTapeWriter(path);
      appendPlain(writer, 3, 10);
      writer.close();
      expect(readdirSync(dirname(path))).toEqual(['x.tape']);
      expect(stateOf(path)).toEqual([30, true, []]);
    }
  });

  it('is refused while that one is read in the state before its log, and can be closed later', () => {
    const path = tapeOf(2);
    leaveLog(path);
    const db = new Database(path);
    db.exec('BEGIN; SELECT * FROM document');
    const other = new Database(path);
    other.prepare("UPDATE document SET json = '2'").run();
    const writer = openTapeWriter(path);
    appendPlain(writer, 3, 10);
    const error = refusal(() => writer.close());
    expect([error.code, error.message]).toEqual([
      'tape-busy',
      `${path}: another process is reading the tape that is to be replaced`,
    ]);
    db.exec('COMMIT');
    db.close();
    other.close();
    writer.close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
    expect(stateOf(path)).toEqual([30, true, []]);
  }, 20_000);
});

describe('a new tape that readers hold while it is closed', () => {
  it.each([
    ['open', ''],
    ['in an older state', 'BEGIN; SELECT * FROM segment'],
  ])(
    '%s',
    (_, sql) => {
      const path = join(folder(), 'x.tape');
      const writer = openTapeWriter(path);
      appendPlain(writer, 3, 10);
      const db = new Database(writer.file, { readonly: true });
      db.exec(sql);
      const count = db.prepare('SELECT count(*) FROM segment').pluck();
      expect(count.get()).toBe(3);
      appendPlain(writer, 4, 10);
      writer.close();
      expect(readdirSync(dirname(path))).toEqual(['x.tape']);
      expect(stateOf(path)).toEqual([70, true, []]);
      const header = readFileSync(path);
      expect([header[18], header[19], header.readUInt32BE(68)]).toEqual([1, 1, APPLICATION_ID]);
      if (sql !== '') expect(count.get()).toBe(3);
      // What the reader does afterwards is nothing to the tape.
      db.close();
      expect(readdirSync(dirname(path))).toEqual(['x.tape']);
      expect(stateOf(path)).toEqual([70, true, []]);
    },
    20_000,
  );
});

describe('a second writer is refused', () => {
  it('to continue a tape that is being replaced, and the tape stays as it was', () => {
    const path = tapeOf(3);
    const before = readFileSync(path);
    const writer = openTapeWriter(path);
    const error = refusal(() => openTapeWriter(path, { appendTo: true }));
    expect([error.code, error.message]).toEqual(['tape-busy', busyHere(path)]);
    expect(readFileSync(path).equals(before)).toBe(true);
    appendPlain(writer, 5, 10);
    writer.close();
    expect(stateOf(path)).toEqual([50, true, []]);
  });

  it('to replace a tape that is being continued', () => {
    const path = tapeOf(3);
    const writer = openTapeWriter(path, { appendTo: true });
    expect(refusal(() => openTapeWriter(path)).message).toBe(busyHere(path));
    appendPlain(writer, 1, 10);
    writer.close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
    expect(stateOf(path)).toEqual([40, true, []]);
  });

  it('by any other name of the file', () => {
    const path = tapeOf(3);
    const link = join(folder(), 'link.tape');
    symlinkSync(path, link);
    const writer = openTapeWriter(link, { appendTo: true });
    appendPlain(writer, 1, 10);
    for (const name of [path, link]) {
      for (const appendTo of [true, false]) {
        expect(refusal(() => openTapeWriter(name, { appendTo })).message).toBe(busyHere(path));
      }
    }
    writer.close();
    const second = openTapeWriter(link);
    expect(refusal(() => openTapeWriter(path)).message).toBe(busyHere(path));
    appendPlain(second, 1, 10);
    second.close();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(stateOf(path)).toEqual([10, true, []]);
  });

  it('where the file has several names of its own: SQLite would keep a log for each', () => {
    const path = tapeOf(3);
    const before = readFileSync(path);
    linkSync(path, `${path}.backup`);
    const error = refusal(() => openTapeWriter(path, { appendTo: true }));
    expect([error.code, error.message]).toEqual([
      'file-error',
      `${path}: cannot continue the tape: the file has 2 names (hard links)`,
    ]);
    // A new tape takes one of the names only.
    const writer = openTapeWriter(path);
    writer.close();
    expect(readFileSync(`${path}.backup`).equals(before)).toBe(true);
    expect(stateOf(path)).toEqual([0, true, []]);
  });
});

describe('a partial file that bears no mark', () => {
  it.runIf(existsSync('/proc/stat'))('of a process whose number is in use again is removed', () => {
    const path = join(folder(), 'x.tape');
    const partial = `${path}.partial-${process.pid}`;
    writeFileSync(partial, '');
    expect(refusal(() => openTapeWriter(path)).message).toBe(busyHere(path));
    utimesSync(partial, 1e9, 1e9);
    openTapeWriter(path).close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
  });

  it('is no writer when nothing is left but what was beside it', () => {
    const path = join(folder(), 'x.tape');
    writeFileSync(`${path}.partial-${process.pid}-wal`, 'left over');
    openTapeWriter(path).close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
  });
});

describe('what cannot be continued', () => {
  it('keeps its seal and gets no writer', () => {
    const path = tapeOf(3);
    const db = new Database(path);
    db.exec('UPDATE segment SET crc = crc + 1 WHERE first_seq = 21');
    db.close();
    const before = readFileSync(path);
    for (let i = 0; i < 2; i += 1) {
      const error = refusal(() => openTapeWriter(path, { appendTo: true }));
      expect(error.message).toBe(
        `${path}: cannot continue: the last segment: its checksum does not match`,
      );
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a tape of an older version', () => {
  const steps = [
    ...MIGRATIONS,
    (db: Database.Database) => void db.exec('CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT'),
  ];
  const versionIn = (path: string): unknown => {
    const db = new Database(path, { readonly: true });
    const version = db.pragma('user_version', { simple: true });
    db.close();
    return version;
  };

  it('is brought up to date when it is continued, once', () => {
    const path = tapeOf(3);
    for (const events of [40, 50]) {
      const writer = continueTape(path, {}, steps);
      appendPlain(writer, 1, 10);
      expect(writer.events).toBe(events);
      writer.close();
      expect(versionIn(path)).toBe(2);
    }
    expect(refusal(() => openTape(path)).code).toBe('bad-version');
  });

  it('is told by what its log says, not by the header beneath', () => {
    const path = tapeOf(3);
    const db = new Database(path);
    db.pragma('journal_mode = WAL');
    const reader = new Database(path, { readonly: true });
    reader.exec('BEGIN; SELECT * FROM segment');
    db.exec('CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT; PRAGMA user_version = 2');
    expect(readFileSync(path).readUInt32BE(60)).toBe(1);
    expect(refusal(() => openTape(path)).message).toContain('tape format version 2');
    const writer = continueTape(path, {}, steps);
    expect(writer.events).toBe(30);
    writer.abort();
    reader.close();
    db.close();
  }, 20_000);

  it('stays as it is when the way there fails, or another writer is at it', () => {
    const path = tapeOf(3);
    const before = readFileSync(path);
    const failing = [
      ...steps,
      () => {
        throw new HeaptapeError('bad-data', 'no way');
      },
    ];
    expect(refusal(() => continueTape(path, {}, failing)).message).toBe('no way');
    expect(readFileSync(path).equals(before)).toBe(true);
    const writer = openTapeWriter(path, { appendTo: true });
    expect(refusal(() => continueTape(path, {}, steps)).message).toBe(busyHere(path));
    writer.close();
    expect(versionIn(path)).toBe(1);
  });
});

it.runIf(existsSync('/proc/locks'))('opening a tape takes nobody’s locks away', () => {
  const path = tapeOf(3);
  const writer = openTapeWriter(path, { appendTo: true });
  appendPlain(writer, 1, 10);
  const { ino } = statSync(path);
  const locks = () => readFileSync('/proc/locks', 'utf8').split(`:${ino} `).length - 1;
  const held = locks();
  expect(held).toBeGreaterThan(0);
  openTape(path).close();
  refusal(() => openTapeWriter(path, { appendTo: true }));
  expect(locks()).toBe(held);
  writer.close();
});
