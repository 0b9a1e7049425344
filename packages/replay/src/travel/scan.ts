/** Looking through the events of a tape, in either direction, without folding them. */
import { argOffsets, CELLS, type EventBatch } from '@heaptape/schema';
import type { Timeline } from '../timeline.ts';

/** Is shown an event: its tag, its batch, the offset of its arguments, its number; true ends the scan. */
export type EventTest = (kind: number, batch: EventBatch, at: number, seq: number) => boolean;

/** The first event from `from` to `to` with one of `kinds` for which `test` is true; 0 is none. */
export function scanForward(
  timeline: Timeline,
  from: number,
  to: number,
  kinds: Uint8Array,
  test: EventTest,
): number {
  let seq = from;
  while (seq <= to) {
    const batch = timeline.segmentAt(seq);
    const first = seq - batch.firstSeq;
    const end = Math.min(batch.count, to - batch.firstSeq + 1);
    let at = 0;
    for (let i = 0; i < first; i += 1) at += CELLS[batch.kinds[i]];
    for (let i = first; i < end; i += 1) {
      const kind = batch.kinds[i];
      if (kinds[kind] === 1 && test(kind, batch, at, batch.firstSeq + i)) return batch.firstSeq + i;
      at += CELLS[kind];
    }
    seq = batch.firstSeq + batch.count;
  }
  return 0;
}

/** The last event from `to` back to `from`, or the first, with one of `kinds` for which `test` is true; 0 is none. */
export function scanBack(
  timeline: Timeline,
  to: number,
  kinds: Uint8Array,
  test: EventTest,
  from: number = timeline.begin + 1,
): number {
  let seq = to;
  while (seq >= from) {
    const batch = timeline.segmentAt(seq);
    const offsets = argOffsets(batch);
    const first = Math.max(0, from - batch.firstSeq);
    for (let i = seq - batch.firstSeq; i >= first; i -= 1) {
      const kind = batch.kinds[i];
      if (kinds[kind] === 1 && test(kind, batch, offsets[i], batch.firstSeq + i)) {
        return batch.firstSeq + i;
      }
    }
    seq = batch.firstSeq - 1;
  }
  return 0;
}

const ALWAYS: EventTest = () => true;

export const nextOf = (timeline: Timeline, from: number, to: number, kinds: Uint8Array): number =>
  scanForward(timeline, from, to, kinds, ALWAYS);

export const lastOf = (timeline: Timeline, to: number, kinds: Uint8Array): number =>
  scanBack(timeline, to, kinds, ALWAYS);
