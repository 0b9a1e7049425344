/** What the threaded writer adds to the contract: failures cross over, and nothing is left behind. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EventBatch } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { openTapeWriter } from './open.ts';
import { type FileTapeReader, openTape } from './reader.ts';
import { appendPlain, plainBatch, STATE_HASH, temporaryFolders } from './tapes.testkit.ts';
import { openThreadedTapeWriter } from './threaded.ts';

const folder = temporaryFolders();

function contentOf(reader: FileTapeReader, segment: number): unknown[] {
  const batch = new EventBatch();
  reader.readSegment(segment, batch);
  const { firstSeq, firstOrdinal, count, argCount } = batch;
  const kinds = [...batch.kinds.subarray(0, count)];
  return [firstSeq, firstOrdinal, kinds, [...batch.args.subarray(0, argCount)]];
}

describe('a tape written in another thread', () => {
  it('holds more segments than may be on their way', () => {
    const path = join(folder(), 'x.tape');
    const writer = openThreadedTapeWriter(path);
    appendPlain(writer, 40, 5);
    const { events } = writer;
    writer.close();
    const reader = openTape(path);
    expect(reader.events).toBe(events);
    expect(reader.segments.length).toBe(40);
    expect(reader.check()).toEqual({ ok: true, problems: [] });
    reader.close();
  });

  it('holds segments of any size in turn, whatever memory those before took', () => {
    const path = join(folder(), 'x.tape');
    const plain = join(folder(), 'plain.tape');
    const threaded = openThreadedTapeWriter(path);
    const direct = openTapeWriter(plain);
    const sizes = Array.from(
      { length: 60 },
      (_, i) => 1 + ((i * 7919) % 97) * (i % 3 === 0 ? 9 : 1),
    );
    for (const writer of [threaded, direct]) {
      for (const size of sizes) appendPlain(writer, 1, size);
      writer.close();
    }
    const [ours, theirs] = [openTape(path), openTape(plain)];
    expect(ours.segments.map(({ count }) => count)).toEqual(sizes);
    for (let i = 0; i < sizes.length; i += 1) {
      expect(contentOf(ours, i)).toEqual(contentOf(theirs, i));
    }
    ours.close();
    theirs.close();
  });

  it('continues a tape where it ends', () => {
    const path = join(folder(), 'x.tape');
    const before = openTapeWriter(path);
    appendPlain(before, 3, 50);
    before.close();
    const writer = openThreadedTapeWriter(path, { appendTo: true });
    expect(writer.events).toBe(150);
    appendPlain(writer, 2, 50);
    writer.close();
    const reader = openTape(path);
    expect([reader.events, reader.check()]).toEqual([250, { ok: true, problems: [] }]);
    reader.close();
    const missing = join(folder(), 'missing.tape');
    expect(() => openThreadedTapeWriter(missing, { appendTo: true })).toThrowError(
      expect.objectContaining({ name: 'HeaptapeError', code: 'file-error' }),
    );
  });

  it('says what is wrong with its path, at the latest when it is closed', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, 'x');
    const writer = openThreadedTapeWriter(join(file, 'x.tape'));
    expect(() => {
      writer.append(plainBatch(1, 1, 5), STATE_HASH, 0);
      writer.close();
    }).toThrowError(expect.objectContaining({ name: 'HeaptapeError', code: 'file-error' }));
    expect(() => writer.abort()).not.toThrow();
  });

  it('leaves nothing behind when it is given up', () => {
    const path = join(folder(), 'x.tape');
    const writer = openThreadedTapeWriter(path);
    writer.append(plainBatch(1, 1, 5), STATE_HASH, 0);
    writer.abort();
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(dirname(path))).toEqual([]);
  });
});
