/**
 * Opening what a user names: a file, or `-` for stdin; compressed or not; told apart by content.
 *
 * 1. Chunks of 1 MiB are read, so that the importer behind is never waiting for small pieces. Those of an
 *    ordinary file go into the same two buffers in turn: fresh memory for each costs as much as reading.
 * 2. Bytes that begin like gzip are decompressed on the way. A compressed file that ends early is
 *    refused, because what is missing cannot be told; and one that expands out of all proportion, because
 *    it was made to fill the memory.
 * 3. The first bytes are held back until they suffice to tell the format, then handed on with the rest.
 */
import { closeSync, createReadStream, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isGzip, type SniffedFormat, sniffFormat } from '@heaptape/formats';
import { HeaptapeError } from '@heaptape/schema';
import { about, inFile } from '../failure.ts';
import type { Io } from '../io.ts';

export interface Source {
  /** The name as the user typed it; `standard input` for `-`. */
  readonly name: string;
  readonly format: SniffedFormat;
  /** The first bytes, decompressed; empty for an empty file. */
  readonly head: Uint8Array;
  /** Bytes of the file itself, 0 when unknown. */
  readonly fileBytes: number;
  /** Bytes of the file that have been read so far. */
  readonly bytesRead: () => number;
  /** Everything, decompressed, from the first byte on. A chunk holds until the next. Errors name the source. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Gives up reading. */
  close(): void;
}

const CHUNK_BYTES = 1 << 20;
/** Decompressed bytes that suffice to tell the format. */
const SNIFF_BYTES = 1 << 16;

/**
 * How many times its size a compressed file may expand, once it has expanded to so many bytes: recordings do
 * five to twenty times, and a file made to fill the memory a thousand times.
 */
const MOST_EXPANSION = 100;
const UNBOUNDED_BYTES = 128 << 20;

/** Bytes that tell a tape from other files. */
const HEAD_BYTES = 64;

/** The name for messages. */
const nameOf = (path: string): string => (path === '-' ? 'standard input' : path);

/** Opens a source and tells its format. Throws `file-error` and `bad-data`. */
export async function openSource(io: Io, path: string): Promise<Source> {
  const name = nameOf(path);
  const found = path === '-' ? undefined : await statOf(path);
  const ordinary = found?.isFile() === true;
  const raw: Raw = ordinary ? new PlainFile(path) : streamed(path === '-' ? io.stdin : path);
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of raw.chunks()) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const bytes = peekable(explained(name, decompressed(counted())));
  const head = await bytes.peek(SNIFF_BYTES, (seen) => sniffFormat(seen) !== 'unknown');
  return {
    name,
    format: sniffFormat(head),
    head,
    fileBytes: ordinary ? found.size : 0,
    bytesRead: () => bytesRead,
    chunks: () => bytes.all(),
    close: () => raw.close(),
  };
}

async function statOf(path: string): Promise<Stats> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new HeaptapeError('file-error', 'is a directory');
    return found;
  } catch (error) {
    throw about(path, error);
  }
}

/** Where the bytes come from. */
interface Raw {
  chunks(): AsyncIterable<Uint8Array>;
  close(): void;
}

function streamed(from: Readable | string): Raw {
  const stream =
    typeof from === 'string' ? createReadStream(from, { highWaterMark: CHUNK_BYTES }) : from;
  return { chunks: () => stream, close: () => void stream.destroy() };
}

/**
 * An ordinary file, read ahead by one chunk. Chunks that may be held back, the first ones, and those that
 * gunzip takes at its own pace have buffers of their own.
 */
class PlainFile implements Raw {
  readonly #path: string;
  readonly #pair: Buffer[] = [];
  #turn = 0;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    this.#file = await open(this.#path);
    try {
      let total = 0;
      let owned = true;
      let ahead = this.#read(this.#file, owned);
      for (;;) {
        const chunk = await ahead;
        if (chunk.length === 0) return;
        if (total === 0) owned = isGzip(chunk);
        total += chunk.length;
        ahead = this.#read(this.#file, owned || total < SNIFF_BYTES);
        // A failure is for whoever asks for that chunk, not for the process meanwhile.
        ahead.catch(() => undefined);
        yield chunk;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#file?.close().catch(() => undefined);
  }

  async #read(file: FileHandle, owned: boolean): Promise<Uint8Array> {
    const buffer = owned ? Buffer.allocUnsafe(CHUNK_BYTES) : this.#nextOfPair();
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    return buffer.subarray(0, bytesRead);
  }

  /** The one of two buffers that was read into longer ago. */
  #nextOfPair(): Buffer {
    this.#turn = 1 - this.#turn;
    this.#pair[this.#turn] ??= Buffer.allocUnsafe(CHUNK_BYTES);
    return this.#pair[this.#turn];
  }
}

interface Peekable {
  /** The first bytes: `most`, or fewer when `enough` says so or the source ends. */
  peek(most: number, enough: (seen: Uint8Array) => boolean): Promise<Uint8Array>;
  all(): AsyncGenerator<Uint8Array>;
}

function peekable(source: AsyncGenerator<Uint8Array>): Peekable {
  const held: Uint8Array[] = [];
  return {
    async peek(most, enough) {
      let seen: Uint8Array = new Uint8Array(0);
      while (seen.length < most && !enough(seen)) {
        const { value, done } = await source.next();
        if (done) break;
        held.push(value);
        seen = held.length === 1 ? value : Buffer.concat(held);
      }
      return seen.subarray(0, most);
    },
    async *all() {
      yield* held.splice(0);
      yield* source;
    },
  };
}

/** The bytes as they are, or what they are gzip for. */
async function* decompressed(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = peekable(source);
  const head = await bytes.peek(2, (seen) => seen.length >= 2);
  if (!isGzip(head)) {
    yield* bytes.all();
    return;
  }
  yield* bounded(bytes.all());
}

/** What the compressed bytes expand to, as long as that is in proportion. */
async function* bounded(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let plain = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      packed += chunk.length;
      yield chunk;
    }
  }
  for await (const chunk of gunzipped(counted())) {
    plain += chunk.length;
    if (plain > UNBOUNDED_BYTES && plain > packed * MOST_EXPANSION) {
      throw new HeaptapeError(
        'too-large',
        `the gzip data expands more than ${MOST_EXPANSION} times (after ${plain} decompressed bytes)`,
        'if that is meant, decompress it first: gunzip -c FILE | heaptape import -',
      );
    }
    yield chunk;
  }
}

async function* gunzipped(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const flow = pipeline(source, gunzip);
  // An error reaches the reader through `gunzip`; this keeps it from being unhandled meanwhile.
  flow.catch(() => undefined);
  yield* gunzip;
  await flow;
}

/** Turns errors of the file system and of gzip into errors about the source. */
async function* explained(
  name: string,
  source: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  try {
    for await (const chunk of source) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw about(name, gzipError(error, offset));
  }
}

function gzipError(error: unknown, offset: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (typeof error.code !== 'string' || !error.code.startsWith('Z_')) return error;
  const cut = error.code === 'Z_BUF_ERROR';
  const what = cut ? 'the gzip data ends early' : `the gzip data is damaged: ${error.message}`;
  return new HeaptapeError(
    'bad-data',
    `${what} (after ${offset} decompressed bytes)`,
    cut
      ? 'copy the file again, or import what is left: gunzip -c FILE | heaptape import -'
      : undefined,
  );
}

/** The first bytes of an existing file, for `sniffFormat`. */
export function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  return inFile(path, () => {
    const file = openSync(path, 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  });
}
