/**
 * Reading bytes in one go, for tests.
 */
import { ExecTraceReader } from './reader.ts';
import type { TraceRecording } from './recording.ts';

/** Reads a whole trace, pushed in chunks of `chunk` bytes. */
export function read(bytes: Uint8Array, chunk: number = bytes.length): TraceRecording {
  const reader = new ExecTraceReader();
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.slice(at, at + chunk));
  return reader.finish();
}

/** `freedBy` of every row. */
export function deaths(recording: TraceRecording): number[] {
  const { freedBy, count } = recording.allocs;
  return Array.from({ length: count }, (_, row) => freedBy.get(row));
}
