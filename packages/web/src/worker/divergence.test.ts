/** Where two tapes part, against `diffTapes`, which compares every event in words. */
import { configs, programs } from '@heaptape/core/testkit';
import { diffTapes } from '@heaptape/replay';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CARRIED, type CarriedIndex, carriedSource } from '../wire/carried.ts';
import { SourceReader, type TapeSource } from '../wire/source.ts';
import { divergenceJob } from './jobs/divergence.ts';
import type { TapePlace } from './jobs/open.ts';
import type { Task } from './serve.ts';
import { Session, SessionHolder } from './session.ts';
import { programSource } from './source.testkit.ts';

const task: Task = {
  onProgress: () => undefined,
  part: () => undefined,
  breathe: () => Promise.resolve(),
};

/** A source as it lies in a page, and its bytes. */
function carried(source: TapeSource): { index: CarriedIndex; bytes: Uint8Array<ArrayBuffer> } {
  const header = source.header();
  const frames = [
    ...header.counts.map((_, i) => source.segment(i)),
    ...header.snapshots.map((seq) => source.snapshot(seq)),
  ];
  const lengths = frames.map(({ length }) => length);
  const index = {
    header,
    segments: lengths.slice(0, header.counts.length),
    snapshots: lengths.slice(header.counts.length),
    documents: {},
    link: '',
  };
  return { index, bytes: new Uint8Array(Buffer.concat(frames)) };
}

/** As in a browser's worker. */
class Reader {
  readAsArrayBuffer(blob: { readonly part: Uint8Array<ArrayBuffer> }): ArrayBuffer {
    return blob.part.slice().buffer;
  }
}

/** A blob whose parts can be read at once. */
function placeOf(source: TapeSource): TapePlace {
  const { index, bytes } = carried(source);
  const slice = (from: number, to: number) => ({ part: bytes.subarray(from, to) });
  return { index, bytes: { size: bytes.length, slice } as unknown as Blob };
}

const run = fc.tuple(configs(), programs(40));

test('is the first event that differs', async () => {
  Object.assign(globalThis, { FileReaderSync: Reader });
  await fc.assert(
    fc.asyncProperty(run, fc.nat(), fc.boolean(), async ([config, operations], pick, equal) => {
      const other = equal ? operations : operations.toSpliced(pick % (operations.length + 1), 1);
      const [a, b] = [programSource(config, operations), programSource(config, other)];
      const holder = new SessionHolder();
      holder.set(new Session(a));
      const found = await divergenceJob(holder)(placeOf(b), task);
      const { firstDivergence } = diffTapes(new SourceReader(a), new SourceReader(b));
      const expected =
        firstDivergence === null
          ? null
          : { seq: firstDivergence.seq, here: firstDivergence.a, there: firstDivergence.b };
      expect(found).toEqual(expected);
    }),
    { seed: 42, numRuns: 25 },
  );
});

test('a carried tape is the tape, and one that is too short is refused', () => {
  const [[config, operations]] = fc.sample(run, { seed: 5, numRuns: 1 });
  const source = programSource(config, operations);
  const { index, bytes } = carried(source);
  const read = (from: number, to: number): Uint8Array => bytes.subarray(from, to);
  const there = carriedSource(index, bytes.length, read);
  expect(there.header()).toEqual(source.header());
  index.segments.forEach((_, i) => {
    expect(Buffer.compare(there.segment(i), source.segment(i))).toBe(0);
  });
  for (const seq of index.header.snapshots) {
    expect(Buffer.compare(there.snapshot(seq), source.snapshot(seq))).toBe(0);
  }
  expect(there.document('cut')).toBeUndefined();
  expect(() => there.snapshot(-1)).toThrow(/no such part/);
  expect(() => carriedSource(index, bytes.length - 1, read)).toThrow(/not whole/);
  expect(CARRIED.index(0)).not.toBe(CARRIED.bytes(0));
});
