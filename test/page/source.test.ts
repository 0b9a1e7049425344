/** A tape through the page's source: every event, snapshot and document as the reader behind it has them. */
import { Snapshotter } from '@heaptape/core';
import { type FileTapeReader, openTape } from '@heaptape/log';
import { Timeline } from '@heaptape/replay';
import { EventBatch, HeaptapeError, SegmentCodec } from '@heaptape/schema';
import {
  headerOf,
  SourceReader,
  segmentFrame,
  snapshotFrame,
  type TapeSource,
} from '@heaptape/web';
import { beforeAll, describe, expect, test } from 'vitest';
import { TRACE } from '../e2e/heaptape.testkit.ts';
import { importedTape } from './page.testkit.ts';

const tape = importedTape(TRACE);
let reader: FileTapeReader;
beforeAll(() => {
  reader = openTape(tape.path);
});

/** What a server would give, with a count of the segments that were asked for. */
function counted(): { source: TapeSource; asked: number[] } {
  const asked: number[] = [];
  const source: TapeSource = {
    header: () => JSON.parse(JSON.stringify(headerOf('a.tape', reader))),
    segment: (index) => {
      asked.push(index);
      return segmentFrame(reader.encodedSegment(index));
    },
    snapshot: (seq) => snapshotFrame(reader.readSnapshot(seq)),
    document: (name) => reader.document(name),
  };
  return { source, asked };
}

describe('a tape elsewhere', () => {
  test('has the same index and the same events', () => {
    const far = new SourceReader(counted().source);
    expect(far.events).toBe(reader.events);
    expect(far.segments).toEqual(reader.segments);
    const codec = new SegmentCodec();
    const batch = new EventBatch();
    for (let i = 0; i < far.segments.length; i += 1) {
      far.readSegment(i, batch);
      const { soft, hard } = codec.encode(batch);
      const here = reader.encodedSegment(i);
      expect(Buffer.compare(soft, here.soft)).toBe(0);
      expect(Buffer.compare(hard, here.hard)).toBe(0);
    }
  });

  test('leads to the same states', () => {
    const [near, far] = [new Timeline(reader), new Timeline(new SourceReader(counted().source))];
    for (const seq of [1000, 500_000, 20_000, reader.events]) {
      near.seek(seq);
      far.seek(seq);
      expect(far.hash()).toBe(near.hash());
    }
  });

  test('is asked nothing twice within the bound, and keeps to it', () => {
    const { source, asked } = counted();
    const far = new SourceReader(source, 1 << 20);
    const batch = new EventBatch();
    for (const index of [0, 1, 0, 1, 0]) far.readSegment(index, batch);
    expect(asked).toEqual([0, 1]);
    for (let i = 0; i < far.segments.length; i += 1) {
      far.readSegment(i, batch);
      expect(far.cachedBytes).toBeLessThanOrEqual(1 << 20);
    }
    far.readSegment(0, batch);
    expect(asked.filter((index) => index === 0).length).toBe(2);
  });

  test('that comes cut short is bad data', () => {
    const { source } = counted();
    for (const keep of [0, 3, 50]) {
      const short = { ...source, segment: (i: number) => source.segment(i).subarray(0, keep) };
      expect(() => new SourceReader(short).readSegment(0, new EventBatch())).toThrow(HeaptapeError);
    }
    const wrong = { ...source, segment: () => source.segment(1) };
    expect(() => new SourceReader(wrong).readSegment(0, new EventBatch())).toThrow(/other events/);
  });

  test('a snapshot is the same on the other side', () => {
    const timeline = new Timeline(reader);
    const stored = new Snapshotter().take(timeline.seek(300_000));
    const { source } = counted();
    const far = new SourceReader({ ...source, snapshot: () => snapshotFrame(stored) });
    expect(far.readSnapshot(300_000)).toEqual(stored);
  });
});
