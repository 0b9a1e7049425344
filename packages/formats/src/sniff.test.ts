import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isGzip, sniffFormat } from './sniff.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

test('formats are told apart by their first bytes', () => {
  expect(sniffFormat(bytes('go 1.26 trace\0\0\0\x01'))).toBe('exectrace');
  expect(sniffFormat(bytes('go 1.5 trace\0\0\0\0'))).toBe('exectrace');
  expect(sniffFormat(bytes('go1.7 heap dump\n\x06'))).toBe('heapdump');
  expect(sniffFormat(bytes('SQLite format 3\0\x10'))).toBe('tape');
  expect(sniffFormat(bytes('hello\ngc 1 @0.014s 1%: '))).toBe('gctrace');
  expect(sniffFormat(bytes('gc 1 @0.014s 1%: '))).toBe('gctrace');
  expect(sniffFormat(bytes('gc is not a format'))).toBe('unknown');
  expect(sniffFormat(bytes(''))).toBe('unknown');
  const zipped = new Uint8Array(gzipSync(bytes('go 1.26 trace')));
  expect(sniffFormat(zipped)).toBe('gzip');
  expect(isGzip(zipped)).toBe(true);
  expect(isGzip(bytes('\x1f'))).toBe(false);
});
