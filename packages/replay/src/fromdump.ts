/**
 * A heap dump as a program: what a Go process had on its heap, put onto the simulated one.
 *
 * 1. Collection is off. Objects are allocated in the order of their addresses, each with a note of where it lay.
 * 2. Then every pointer is stored, every root set and named, every finalizer set.
 * 3. Then one collection: what the roots do not lead to is found dead, as it would have been in the process.
 *
 * What a dump does not say: types and requested sizes (a slot's size stands for both), the order of
 * allocations, parts of tiny blocks, cleanups and weak pointers, settings, and time.
 */
import { type Decider, roundUpSize } from '@heaptape/core';
import { EVENTS, HeaptapeError } from '@heaptape/schema';
import type { DumpColumns } from './graph/dump.ts';

/** A dump, and what its parts are called. */
export interface DumpProgram extends DumpColumns {
  readonly objects: DumpColumns['objects'] & { readonly address: Float64Array };
  readonly finalizers: readonly {
    readonly queued: boolean;
    /** The byte that it was set for, and the object which that is in. */
    readonly address: number;
    readonly object: number;
    readonly fnObject: number;
    readonly fn: number;
  }[];
}

export interface DumpNames {
  /** What is known of an object: its type, or who allocated it; empty is nothing. */
  readonly object: (object: number) => string;
  /** Number of the call stack that allocated it; -1 where unknown. */
  readonly stack: (object: number) => number;
  readonly root: (root: number) => string;
  /** Whether a root stands for a finalizer that is set, which is set here too. */
  readonly isFinalizer: (root: number) => boolean;
}

const WORD = 8;
/** Slots above this size begin with a malloc header when they hold pointers. */
const MOST_WITHOUT_HEADER = 512;
const MOST_SMALL = 32768;

/**
 * Largest request that gets a slot of `bytes`, and where the object begins in it. `firstField` is the
 * byte of the first pointer, -1 where there is none. A slot of the largest small size that has a pointer
 * where a header would be is a large object of as many bytes.
 */
function requestOf(bytes: number, firstField: number): { request: number; start: number } {
  if (firstField < 0) return { request: bytes - (bytes === MOST_SMALL ? WORD : 0), start: 0 };
  const large = bytes > MOST_SMALL || (bytes === MOST_SMALL && firstField < WORD);
  if (large || bytes <= MOST_WITHOUT_HEADER) return { request: bytes, start: 0 };
  return { request: bytes - WORD, start: WORD };
}

/**
 * Puts the dump onto the heap of `decider`, whose GOGC is off. Returns the first object of each site, in the
 * order of the sites' numbers from 1.
 */
export function playDump(
  decider: Decider,
  dump: DumpProgram,
  names: DumpNames,
  onProgress: (objects: number) => void = () => undefined,
): readonly number[] {
  if (dump.params.pointerBytes !== WORD) {
    throw new HeaptapeError(
      'bad-format',
      `a heap dump of a ${dump.params.pointerBytes * 8}-bit program`,
      'only 64-bit programs can be put onto the simulated heap',
    );
  }
  const { starts, firsts } = allocateObjects(decider, dump, names, onProgress);
  storeFields(decider, dump, starts);
  storeRoots(decider, dump, names);
  setFinalizers(decider, dump, starts);
  decider.collect();
  return firsts;
}

/** Functions are numbered in the order in which the dump first has them, from 1. */
function setFinalizers(
  decider: Decider,
  { objects, finalizers }: DumpProgram,
  starts: Uint8Array,
): void {
  const numbers = new Map<number, number>();
  for (const { queued, address, object, fn, fnObject } of finalizers) {
    if (!numbers.has(fn)) numbers.set(fn, numbers.size + 1);
    if (queued || object < 0) continue;
    const offset = address - objects.address[object] - starts[object];
    decider.specials.setFinalizer(object + 1, offset, numbers.get(fn) ?? 0, fnObject + 1);
  }
}

/** Allocates every object; returns the byte of its slot that each begins at, and the first object of each site. */
function allocateObjects(
  decider: Decider,
  { objects }: DumpProgram,
  names: DumpNames,
  onProgress: (objects: number) => void,
): { starts: Uint8Array; firsts: number[] } {
  const { count, address, bytes, firstField, fieldOffset } = objects;
  const starts = new Uint8Array(count);
  const sites = new Map<string, number>();
  const firsts: number[] = [];
  decider.reserve(count);
  for (let object = 0; object < count; object += 1) {
    const first = firstField[object];
    const end = firstField[object + 1];
    const { request, start } = requestOf(bytes[object], first === end ? -1 : fieldOffset[first]);
    if (roundUpSize(request, first === end) + start !== bytes[object]) {
      const what = `object ${object} has a slot of ${bytes[object]} bytes`;
      throw new HeaptapeError('bad-data', `${what}, which is no size class of Go's`);
    }
    starts[object] = start;
    const scan = first === end ? 0 : fieldOffset[end - 1] + WORD - start;
    const name = names.object(object);
    const key = `${request}/${scan}/${names.stack(object)}/${name}`;
    let known = sites.get(key);
    if (known === undefined) {
      known = decider.defineSite(request, scan, false, name);
      sites.set(key, known);
      firsts[known - 1] = object;
    }
    decider.allocate(known);
    decider.annotate(EVENTS.AddressRecorded.tag, [address[object]]);
    if (object % 65536 === 0) onProgress(object);
  }
  return { starts, firsts };
}

function storeFields(decider: Decider, { objects }: DumpProgram, starts: Uint8Array): void {
  const { count, firstField, fieldOffset, fieldTarget } = objects;
  for (let object = 0; object < count; object += 1) {
    for (let field = firstField[object]; field < firstField[object + 1]; field += 1) {
      if (fieldTarget[field] < 0) continue;
      const word = (fieldOffset[field] - starts[object]) / WORD;
      decider.storePointer(object + 1, word, fieldTarget[field] + 1);
    }
  }
}

/** Roots that a set finalizer stands for are its business. */
function storeRoots(decider: Decider, { roots }: DumpProgram, names: DumpNames): void {
  let next = 0;
  for (let root = 0; root < roots.count; root += 1) {
    if (roots.target[root] < 0 || names.isFinalizer(root)) continue;
    decider.nameRoot(next, names.root(root));
    decider.storeRoot(next, roots.target[root] + 1);
    next += 1;
  }
}
