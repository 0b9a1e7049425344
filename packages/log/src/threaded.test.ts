/** What the threaded writer adds to the contract: failures cross over, and nothing is left behind. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTape } from './reader.ts';
import { appendPlain, plainBatch, STATE_HASH, temporaryFolders } from './tapes.testkit.ts';
import { openThreadedTapeWriter } from './threaded.ts';

const folder = temporaryFolders();

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
