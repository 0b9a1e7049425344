import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, test } from 'vitest';
import * as ev from './events.ts';
import { read } from './read.testkit.ts';
import { ExecTraceReader } from './reader.ts';
import { Bytes, TraceWriter } from './writer.testkit.ts';

function errorOf(bytes: Uint8Array | number[]): HeaptapeError {
  try {
    read(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof HeaptapeError) return error;
    throw error;
  }
  throw new Error('no error');
}

function header(text: string): Bytes {
  const bytes = new Bytes();
  for (const char of text.padEnd(16, '\0')) bytes.byte(char.charCodeAt(0));
  return bytes;
}

/** A header and one batch. */
function file(format: string, payload: number[], size: number = payload.length): Uint8Array {
  const bytes = header(`go ${format} trace`).byte(1).uvarint(1).uvarint(7).uvarint(9).uvarint(size);
  return Uint8Array.from([...bytes.data, ...payload]);
}

/** A trace with one object. */
function good(): TraceWriter {
  const writer = new TraceWriter('1.26', 1000);
  writer.begin(1000);
  writer.event(1, 2000, ev.EV_SPAN_ALLOC, 3, 1, 20);
  writer.event(1, 2001, ev.EV_HEAP_OBJECT_ALLOC, 3072, 0);
  return writer;
}

describe('what is refused, with which code and words', () => {
  test.each([
    ['an empty file', [], 'bad-format', /empty \(offset 0\)/],
    ['something else', header('hello').data, 'bad-format', /not a Go execution trace/],
    ['a short header', [103, 111], 'bad-format', /not a Go execution trace/],
    ['junk behind the version', header('go 1.26 traceXY').data, 'bad-format', /not a Go execution/],
    ['a number in pieces', header('go 1.2\n trace').data, 'bad-format', /not a Go execution trace/],
    ['the old format', header('go 1.21 trace').data, 'bad-version', /old format of Go 1\.21/],
    ['a format to come', header('go 1.99 trace').data, 'bad-version', /1\.99 is not known/],
    ['no batch at all', header('go 1.26 trace').data, 'missing-data', /no allocation and free/],
    ['an unknown event', file('1.26', [200]), 'bad-data', /unknown event number 200 at offset 21/],
    ['a cut event', file('1.26', [37, 1]), 'bad-data', /event runs past its batch at offset/],
    [
      'a long integer',
      file('1.26', [37, ...Array<number>(10).fill(255), 1]),
      'bad-data',
      /64 bits/,
    ],
    ['a big batch', file('1.26', [1], 70_000), 'bad-data', /batch of 70000 bytes at offset 16/],
    [
      'an unknown batch',
      [...header('go 1.26 trace').data, 99],
      'bad-data',
      /byte 99, at offset 16/,
    ],
    ['a mark in 1.25', [...header('go 1.25 trace').data, 52], 'bad-data', /byte 52, at offset 16/],
    ['a bad string', file('1.26', [4, 5, 1, 9, 65]), 'bad-data', /runs past its batch/],
    ['a bad stack', file('1.26', [2, 3, 1, 200, 1]), 'bad-data', /stack of 200 frames/],
    ['a frequency of 0', file('1.23', [8, 0]), 'bad-data', /frequency of 0/],
  ])('%s', (_, bytes, code, message) => {
    const error = errorOf(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('a trace without allocation events names the remedy', () => {
    const { message, hint } = errorOf(file('1.22', [8, 1]));
    expect(message).toMatch(/no allocation and free events/);
    expect(hint).toMatch(/GODEBUG=traceallocfree=1 and Go 1\.23/);
  });

  test('spans of impossible size', () => {
    const huge = good();
    huge.event(1, 2010, ev.EV_SPAN_ALLOC, 3, 2 ** 40, 0);
    huge.end(3000);
    expect(errorOf(huge.bytes())).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/span 3 of 1099511627776 pages and kind 0 at offset \d+/),
    });
    const many = good();
    for (let i = 0; i < 300; i++)
      many.event(1, 2010 + i, ev.EV_SPAN_ALLOC, i * 2 ** 24, 2 ** 24, 0);
    many.end(3000);
    expect(errorOf(many.bytes())).toMatchObject({ code: 'too-large' });
  });

  test('a file over the limit', () => {
    const reader = new ExecTraceReader({ maxBytes: 10 });
    expect(() => reader.push(new Uint8Array(11))).toThrow(/larger than 10 bytes/);
  });

  test('progress is told', () => {
    const seen: number[] = [];
    const reader = new ExecTraceReader({ onProgress: (bytes) => seen.push(bytes) });
    const writer = good();
    writer.end(3000);
    const bytes = writer.bytes();
    reader.push(bytes.slice(0, 20));
    reader.push(bytes.slice(20));
    expect(reader.finish().allocs.count).toBe(1);
    expect(seen).toEqual([20, bytes.length]);
  });
});

describe('an incomplete last generation', () => {
  test('is left out and counted', () => {
    const writer = good();
    writer.end(3000);
    writer.begin(4000);
    writer.event(1, 4001, ev.EV_HEAP_OBJECT_ALLOC, 3078, 0);
    writer.event(1, 4002, ev.EV_HEAP_OBJECT_FREE, 3072);
    writer.flushAll();
    const recording = read(writer.bytes());
    expect(recording.allocs.count).toBe(1);
    expect(recording.counts).toMatchObject({ generations: 2, events: 4, allocs: 1, frees: 0 });
    expect(recording.counts.dropped).toEqual({ batches: 2, events: 2, allocs: 1, frees: 1 });
    expect(recording.warnings).toHaveLength(1);
  });

  test('is used, with what it has, where it is the only one', () => {
    const writer = good();
    writer.flushAll();
    const recording = read(Uint8Array.from([...writer.bytes(), 1, 1, 5]));
    expect(recording.allocs.count).toBe(1);
    expect(recording.counts.dropped).toBeNull();
    expect(recording.warnings.map((w) => w.message)).toEqual([
      expect.stringContaining('only generation'),
    ]);
  });
});

test('a clock that leaps beyond exact nanoseconds is refused', () => {
  const writer = good();
  writer.event(1, 2 ** 52, ev.EV_HEAP_OBJECT_FREE, 3072);
  writer.end(2 ** 52 + 1);
  const error = errorOf(writer.bytes());
  expect(error.code).toBe('bad-data');
  expect(error.message).toMatch(/^the trace's clock runs for \d+ ns \(read up to offset \d+\)$/);
});
