/**
 * Random events for property tests, derived from the event table: a new event is generated from the
 * moment its row exists. Test code only; exported as `@heaptape/schema/testkit`.
 *
 * Generated events are well formed, not meaningful: every value fits its wire kind and every object
 * was allocated before, but no program behaves like that. What needs a plausible run simulates one.
 */
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import { argOffsets, EventBatch } from './batch.ts';
import { ALLOCATES, EVENTS, type EventSpec, specOfTag } from './events.ts';
import type { Wire } from './fields.ts';

/** An event before it has a place: object fields are picks that `buildBatch` turns into ordinals. */
export interface LooseEvent {
  readonly tag: number;
  readonly values: readonly (number | Uint8Array)[];
}

/** Largest magnitude whose zigzag code is still below 2^53. */
const MAX_SIGNED = 2 ** 52 - 1;
/** Column values of a `delta` field: differences of two must be within `MAX_SIGNED`. */
const MAX_DELTA = 2 ** 51 - 1;

const smallOr = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 200 }) },
    { weight: 2, arbitrary: fc.nat() },
    { weight: 1, arbitrary: fc.integer({ min: 0, max }) },
  );

function fieldValue(wire: Wire): fc.Arbitrary<number | Uint8Array> {
  switch (wire) {
    case 'uint':
      return smallOr(Number.MAX_SAFE_INTEGER);
    case 'int':
      return fc.oneof(smallOr(MAX_SIGNED), fc.integer({ min: -MAX_SIGNED, max: 0 }));
    case 'delta':
      return smallOr(MAX_DELTA);
    case 'object':
      return fc.oneof(fc.nat({ max: 100 }), fc.nat());
    case 'f64':
      return fc.double();
    case 'bytes':
      return fc.uint8Array({ maxLength: 24 });
  }
}

function eventOf({ tag, fields }: EventSpec): fc.Arbitrary<LooseEvent> {
  return fc.tuple(...fields.map(({ wire }) => fieldValue(wire))).map((values) => ({ tag, values }));
}

/** Any event of the table. */
export const looseEvent = (): fc.Arbitrary<LooseEvent> =>
  fc.oneof(...Object.values(EVENTS).map(eventOf));

/** Pick 0 is nil; others are some ordinal below `next`, and nil while there is none. */
function pickObject(pick: number, next: number): number {
  return pick === 0 || next === 1 ? 0 : next - 1 - ((pick - 1) % (next - 1));
}

/** Puts loose events into a batch that begins at the given place. */
export function buildBatch(
  events: readonly LooseEvent[],
  firstSeq: number,
  firstOrdinal: number,
): EventBatch {
  const batch = new EventBatch(Math.max(1, events.length));
  batch.clear(firstSeq, firstOrdinal);
  let next = firstOrdinal;
  for (const { tag, values } of events) {
    const cells: number[] = [];
    (specOfTag(tag)?.fields ?? []).forEach(({ wire }, i) => {
      const value = values[i];
      if (typeof value !== 'number') cells.push(batch.putBlob(value), value.length);
      else cells.push(wire === 'object' ? pickObject(value, next) : value);
    });
    batch.push(tag, cells);
    next += ALLOCATES[tag];
  }
  return batch;
}

/** A non-empty batch that begins anywhere. */
export const batchArbitrary = (maxEvents = 60): fc.Arbitrary<EventBatch> =>
  fc
    .tuple(
      fc.array(looseEvent(), { minLength: 1, maxLength: maxEvents }),
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 ** 40 })),
    )
    .map(([events, seq, ordinal]) => buildBatch(events, seq, ordinal));

/** Ordinal that the next allocation takes after `batch`. */
export function nextOrdinal(batch: EventBatch): number {
  let next = batch.firstOrdinal;
  for (let i = 0; i < batch.count; i += 1) next += ALLOCATES[batch.kinds[i]];
  return next;
}

/** Consecutive non-empty batches from the first event on: the content of a tape. */
export const batchesArbitrary = (maxBatches = 5, maxEvents = 40): fc.Arbitrary<EventBatch[]> =>
  fc
    .array(fc.array(looseEvent(), { minLength: 1, maxLength: maxEvents }), {
      maxLength: maxBatches,
    })
    .map((lists) => {
      let seq = 1;
      let ordinal = 1;
      return lists.map((events) => {
        const batch = buildBatch(events, seq, ordinal);
        seq += batch.count;
        ordinal = nextOrdinal(batch);
        return batch;
      });
    });

/** A batch as plain data, free of where byte strings lie in its blob: for `toEqual`. */
export function contentOf(batch: EventBatch): unknown {
  const offsets = argOffsets(batch);
  const events: unknown[] = [];
  for (let i = 0; i < batch.count; i += 1) {
    const cells: unknown[] = [batch.kinds[i]];
    let at = offsets[i];
    for (const { wire } of specOfTag(batch.kinds[i])?.fields ?? []) {
      if (wire === 'bytes') {
        cells.push([...batch.blob.subarray(batch.args[at], batch.args[at] + batch.args[at + 1])]);
        at += 2;
      } else {
        cells.push(batch.args[at]);
        at += 1;
      }
    }
    events.push(cells);
  }
  return { firstSeq: batch.firstSeq, firstOrdinal: batch.firstOrdinal, events };
}
