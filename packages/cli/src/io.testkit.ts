/** An `Io` whose streams are in memory. */
import { PassThrough, Readable } from 'node:stream';
import type { Io } from './io.ts';

export interface TestIo extends Io {
  /** What has been written to stdout and stderr so far. */
  out(): string;
  err(): string;
}

function collecting(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

export function testIo(options: Partial<Io> & { readonly input?: Uint8Array } = {}): TestIo {
  const { input, ...rest } = options;
  const out = collecting();
  const err = collecting();
  return {
    env: {},
    stdin: Readable.from(input === undefined ? [] : [input]),
    stdout: out.stream,
    stderr: err.stream,
    width: Number.POSITIVE_INFINITY,
    interactive: false,
    onInterrupt: () => () => undefined,
    ...rest,
    out: out.text,
    err: err.text,
  };
}
