/**
 * Reading bytes in one go, for tests.
 */
import type { HeapDump } from './dump.ts';
import { HeapDumpReader } from './reader.ts';

/** Reads a whole dump, pushed in chunks of `chunk` bytes. */
export function readDump(bytes: Uint8Array, chunk: number = Math.max(1, bytes.length)): HeapDump {
  const reader = new HeapDumpReader();
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.slice(at, at + chunk));
  return reader.finish();
}

/** A word outside the heap: kinds of roots that refer to the objects of a dump, sorted. */
export function rootAddresses(dump: HeapDump, kind: number): number[] {
  const { roots, objects } = dump;
  const found: number[] = [];
  for (let root = 0; root < roots.count; root++) {
    if (roots.kind[root] === kind) found.push(objects.address[roots.target[root]]);
  }
  return found.sort((a, b) => a - b);
}

/** The object at an address; fails where there is none. */
export function objectAt(dump: HeapDump, address: number): number {
  const object = dump.objects.address.indexOf(address);
  if (object < 0) throw new Error(`no object at ${address}`);
  return object;
}

/** Targets of an object's fields. */
export function targetsOf(dump: HeapDump, object: number): number[] {
  const { firstField, fieldTarget } = dump.objects;
  return [...fieldTarget.subarray(firstField[object], firstField[object + 1])];
}
