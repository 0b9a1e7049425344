/**
 * The records of goroutines: the goroutine itself, its frames, defers and panics.
 *
 * A frame's list of pointers comes from the stack maps of locals and of the callee's arguments. It leaves out the
 * variables whose address was taken ("stack objects"), which Go's collector finds by following pointers into the
 * stack; and the maps of a frame that was preempted in the middle are a guess. Every other word of the frame that
 * lies in the heap's bounds is therefore kept as a possible root.
 */
import { addRow } from './raw.ts';
import type { RecordSource } from './source.ts';

export function goroutineRecord({ cursor, dump }: RecordSource): void {
  const address = cursor.address();
  const sp = cursor.address();
  const goid = cursor.uvarint();
  const gopc = cursor.address();
  const status = cursor.uvarint();
  const system = cursor.bool();
  cursor.bool();
  const waitSince = cursor.uvarint();
  const waitReason = dump.intern(cursor.name());
  const ctxt = cursor.address();
  const m = cursor.address();
  const defer = cursor.address();
  const panic = cursor.address();
  cursor.complete();
  const owner = dump.goroutines.length;
  const links = { ctxt, m, defer, panic, firstFrame: dump.frames.length };
  const state = { status, system, waitSince, waitReason };
  addRow(dump.goroutines, { address, sp, goid, gopc, ...state, ...links }, 'goroutines');
  dump.roots.add('goroutine', ctxt, owner, 0);
}

export function frameRecord({ cursor, dump, fields }: RecordSource): void {
  const sp = cursor.address();
  const depth = cursor.uvarint();
  const childSp = cursor.address();
  cursor.memory();
  const bytes = cursor.memoryBytes;
  const entry = cursor.address();
  const pc = cursor.address();
  const continuePc = cursor.address();
  const func = cursor.name();
  fields.scan(false);
  const goroutine = dump.goroutines.length - 1;
  if (goroutine < 0) cursor.fail('a stack frame without a goroutine');
  const owner = dump.frames.length;
  const place = { entry, pc, continuePc, func: dump.intern(func) };
  addRow(dump.frames, { goroutine, sp, depth, childSp, bytes, ...place }, 'stack frames');
  dump.fieldsOutside += fields.outside;
  frameRoots({ cursor, dump, fields }, owner, bytes);
}

function frameRoots({ cursor, dump, fields }: RecordSource, owner: number, bytes: number): void {
  const mapped = new Set<number>();
  fields.rewind();
  for (let i = 0; i < fields.count; i++) {
    const offset = fields.next();
    if (mapped.has(offset)) continue;
    mapped.add(offset);
    dump.roots.add('frame', cursor.pointerAt(offset), owner, offset);
  }
  fields.leave();
  const step = dump.params?.pointerBytes ?? 8;
  for (let offset = 0; offset + step <= bytes; offset += step) {
    if (mapped.has(offset)) continue;
    dump.roots.add('frame-word', cursor.pointerAt(offset), owner, offset);
  }
}

export function deferRecord({ cursor, dump }: RecordSource): void {
  const address = cursor.address();
  const g = cursor.address();
  const sp = cursor.address();
  const pc = cursor.address();
  const fn = cursor.address();
  const fnPc = cursor.address();
  const link = cursor.address();
  cursor.complete();
  dump.roots.add('defer', fn, dump.defers.length, 0);
  addRow(dump.defers, { address, g, sp, pc, fn, fnPc, link }, 'defers');
}

export function panicRecord({ cursor, dump }: RecordSource): void {
  const address = cursor.address();
  const g = cursor.address();
  const type = cursor.address();
  const data = cursor.uvarint();
  const defer = cursor.address();
  const link = cursor.address();
  cursor.complete();
  dump.roots.add('panic', data, dump.panics.length, 0);
  addRow(dump.panics, { address, g, type, data, defer, link }, 'panics');
}
