/**
 * Batches that were written twice.
 *
 * Under load, Go 1.26 now and then writes the buffer of a thread a second time, sometimes in place of another one.
 * Taken for real, its events would be allocations that never were. A batch with the thread, time and bytes of an
 * earlier one of its generation cannot be anything else: time goes on between two batches of a thread.
 */
import type { Batch } from './batches.ts';

/** The batches of one generation without those that repeat an earlier one, in order. */
export function withoutDuplicates(batches: readonly Batch[]): Batch[] {
  const lastAtTime = new Map<number, Batch>();
  return batches.filter((batch) => {
    const earlier = lastAtTime.get(batch.time);
    if (earlier !== undefined && sameBatch(batch, earlier)) return false;
    lastAtTime.set(batch.time, batch);
    return true;
  });
}

function sameBatch(a: Batch, b: Batch): boolean {
  if (a.m !== b.m || a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  return true;
}
