import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, FrameReader, framed, MOST_BODY_BYTES } from './framing.ts';

/** What a reader makes of bytes that come in pieces, cut at these places. */
function read(
  bytes: Buffer,
  cuts: readonly number[],
): { frames: Frame[]; end: string | undefined } {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const places = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length];
  places.sort((a, b) => a - b);
  for (let i = 1; i < places.length; i += 1) {
    frames.push(...reader.push(bytes.subarray(places[i - 1], places[i])));
  }
  return { frames, end: reader.end() };
}

const cuts = fc.array(fc.nat({ max: 1 << 16 }), { maxLength: 12 });

test('messages come out as they went in, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), cuts, (messages, at) => {
      const bytes = Buffer.from(messages.map(framed).join(''));
      const { frames, end } = read(bytes, at);
      expect(frames).toEqual(messages.map((message) => ({ text: JSON.stringify(message) })));
      expect(end).toBeUndefined();
    }),
    { seed: 51, numRuns: 200 },
  );
});

test('bytes of any kind give frames or one problem at the end, however they are cut', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'Content-Length: 3\r\n\r\n',
      'Content-Length: 0\r\n\r\n',
      '\r\n\r\n',
      'abc',
      '\r',
    ),
    fc.string({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), cuts, (pieces, at) => {
      const bytes = Buffer.from(pieces.join(''));
      const whole = read(bytes, []);
      expect(read(bytes, at)).toEqual(whole);
      const fatal = whole.frames.findIndex((frame) => 'fatal' in frame && frame.fatal);
      if (fatal >= 0) expect(fatal).toBe(whole.frames.length - 1);
      expect(fatal >= 0 && whole.end !== undefined).toBe(false);
    }),
    { seed: 52, numRuns: 500 },
  );
});

test('a body that is too long is passed over, the one behind it is read', () => {
  const long = Buffer.concat([
    Buffer.from(`Content-Length: ${MOST_BODY_BYTES + 1}\r\n\r\n`),
    Buffer.alloc(MOST_BODY_BYTES + 1, 'x'),
    Buffer.from(framed({ a: 1 })),
  ]);
  expect(read(long, [100, 5000, MOST_BODY_BYTES]).frames).toEqual([
    { problem: `a message is longer than ${MOST_BODY_BYTES} bytes`, fatal: false },
    { text: '{"a":1}' },
  ]);
});
