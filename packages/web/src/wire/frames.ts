/**
 * Segments and snapshots as byte strings, on their way from a tape to the page.
 *
 *   segment  = u32 length of soft, little endian ‖ soft ‖ hard
 *   snapshot = LEB128 length of control ‖ control ‖ LEB128 columns, then for each column:
 *              LEB128 length of name ‖ name in UTF-8 ‖ LEB128 chunks, then for each chunk:
 *              LEB128 length ‖ content
 *
 * Nothing is compressed here: between two processes of one machine that would cost more than it saves.
 */
import {
  type ByteCursor,
  ByteSink,
  decodeUtf8,
  type EncodedSegment,
  encodeUtf8,
  HeaptapeError,
  readUint,
  type StoredSnapshot,
} from '@heaptape/schema';

const HEAD = 4;

export function segmentFrame({ soft, hard }: EncodedSegment): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEAD + soft.length + hard.length);
  new DataView(frame.buffer).setUint32(0, soft.length, true);
  frame.set(soft, HEAD);
  frame.set(hard, HEAD + soft.length);
  return frame;
}

/** Views of a frame. Throws `bad-data`. */
export function segmentOfFrame(frame: Uint8Array): EncodedSegment {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const soft = frame.length < HEAD ? -1 : view.getUint32(0, true);
  if (soft < 0 || soft > frame.length - HEAD) throw cutShort('a segment');
  return { soft: frame.subarray(HEAD, HEAD + soft), hard: frame.subarray(HEAD + soft) };
}

const cutShort = (what: string): HeaptapeError =>
  new HeaptapeError('bad-data', `${what} came cut short`);

export function snapshotFrame({ control, columns }: StoredSnapshot): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink();
  const put = (bytes: Uint8Array): void => {
    sink.uint(bytes.length);
    sink.raw(bytes);
  };
  put(control);
  const entries = Object.entries(columns);
  sink.uint(entries.length);
  for (const [name, chunks] of entries) {
    put(encodeUtf8(name));
    sink.uint(chunks.length);
    for (const chunk of chunks) put(chunk);
  }
  return new Uint8Array(sink.view());
}

/** Copies of a frame's content, for chunks are read as words. Throws `bad-data`. */
export function snapshotOfFrame(seq: number, frame: Uint8Array): StoredSnapshot {
  const cursor: ByteCursor = { bytes: frame, at: 0 };
  const take = (): Uint8Array => {
    const length = readUint(cursor);
    const end = cursor.at + length;
    if (end > frame.length) throw cutShort('a snapshot');
    const bytes = frame.slice(cursor.at, end);
    cursor.at = end;
    return bytes;
  };
  const control = take();
  const columns: Record<string, Uint8Array[]> = {};
  for (let left = readUint(cursor); left > 0; left -= 1) {
    const name = decodeUtf8(take());
    const chunks: Uint8Array[] = [];
    for (let more = readUint(cursor); more > 0; more -= 1) chunks.push(take());
    columns[name] = chunks;
  }
  return { seq, control, columns };
}
