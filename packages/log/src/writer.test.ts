import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EventBatch, HeaptapeError } from '@heaptape/schema';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { APPLICATION_ID, FORMAT_VERSION, MIGRATIONS, migrate, PAGE_SIZE } from './layout.ts';
import { openTapeWriter } from './open.ts';
import { openTape } from './reader.ts';
import { appendPlain, plainSnapshot, temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();
const newPath = () => join(folder(), 'x.tape');

/** What `task` throws, which must be a `HeaptapeError`. */
function refusal(task: () => unknown): HeaptapeError {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('a new tape', () => {
  it('has its final name only when it is whole, and is then a single file', () => {
    const path = newPath();
    const writer = openTapeWriter(path);
    appendPlain(writer, 3, 20);
    expect(existsSync(path)).toBe(false);
    expect(writer.file).toBe(`${path}.partial-${process.pid}`);
    writer.close();
    writer.close();
    expect(readdirSync(join(path, '..'))).toEqual(['x.tape']);
    const header = readFileSync(path);
    expect(header.readUInt32BE(68)).toBe(APPLICATION_ID);
    expect(header.readUInt32BE(60)).toBe(FORMAT_VERSION);
    expect(header.readUInt16BE(16)).toBe(PAGE_SIZE);
    expect([header[18], header[19]]).toEqual([1, 1]);
  });

  it('replaces an older file at once, and abort leaves that one alone', () => {
    const path = newPath();
    for (const segments of [1, 2]) {
      const writer = openTapeWriter(path);
      appendPlain(writer, segments, 10);
      writer.close();
    }
    const before = readFileSync(path);
    const writer = openTapeWriter(path);
    appendPlain(writer, 5, 10);
    writer.abort();
    writer.abort();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual(['x.tape']);
    const reader = openTape(path);
    expect(reader.events).toBe(20);
    reader.close();
  });

  it('can be read while it is written and while it is closed', () => {
    const path = newPath();
    const writer = openTapeWriter(path);
    const reader = openTape(writer.file);
    expect([reader.events, reader.closed]).toEqual([0, false]);
    appendPlain(writer, 2, 10);
    writer.putSnapshot(plainSnapshot(20));
    expect(reader.refresh()).toBe(true);
    expect(reader.refresh()).toBe(false);
    expect([reader.events, reader.segments.length, reader.snapshots]).toEqual([20, 2, [20]]);
    writer.close();
    const batch = new EventBatch();
    reader.readSegment(1, batch);
    expect(batch.firstSeq).toBe(11);
    reader.close();
    const whole = openTape(path);
    expect([whole.events, whole.closed]).toEqual([20, true]);
    expect(whole.check()).toEqual({ ok: true, problems: [] });
    whole.close();
  });

  it('is refused while another writer is at it, by the name of that process', () => {
    const path = newPath();
    const writer = openTapeWriter(path);
    const error = refusal(() => openTapeWriter(path));
    expect([error.code, error.message]).toEqual([
      'tape-busy',
      `${path}: process ${process.pid} is writing this tape`,
    ]);
    appendPlain(writer, 1, 5);
    writer.close();
    openTapeWriter(path).abort();
  });

  it('removes what dead writers of the same tape left, and nothing else', () => {
    const path = newPath();
    const dead = deadPid();
    const others = [`${path}.partial-notes`, `${path}2.partial-${dead}`, `${path}.partial`];
    for (const name of others) writeFileSync(name, 'mine');
    for (const suffix of ['', '-wal', '-shm']) {
      writeFileSync(`${path}.partial-${dead}${suffix}`, 'abandoned');
    }
    openTapeWriter(path).close();
    const left = readdirSync(join(path, '..')).map((name) => join(path, '..', name));
    expect(left.sort()).toEqual([path, ...others].sort());
  });
});

describe('continuing a tape', () => {
  it('goes on where it ended, and the result is as if written at once', () => {
    const [parts, whole] = [newPath(), newPath()];
    openTapeWriter(parts).close();
    for (let i = 0; i < 3; i += 1) {
      const writer = openTapeWriter(parts, { appendTo: true });
      expect(writer.events).toBe(i * 20);
      appendPlain(writer, 2, 10);
      writer.close();
    }
    const writer = openTapeWriter(whole);
    appendPlain(writer, 6, 10);
    writer.close();
    const seals = [parts, whole].map((path) => {
      const db = new Database(path, { readonly: true });
      const seal = db.prepare('SELECT * FROM seal').get();
      db.close();
      return seal;
    });
    expect(seals[0]).toEqual(seals[1]);
    expect(readdirSync(join(parts, '..'))).toEqual(['x.tape']);
  });

  it('refuses a second writer and a new tape of that name meanwhile', () => {
    const path = newPath();
    openTapeWriter(path).close();
    const writer = openTapeWriter(path, { appendTo: true });
    for (const appendTo of [true, false]) {
      const error = refusal(() => openTapeWriter(path, { appendTo }));
      expect(error.code).toBe('tape-busy');
      expect(error.message).toContain(`process ${process.pid}`);
    }
    writer.close();
    openTapeWriter(path, { appendTo: true }).close();
  });

  it('takes over from a writer that died, also when its process id is in use again', () => {
    const path = newPath();
    openTapeWriter(path).close();
    for (const [pid, started] of [
      [deadPid(), ''],
      [process.pid, '1'],
      [1, 'long ago'],
    ] as const) {
      const db = new Database(path);
      db.prepare('INSERT INTO writer VALUES (1, ?, ?)').run(pid, started);
      db.close();
      if (pid !== process.pid && existsSync(`/proc/${process.pid}/stat`)) {
        expect(openTape(path).closed).toBe(true);
      }
      openTapeWriter(path, { appendTo: true }).close();
    }
  });

  it('abort keeps what was appended, unsealed, for the next to go on', () => {
    const path = newPath();
    openTapeWriter(path).close();
    const writer = openTapeWriter(path, { appendTo: true });
    appendPlain(writer, 2, 10);
    writer.abort();
    expect(readdirSync(join(path, '..'))).toEqual(['x.tape']);
    const reader = openTape(path);
    expect([reader.events, reader.closed]).toEqual([20, false]);
    expect(reader.check().problems).toEqual(['the tape was not closed; it ends with event 20']);
    reader.close();
    const next = openTapeWriter(path, { appendTo: true });
    appendPlain(next, 1, 10);
    next.close();
    const whole = openTape(path);
    expect(whole.check()).toEqual({ ok: true, problems: [] });
    whole.close();
  });

  it('works under the eyes of a reader, which sees what is added', () => {
    const path = newPath();
    const first = openTapeWriter(path);
    appendPlain(first, 1, 10);
    first.close();
    const reader = openTape(path);
    const writer = openTapeWriter(path, { appendTo: true });
    appendPlain(writer, 1, 10);
    expect(reader.refresh()).toBe(true);
    expect(reader.closed).toBe(false);
    writer.close();
    reader.refresh();
    expect([reader.events, reader.closed, reader.check().ok]).toEqual([20, true, true]);
    reader.close();
  }, 20_000);
});

describe('what cannot be written', () => {
  it('is a file-error that names the path', () => {
    const place = folder();
    mkdirSync(join(place, 'dir'));
    writeFileSync(join(place, 'file'), 'x');
    for (const path of ['dir', 'none/x.tape', 'file/x.tape']) {
      const error = refusal(() => openTapeWriter(join(place, path)));
      expect([path, error.code]).toEqual([path, 'file-error']);
      expect(error.message.startsWith(join(place, path))).toBe(true);
      expect(error.message).not.toContain('\n');
    }
    expect(readdirSync(place).sort()).toEqual(['dir', 'file']);
    expect(refusal(() => openTapeWriter(join(place, 'no'), { appendTo: true })).code).toBe(
      'file-error',
    );
    expect(refusal(() => openTapeWriter(join(place, 'file'), { appendTo: true })).code).toBe(
      'bad-format',
    );
  });

  it('includes folders without permission', ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may write everywhere');
    const place = folder();
    chmodSync(place, 0o500);
    expect(refusal(() => openTapeWriter(join(place, 'x.tape'))).code).toBe('file-error');
    chmodSync(place, 0o700);
  });
});

describe('format versions', () => {
  it('are reached step by step from an empty database', () => {
    expect(FORMAT_VERSION).toBe(MIGRATIONS.length);
    const db = new Database(':memory:');
    migrate(db, 0);
    expect(db.pragma('user_version', { simple: true })).toBe(FORMAT_VERSION);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    migrate(db, FORMAT_VERSION);
    db.close();
  });

  it.each([[FORMAT_VERSION + 1], [99], [0]])('version %i is refused by name', (version) => {
    const path = newPath();
    openTapeWriter(path).close();
    const db = new Database(path);
    db.pragma(`user_version = ${version}`);
    db.close();
    for (const open of [() => openTape(path), () => openTapeWriter(path, { appendTo: true })]) {
      const error = refusal(open);
      expect(error.code).toBe('bad-version');
      expect(error.message).toBe(
        `${path}: tape format version ${version}; this release reads 1 to ${FORMAT_VERSION}`,
      );
    }
  });

  it('makes small tapes small', () => {
    const path = newPath();
    const writer = openTapeWriter(path);
    appendPlain(writer, 1, 10);
    writer.close();
    expect(statSync(path).size).toBeLessThanOrEqual(40 * 1024);
  });
});
