import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { testIo } from '../io.testkit.ts';
import { openSource, type Source } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'heaptape-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function contentOf(source: Source): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

/** stdin that delivers `bytes` cut at the given places. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Readable {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return Readable.from(
    places.slice(1).map((end, i) => Buffer.from(bytes.subarray(places[i], end))),
    { objectMode: false },
  );
}

const body = fc.uint8Array({ maxLength: 5000 });
const TRACE = Buffer.from('go 1.26 trace\0\0\0');

test('whatever the pieces, the bytes come out once and whole, decompressed if they were gzip', async () => {
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (bytes, zipped, cuts) => {
        const plain = Buffer.concat([TRACE, bytes]);
        const stdin = pieces(zipped ? gzipSync(plain) : plain, cuts);
        const source = await openSource(testIo({ stdin }), '-');
        expect(source.format).toBe('exectrace');
        expect((await contentOf(source)).equals(plain)).toBe(true);
      },
    ),
    { seed: 42, numRuns: 150 },
  );
});

test('a gzip file that was cut anywhere is refused, and says how far it was good', async () => {
  const zipped = gzipSync(Buffer.concat([TRACE, Buffer.alloc(300_000, 7)]));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: zipped.length - 1 }), async (length) => {
      const stdin = pieces(zipped.subarray(0, length), []);
      const reading = openSource(testIo({ stdin }), '-').then(contentOf);
      await expect(reading).rejects.toMatchObject({
        code: 'bad-data',
        message: expect.stringMatching(
          /^standard input: the gzip data ends early \(after \d+ decompressed bytes\)$/,
        ),
      });
    }),
    { seed: 42, numRuns: 60 },
  );
});

describe('files', () => {
  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test.each([
    ['empty', Buffer.alloc(0), 'unknown'],
    ['log', Buffer.from('hello\ngc 1 @0.004s 25%: …'), 'gctrace'],
    ['tape', Buffer.from('SQLite format 3\0'), 'tape'],
    ['dump', Buffer.from('go1.7 heap dump\n'), 'heapdump'],
    ['double', gzipSync(gzipSync(TRACE)), 'gzip'],
    ['dot', Buffer.from('.'), 'unknown'],
  ])('%s', async (name, bytes, format) => {
    const source = await openSource(testIo(), put(name, bytes));
    expect([source.format, source.fileBytes]).toEqual([format, bytes.length]);
    source.close();
  });

  test('a log is recognised behind the lines of the program', async () => {
    const program = `${'x'.repeat(100)}\n`.repeat(300);
    const log = `${program}gc 1 @0.004s 25%: 1+1+1 ms clock\n`;
    const source = await openSource(testIo({ stdin: pieces(Buffer.from(log), [5, 500]) }), '-');
    expect(source.format).toBe('gctrace');
    expect((await contentOf(source)).toString()).toBe(log);
  });

  test('damage inside gzip', async () => {
    const zipped = gzipSync(Buffer.alloc(200_000, 3));
    zipped[zipped.length - 6] ^= 1;
    const path = put('damaged.gz', zipped);
    await expect(openSource(testIo(), path).then(contentOf)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(`${path}: the gzip data is damaged: `),
    });
  });

  test('what cannot be opened', async () => {
    const missing = join(folder, 'missing');
    await expect(openSource(testIo(), folder)).rejects.toThrow(`${folder}: is a directory`);
    await expect(openSource(testIo(), missing)).rejects.toThrow(
      `${missing}: no such file or directory`,
    );
  });
});
