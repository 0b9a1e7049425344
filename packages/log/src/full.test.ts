/** A disk that runs full, for real: a small file system in memory, where the system lets us mount one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { afterEach, expect, it } from 'vitest';
import { openTapeWriter } from './open.ts';
import { openTape } from './reader.ts';
import { plainBatch, STATE_HASH, temporaryFolders } from './tapes.testkit.ts';
import type { FileTapeWriter } from './writer.ts';

const folder = temporaryFolders();
const mounts: string[] = [];

afterEach(() => {
  for (const mount of mounts.splice(0)) spawnSync('umount', [mount]);
});

/** A file system of `kib` KiB, or undefined where mounting is not permitted. */
function smallDisk(kib: number): string | undefined {
  const place = join(folder(), 'disk');
  mkdirSync(place);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', place]);
  if (status !== 0) return undefined;
  mounts.push(place);
  return place;
}

/** Appends until the disk is full; returns the error. */
function fill(writer: FileTapeWriter): HeaptapeError {
  for (let ordinal = 1; ; ) {
    const batch = plainBatch(writer.events + 1, ordinal, 5000);
    try {
      writer.append(batch, STATE_HASH, 1);
    } catch (error) {
      if (error instanceof HeaptapeError) return error;
      throw error;
    }
    for (let i = 0; i < batch.count; i += 1) if ((batch.firstSeq + i) % 3 !== 0) ordinal += 1;
  }
}

it('a full disk is one clear error; what was written stays readable until it is given up', ({
  skip,
}) => {
  const disk = smallDisk(600);
  if (disk === undefined) {
    console.log('skipped: no permission to mount a small file system, disk-full untested');
    skip('mount is not permitted');
    return;
  }
  const path = join(disk, 'x.tape');
  const writer = openTapeWriter(path, { compress: 'none' });
  const error = fill(writer);
  expect(error.code).toBe('file-error');
  expect(error.message).toBe(`${writer.file}: cannot write events: the disk is full`);
  expect(error.hint).toBe('free some space and try again');
  const { events } = writer;
  expect(events).toBeGreaterThan(0);
  const reader = openTape(writer.file);
  expect(reader.events).toBe(events);
  expect(reader.check().problems).toEqual([
    `the tape was not closed; it ends with event ${events}`,
  ]);
  reader.close();
  expect(existsSync(path)).toBe(false);
  writer.abort();
  expect(readdirSync(disk)).toEqual([]);
});

it('closing can be tried again once there is space', ({ skip }) => {
  const disk = smallDisk(1200);
  if (disk === undefined) return skip('mount is not permitted');
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(700 * 1024));
  const path = join(disk, 'x.tape');
  const writer = openTapeWriter(path, { compress: 'none' });
  fill(writer);
  const { events } = writer;
  expect(() => writer.close()).toThrow(expect.objectContaining({ code: 'file-error' }));
  expect(existsSync(path)).toBe(false);
  rmSync(ballast);
  writer.close();
  const reader = openTape(path);
  expect([reader.events, reader.check()]).toEqual([events, { ok: true, problems: [] }]);
  reader.close();
});
