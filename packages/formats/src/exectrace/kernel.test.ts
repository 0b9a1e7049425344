import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PADDING } from './bytes.ts';
import {
  EV_GO_STATUS_STACK,
  EV_HEAP_OBJECT_ALLOC,
  EV_HEAP_OBJECT_FREE,
  EV_SPAN_ALLOC,
  EV_SPAN_FREE,
} from './events.ts';
import { BATCH_ENDS, FULL, OTHER } from './layout.ts';
import { Recorder } from './recorder.ts';
import { EventStream, StreamPlaces } from './streams.ts';
import { Bytes } from './writer.testkit.ts';

/** A stream of one batch, at its first event. */
function streamOf(
  recorder: Recorder,
  data: readonly number[],
  places: StreamPlaces = new StreamPlaces(recorder.rows.kernel),
): EventStream {
  const stream = new EventStream(recorder.threads.thread(1), 0, places);
  const bytes = new Uint8Array(data.length + PADDING);
  bytes.set(data);
  const size = data.length;
  stream.add({ experiment: 0, generation: 1, m: 1, time: 0, bytes, size, offset: 1000 });
  stream.advance();
  return stream;
}

/** Takes all events of a stream. */
function takeAll(recorder: Recorder, stream: EventStream): void {
  for (;;) {
    const answer = stream.follow(Infinity, Infinity);
    if (answer === FULL) recorder.rows.drain();
    else {
      expect(answer).toBe(BATCH_ENDS);
      recorder.rows.drain();
      return;
    }
  }
}

test('arguments of every size and length are read', () => {
  const value = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(64))
    .map(([bits, shift]) => bits >> BigInt(shift));
  const written = fc.record({ value, width: fc.integer({ min: 1, max: 9 }) });
  const recorder = new Recorder();
  fc.assert(
    fc.property(fc.array(written, { minLength: 4, maxLength: 4 }), (all) => {
      const bytes = new Bytes().byte(EV_GO_STATUS_STACK).uvarint(7);
      for (const { value, width } of all) bytes.uvarint(value, width);
      const stream = streamOf(recorder, bytes.data);
      expect(stream.head).toBe(7);
      expect(stream.follow(Infinity, Infinity)).toBe(OTHER);
      all.forEach(({ value }, i) => {
        expect(stream.argument(i)).toBe(Number(value));
      });
      expect(stream.advance()).toBe(false);
    }),
    { seed: 42, numRuns: 400 },
  );
});

test('an integer of more than 64 bits is refused, with its place', () => {
  const most = new Bytes()
    .byte(EV_GO_STATUS_STACK)
    .uvarint(0)
    .uvarint(2n ** 64n);
  const longer = new Bytes().byte(EV_GO_STATUS_STACK).uvarint(0).uvarint(1, 11);
  for (const { data } of [most, longer]) {
    const stream = streamOf(new Recorder(), data);
    const refused = new HeaptapeError('bad-data', 'integer of more than 64 bits at offset 1006');
    expect(() => stream.follow(Infinity, Infinity)).toThrow(refused);
  }
});

test('spans laid out, filled and freed again and again take no more memory', () => {
  const recorder = new Recorder();
  const { rows } = recorder;
  const places = new StreamPlaces(rows.kernel);
  const spans = [
    { kindClass: 20, units: 6, objects: 8, pages: 1 },
    { kindClass: 106, units: 64, objects: 3, pages: 5 },
    { kindClass: 2, units: 0, objects: 1, pages: 300 },
  ];
  const round = new Bytes();
  for (const { kindClass, units, objects, pages } of spans) {
    const first = 40 * 1024;
    round.byte(EV_SPAN_ALLOC).uvarint(0).uvarint(40).uvarint(pages).uvarint(kindClass);
    for (let i = 0; i < objects; i++) {
      const number = first + i * units;
      round.byte(EV_HEAP_OBJECT_ALLOC).uvarint(0).uvarint(number).uvarint(0);
    }
    round.byte(EV_HEAP_OBJECT_FREE).uvarint(0).uvarint(first);
    round.byte(EV_SPAN_FREE).uvarint(0).uvarint(40);
  }
  takeAll(recorder, streamOf(recorder, round.data, places));
  const memory = rows.kernel.u8.length;
  for (let i = 1; i < 2000; i++) takeAll(recorder, streamOf(recorder, round.data, places));
  expect(rows.kernel.u8.length).toBe(memory);
  expect([rows.misaligned, rows.unmapped, rows.allocsOnLive]).toEqual([0, 0, 0]);
  expect(rows.count).toBe(2000 * 12);
  expect(rows.diedWithSpan).toBe(2000 * 9);
});
