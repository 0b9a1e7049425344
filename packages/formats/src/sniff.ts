/**
 * Telling file formats apart by their first bytes.
 *
 * Binary formats have magic numbers. A gctrace log is text that may begin with the program's own lines, so it is
 * recognised by any line that begins like a cycle's; give a few KiB for that.
 */

/** What a file seems to be. `gzip` says nothing about what is inside; `tape` is ours. */
export type SniffedFormat = 'exectrace' | 'gctrace' | 'heapdump' | 'tape' | 'gzip' | 'unknown';

const MOST_BYTES = 65536;
const GCTRACE_LINE = /(?:^|\n)gc \d+ @\d/;
const HEAP_DUMP = /^go1\.\d+ heap dump\n/;
const EXEC_TRACE = /^go 1\.\d+ trace\0/;

/** Whether the bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The format that a file with these first bytes seems to have. */
export function sniffFormat(firstBytes: Uint8Array): SniffedFormat {
  if (isGzip(firstBytes)) return 'gzip';
  const text = latin1(firstBytes.subarray(0, MOST_BYTES));
  if (text.startsWith('SQLite format 3\0')) return 'tape';
  if (EXEC_TRACE.test(text)) return 'exectrace';
  if (HEAP_DUMP.test(text)) return 'heapdump';
  return GCTRACE_LINE.test(text) ? 'gctrace' : 'unknown';
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
