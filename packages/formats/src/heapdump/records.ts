/**
 * The records of a dump: one is read, checked to be whole, and only then taken.
 *
 * A record is a tag and fields without names or lengths; `u` is unsigned LEB128, `s` a length and bytes, `p` the
 * list of pointers of the bytes before it (`fields.ts`). In the order in which Go writes them:
 *
 *      6 params      u big-endian, u pointer size, u arena start, u arena end, s GOARCH, s Go version, u CPUs
 *      3 type        u address, u size, s name, u indirect                 (before the first record that names it)
 *      8 itab        u address, u type
 *      1 object      u address, s contents of the slot, p
 *      4 goroutine   u g, u sp, u goid, u gopc, u status, u system, u background, u wait since, s wait reason,
 *                    u ctxt, u m, u defer, u panic
 *      5 frame       u sp, u depth, u child's sp, s contents, u entry, u pc, u continpc, s function, p
 *     14 defer       u address, u g, u sp, u pc, u fn, u fn's pc, u link
 *     15 panic       u address, u g, u type, u data, u defer, u link
 *      9 thread      u m, u id, u the system's id
 *     12 data        u address, s contents, p           13 bss   the same
 *      7 finalizer   u object, u fn, u fn's pc, u argument's type, u object's type
 *     11 queued      the same
 *     10 memstats    24 u from Alloc to PauseTotalNs, 256 u pauses, u NumGC
 *     16 site        u address, u size, u n, n times (s function, s file, u line), u allocs, u frees
 *     17 sample      u object, u site
 *      2 other root  s description, u address           (no longer written)
 *      0 end
 *
 * Frames belong to the goroutine before them, innermost first. Follows `runtime/heapdump.go`; the format is that of
 * Go 1.7 and has not changed up to 1.26, except that the version took the place of a list of experiments.
 */
import { memstatsRecord, paramsRecord, siteRecord } from './process.ts';
import { addRow } from './raw.ts';
import type { RecordSource } from './source.ts';
import { deferRecord, frameRecord, goroutineRecord, panicRecord } from './stacks.ts';

const TAG_EOF = 0;
const TAG_PARAMS = 6;
/** Largest slot: field offsets are kept in 32 bits. */
const MAX_OBJECT_BYTES = 0xffff_ffff;
const MAX_OBJECTS = 1 << 27;

/** What reads a record, by tag; there is none for the end record. */
const RECORDS: readonly (((source: RecordSource) => void) | undefined)[] = [
  undefined,
  objectRecord,
  otherRootRecord,
  typeRecord,
  goroutineRecord,
  frameRecord,
  paramsRecord,
  (source) => finalizerRecord(source, false),
  itabRecord,
  threadRecord,
  memstatsRecord,
  (source) => finalizerRecord(source, true),
  (source) => segmentRecord(source, 'data'),
  (source) => segmentRecord(source, 'bss'),
  deferRecord,
  panicRecord,
  siteRecord,
  sampleRecord,
];

/** Reads one record; false at the end record. Throws `Incomplete` where it is not all there. */
export function readRecord(source: RecordSource): boolean {
  const { cursor, dump } = source;
  const tag = cursor.uvarint();
  cursor.complete();
  if (tag === TAG_EOF) return false;
  const record = RECORDS[tag];
  if (record === undefined) return cursor.fail(`no record has tag ${tag}`);
  if (tag !== TAG_PARAMS && dump.params === undefined) {
    cursor.fail(`a record of tag ${tag} before the params record`);
  }
  record(source);
  return true;
}

function objectRecord(source: RecordSource): void {
  const { cursor, fields } = source;
  const { objects, roots } = source.dump;
  const address = cursor.address();
  cursor.memory();
  const bytes = cursor.memoryBytes;
  if (address === 0 || bytes === 0 || bytes > MAX_OBJECT_BYTES) {
    cursor.fail(`an object of ${bytes} bytes at address ${address}`);
  }
  if (address < roots.low || address + bytes > roots.high) {
    cursor.fail(`an object at address ${address}, outside the heap,`);
  }
  fields.scan(true);
  if (objects.address.length >= MAX_OBJECTS) cursor.fail(`more than ${MAX_OBJECTS} objects`);
  objects.address.push(address);
  objects.bytes.push(bytes);
  objects.firstField.push(objects.fieldOffset.length);
  fields.rewind();
  for (let i = 0; i < fields.count; i++) {
    const offset = fields.next();
    objects.fieldOffset.push(offset);
    objects.fieldValue.push(cursor.pointerAt(offset));
  }
  fields.leave();
}

function segmentRecord(source: RecordSource, kind: 'data' | 'bss'): void {
  const { cursor, fields, dump } = source;
  const address = cursor.address();
  cursor.memory();
  fields.scan(true);
  const owner = dump.segments.length;
  addRow(dump.segments, { kind, address, bytes: cursor.memoryBytes }, 'segments');
  fields.rewind();
  for (let i = 0; i < fields.count; i++) {
    const offset = fields.next();
    dump.roots.add(kind, cursor.pointerAt(offset), owner, offset);
  }
  fields.leave();
}

function otherRootRecord(source: RecordSource): void {
  const { cursor, dump } = source;
  const description = cursor.name();
  const address = cursor.address();
  cursor.complete();
  dump.roots.add('other', address, dump.otherRoots.length, 0);
  addRow(dump.otherRoots, { description: dump.intern(description), address }, 'other roots');
}

function typeRecord(source: RecordSource): void {
  const { cursor, dump } = source;
  const address = cursor.address();
  const bytes = cursor.uvarint();
  const name = cursor.name();
  const indirect = cursor.bool();
  cursor.complete();
  if (dump.typeAt.has(address)) return;
  const type = { address, bytes, name, indirect };
  addRow(dump.types, type, 'types');
  dump.typeAt.set(address, type);
}

function finalizerRecord(source: RecordSource, queued: boolean): void {
  const { cursor, dump } = source;
  const address = cursor.address();
  const fn = cursor.address();
  const pc = cursor.address();
  const fint = cursor.address();
  const ot = cursor.address();
  cursor.complete();
  const owner = dump.finalizers.length;
  addRow(dump.finalizers, { queued, address, fn, pc, fint, ot }, 'finalizers');
  dump.roots.add(queued ? 'queued-finalizer' : 'finalizer', fn, owner, 0);
  if (queued) dump.roots.add('queued-finalizer', address, owner, 0);
}

function itabRecord(source: RecordSource): void {
  const { cursor, dump } = source;
  const address = cursor.address();
  const type = cursor.address();
  cursor.complete();
  addRow(dump.itabs, { address, type }, 'itabs');
}

function threadRecord(source: RecordSource): void {
  const { cursor, dump } = source;
  const address = cursor.address();
  const id = cursor.uvarint();
  const osId = cursor.uvarint();
  cursor.complete();
  addRow(dump.threads, { address, id, osId }, 'threads');
}

function sampleRecord(source: RecordSource): void {
  const { cursor, dump } = source;
  const address = cursor.address();
  const site = cursor.address();
  cursor.complete();
  dump.sampleAddress.push(address);
  dump.sampleSite.push(site);
}
