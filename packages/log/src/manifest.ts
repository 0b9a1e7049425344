/**
 * A snapshot's manifest: which chunks each column of a state is made of.
 *
 *   manifest = count column*        column = length name  count hash*
 *
 * Numbers are unsigned LEB128, names UTF-8, hashes 32 bytes: the names of rows in `chunk`.
 */
import {
  type ByteCursor,
  ByteSink,
  decodeUtf8,
  encodeUtf8,
  HeaptapeError,
  readUint,
} from '@heaptape/schema';
import { HASH_BYTES } from './digest.ts';

export interface ManifestColumn {
  readonly name: string;
  readonly hashes: readonly Uint8Array[];
}

export function encodeManifest(columns: readonly ManifestColumn[]): Uint8Array {
  const sink = new ByteSink();
  sink.uint(columns.length);
  for (const { name, hashes } of columns) {
    const bytes = encodeUtf8(name);
    sink.uint(bytes.length);
    sink.raw(bytes);
    sink.uint(hashes.length);
    for (const hash of hashes) sink.raw(hash);
  }
  return sink.view();
}

function take(cursor: ByteCursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new HeaptapeError('bad-data', 'manifest: cut short');
  const part = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

/** Throws `bad-data`. */
export function decodeManifest(bytes: Uint8Array): ManifestColumn[] {
  const cursor: ByteCursor = { bytes, at: 0 };
  const columns: ManifestColumn[] = [];
  for (let left = readUint(cursor); left > 0; left -= 1) {
    const name = decodeUtf8(take(cursor, readUint(cursor)));
    const hashes: Uint8Array[] = [];
    for (let more = readUint(cursor); more > 0; more -= 1) hashes.push(take(cursor, HASH_BYTES));
    columns.push({ name, hashes });
  }
  if (cursor.at !== bytes.length) throw new HeaptapeError('bad-data', 'manifest: bytes left over');
  return columns;
}
