/** What both kinds of tape demand of their writer. A breach is a bug in the caller. */
import { assert, type EventBatch, type StoredSnapshot } from '@heaptape/schema';

export function expectSegment(
  events: number,
  batch: EventBatch,
  stateHash: string,
  endTimeNs: number,
): void {
  assert(batch.count > 0, 'append of an empty batch');
  assert(batch.firstSeq === events + 1, 'append out of sequence');
  assert(/^[0-9a-f]{16}$/.test(stateHash), 'a state hash has 16 hexadecimal digits');
  assert(Number.isSafeInteger(endTimeNs) && endTimeNs >= 0, 'append: bad time');
}

export function expectSnapshot(events: number, snapshot: StoredSnapshot): void {
  assert(snapshot.seq === events, 'a snapshot belongs at the end of the last segment');
}

/** The JSON of a document. */
export function jsonOf(name: string, value: unknown): string {
  const json = JSON.stringify(value);
  assert(json !== undefined, `document ${name}: not a JSON value`);
  return json;
}
