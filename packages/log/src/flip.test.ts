/**
 * Any byte of a closed tape altered: either it is noticed, or it makes no difference to what is read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import { contentOf } from '@heaptape/schema/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openTapeWriter } from './open.ts';
import { type FileTapeReader, openTape } from './reader.ts';
import { appendPlain, plainSnapshot, temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();

function everything(tape: TapeReader): unknown {
  const batch = new EventBatch();
  return {
    segments: tape.segments.map((info, index) => {
      tape.readSegment(index, batch);
      return { info, content: contentOf(batch) };
    }),
    snapshots: tape.snapshots.map((seq) => {
      const { control, columns } = tape.readSnapshot(seq);
      const plain = Object.entries(columns).map(([name, list]) => [name, list.map((c) => [...c])]);
      return [[...control], plain];
    }),
    documents: ['run', 'notes'].map((name) => tape.document(name)),
  };
}

/** Whether damage is noticed; any exception but ours is a failure of the test. */
function isNoticed(path: string, expected: unknown, allowDamaged: boolean): boolean {
  let tape: FileTapeReader | undefined;
  try {
    tape = openTape(path, { allowDamaged });
    if (!tape.check().ok) return true;
    expect(everything(tape)).toEqual(expected);
    return false;
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    expect(error.message).not.toContain('\n');
    return true;
  } finally {
    tape?.close();
  }
}

it.each([
  ['deflate', 150],
  ['none', 150],
] as const)('every altered byte is noticed or makes no difference (%s)', (compress, numRuns) => {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path, { compress });
  appendPlain(writer, 2, 150);
  writer.putSnapshot(plainSnapshot(300));
  appendPlain(writer, 1, 3000);
  writer.putDocument('run', { gogc: 100 });
  writer.putDocument('notes', 'n'.repeat(6000));
  writer.close();
  const whole = readFileSync(path);
  const tape = openTape(path);
  const expected = everything(tape);
  tape.close();
  let noticed = 0;
  const copy = join(folder(), 'y.tape');
  const where = fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: whole.length - 1 }) },
    { weight: 1, arbitrary: fc.nat({ max: 120 }) },
    { weight: 1, arbitrary: fc.nat({ max: whole.length / 4096 - 1 }).map((page) => page * 4096) },
  );
  fc.assert(
    fc.property(where, fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const altered = Buffer.from(whole);
      altered[at] ^= mask;
      writeFileSync(copy, altered);
      const strict = isNoticed(copy, expected, false);
      expect(isNoticed(copy, expected, true) || strict).toBe(strict);
      if (strict) noticed += 1;
    }),
    { seed: 42, numRuns },
  );
  expect(noticed).toBeGreaterThan(numRuns / 5);
});
