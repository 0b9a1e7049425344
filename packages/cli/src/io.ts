/**
 * The outside world of one invocation: streams, environment, terminal. Made once by `main.ts` and
 * handed down, so that everything below can be run in a test with other streams.
 *
 * stdout carries results and nothing else; progress and errors go to stderr. Nothing is coloured, so
 * `NO_COLOR` needs no attention.
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Columns that a line of stdout may take; Infinity where stdout is no terminal. */
  readonly width: number;
  /** Whether stderr is a terminal: progress is shown there unasked. */
  readonly interactive: boolean;
  /** Has Ctrl-C call a function instead of ending the process, until what it returns is called. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
}

const NARROWEST = 40;

/** The world of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  return {
    env,
    stdin,
    stdout,
    stderr,
    width: stdout.isTTY ? Math.max(NARROWEST, stdout.columns || 80) : Number.POSITIVE_INFINITY,
    interactive: stderr.isTTY === true && env['TERM'] !== 'dumb',
    onInterrupt: (interrupt) => {
      process.on('SIGINT', interrupt);
      return () => process.off('SIGINT', interrupt);
    },
  };
}

/** Writes, and waits while the reader of the stream is behind. */
export async function print(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (!stream.write(data)) await once(stream, 'drain');
}

/** The one JSON object of `--json`. */
export const printJson = (io: Io, value: unknown): Promise<void> =>
  print(io.stdout, `${JSON.stringify(value)}\n`);
