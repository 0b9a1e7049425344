/**
 * From records to a dump: objects get their numbers, and every address that refers to one is looked up.
 *
 * 1. Order objects by address; drop the phantoms.
 * 2. Copy fields in that order, each value replaced by the object it lies in.
 * 3. Look up roots; those that refer to no object are dropped. The fields of an object with a finalizer are roots too.
 * 4. Look up the samples of the memory profile.
 */
import type {
  HeapDump,
  HeapDumpFinalizer,
  HeapDumpGoroutine,
  HeapDumpMemStats,
  HeapDumpParams,
} from './dump.ts';
import { NO_OBJECT } from './dump.ts';
import { addressOrder, ObjectFinder } from './order.ts';
import { phantomsOf, type SpanTail, spanTailOf } from './phantoms.ts';
import type { RawDump, RawFinalizer, RawGoroutine, RawObjects } from './raw.ts';
import { resolveRoots } from './roots.ts';

/** What the reader knows beside the records. */
export interface Totals {
  readonly bytes: number;
  readonly records: number;
  readonly trailingBytes: number;
}

interface Fields {
  readonly firstField: Uint32Array;
  readonly fieldOffset: Uint32Array;
  readonly fieldTarget: Int32Array;
  readonly nil: number;
  readonly elsewhere: number;
}

interface Samples {
  readonly site: Int32Array;
  readonly lost: number;
  readonly repeated: number;
}

/** Makes the dump from whole records. */
export function assemble(
  raw: RawDump,
  params: HeapDumpParams,
  memstats: HeapDumpMemStats,
  totals: Totals,
): HeapDump {
  const order = realObjects(raw.objects, spanTailOf(params));
  const address = Float64Array.from(order, (i) => raw.objects.address.get(i));
  const bytes = Float64Array.from(order, (i) => raw.objects.bytes.get(i));
  const finder = new ObjectFinder(address, bytes);
  const { nil, elsewhere, ...fields } = resolveFields(raw.objects, order, finder);
  const { site, lost, repeated } = resolveSamples(raw, order.length, finder);
  const objects = { count: order.length, address, bytes, ...fields, site };
  const { segments, frames, otherRoots, itabs, threads, defers, panics, sites } = raw;
  return {
    params,
    memstats,
    objects,
    roots: resolveRoots(raw, objects, finder),
    goroutines: countFrames(raw.goroutines, frames.length),
    finalizers: raw.finalizers.map((row) => withObjects(row, finder)),
    types: raw.typeAt,
    ...{ segments, frames, otherRoots, itabs, threads, defers, panics, sites },
    counts: {
      ...totals,
      phantoms: raw.objects.address.length - order.length,
      fieldsElsewhere: elsewhere,
      fieldsNil: nil,
      fieldsOutside: raw.fieldsOutside,
      samplesLost: lost,
      samplesRepeated: repeated,
    },
  };
}

/** Places of the raw objects that are objects, by address. */
function realObjects(raw: RawObjects, tail: SpanTail): Uint32Array {
  const order = addressOrder(raw);
  const phantom = phantomsOf(
    {
      count: order.length,
      address: Float64Array.from(order, (i) => raw.address.get(i)),
      bytes: Float64Array.from(order, (i) => raw.bytes.get(i)),
      fields: Uint32Array.from(order, (i) => fieldsEnd(raw, i) - raw.firstField.get(i)),
    },
    tail,
  );
  return order.filter((_, rank) => phantom[rank] === 0);
}

/** Place after the last field of a raw object. */
function fieldsEnd(raw: RawObjects, i: number): number {
  return i + 1 < raw.firstField.length ? raw.firstField.get(i + 1) : raw.fieldOffset.length;
}

function resolveFields(raw: RawObjects, order: Uint32Array, finder: ObjectFinder): Fields {
  const firstField = new Uint32Array(order.length + 1);
  const fieldOffset = new Uint32Array(raw.fieldOffset.length);
  const fieldTarget = new Int32Array(raw.fieldOffset.length);
  let at = 0;
  let nil = 0;
  let elsewhere = 0;
  for (let rank = 0; rank < order.length; rank++) {
    const end = fieldsEnd(raw, order[rank]);
    for (let field = raw.firstField.get(order[rank]); field < end; field++) {
      const value = raw.fieldValue.get(field);
      const target = finder.find(value);
      if (value === 0) nil++;
      else if (target === NO_OBJECT) elsewhere++;
      fieldOffset[at] = raw.fieldOffset.get(field);
      fieldTarget[at++] = target;
    }
    firstField[rank + 1] = at;
  }
  const used = {
    fieldOffset: fieldOffset.subarray(0, at),
    fieldTarget: fieldTarget.subarray(0, at),
  };
  return { firstField, ...used, nil, elsewhere };
}

function resolveSamples(raw: RawDump, count: number, finder: ObjectFinder): Samples {
  const siteAt = new Map(raw.sites.map((row, index) => [row.address, index]));
  const site = new Int32Array(count).fill(-1);
  let lost = 0;
  let repeated = 0;
  for (let i = 0; i < raw.sampleAddress.length; i++) {
    const object = finder.find(raw.sampleAddress.get(i));
    const found = siteAt.get(raw.sampleSite.get(i));
    if (object === NO_OBJECT || found === undefined) lost++;
    else if (site[object] !== -1) repeated++;
    else site[object] = found;
  }
  return { site, lost, repeated };
}

function countFrames(rows: readonly RawGoroutine[], frames: number): HeapDumpGoroutine[] {
  return rows.map((row, i) => {
    const end = i + 1 < rows.length ? rows[i + 1].firstFrame : frames;
    return { ...row, frameCount: end - row.firstFrame };
  });
}

function withObjects(row: RawFinalizer, finder: ObjectFinder): HeapDumpFinalizer {
  return { ...row, object: finder.find(row.address), fnObject: finder.find(row.fn) };
}
