/** What the tests of tapes share: a folder of their own, and tapes with known content. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENTS, EventBatch, type StoredSnapshot, type TapeWriter } from '@heaptape/schema';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import { afterEach } from 'vitest';

/** Returns a function that makes folders, each removed after the test that asked for it. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'heaptape-log-'));
    made.push(folder);
    return folder;
  };
}

export const STATE_HASH = '0123456789abcdef';

/** A batch of `count` plausible events that depends on its place only. */
export function plainBatch(firstSeq: number, firstOrdinal: number, count: number): EventBatch {
  const batch = new EventBatch(count);
  batch.clear(firstSeq, firstOrdinal);
  let next = firstOrdinal;
  for (let i = 0; i < count; i += 1) {
    const seq = firstSeq + i;
    if (seq % 3 !== 0) {
      batch.push(EVENTS.ObjectAllocated.tag, [1 + (seq % 7), 0, 0]);
      next += 1;
    } else batch.push(EVENTS.PointerStored.tag, [next - 1, seq % 5, Math.max(0, next - 3)]);
  }
  return batch;
}

/** Appends `segments` plain batches of `count` events each. */
export function appendPlain(tape: TapeWriter, segments: number, count: number): void {
  let ordinal = 1;
  for (let seq = 1; seq <= tape.events; seq += 1) if (seq % 3 !== 0) ordinal += 1;
  for (let i = 0; i < segments; i += 1) {
    const first = tape.events + 1;
    tape.append(plainBatch(first, ordinal, count), STATE_HASH, first * 10);
    for (let seq = first; seq < first + count; seq += 1) if (seq % 3 !== 0) ordinal += 1;
  }
}

/** A snapshot at `seq` with shared, equal and different chunks. */
export function plainSnapshot(seq: number): StoredSnapshot {
  const shared = new Uint8Array(512).fill(7);
  const own = Uint8Array.from({ length: 512 }, (_, i) => (i * seq) & 255);
  return {
    seq,
    control: new TextEncoder().encode(JSON.stringify({ phase: 'off', seq, pad: 'x'.repeat(200) })),
    columns: { mark: [shared, shared, own], 'span.start': [own.slice()], empty: [] },
  };
}
