/**
 * Roots: looking up the objects they refer to, and saying in words what they are.
 */
import type { HeapDump, HeapDumpObjects, HeapDumpRoots } from './dump.ts';
import { NO_OBJECT, ROOT_KINDS } from './dump.ts';
import type { ObjectFinder } from './order.ts';
import type { RawDump } from './raw.ts';

/** The roots that refer to an object, in the order of the dump; then the fields of objects with finalizers. */
export function resolveRoots(
  raw: RawDump,
  objects: HeapDumpObjects,
  finder: ObjectFinder,
): HeapDumpRoots {
  addFinalizedFields(raw, objects, finder);
  const { kind, value, owner, offset } = raw.roots;
  const found = new Int32Array(kind.length);
  let count = 0;
  for (let i = 0; i < kind.length; i++) {
    found[i] = finder.find(value.get(i));
    if (found[i] !== NO_OBJECT) count++;
  }
  const roots = {
    count,
    kind: new Uint8Array(count),
    target: new Int32Array(count),
    owner: new Int32Array(count),
    offset: new Float64Array(count),
  };
  let at = 0;
  for (let i = 0; i < kind.length; i++) {
    if (found[i] === NO_OBJECT) continue;
    roots.kind[at] = kind.get(i);
    roots.target[at] = found[i];
    roots.owner[at] = owner.get(i);
    roots.offset[at++] = offset.get(i);
  }
  return roots;
}

/** Go marks what an object with a finalizer refers to, so its fields are roots; once, whatever the dump says. */
function addFinalizedFields(raw: RawDump, objects: HeapDumpObjects, finder: ObjectFinder): void {
  const seen = new Set<number>();
  raw.finalizers.forEach(({ queued, address }, owner) => {
    const object = queued ? NO_OBJECT : finder.find(address);
    if (object === NO_OBJECT || seen.has(object)) return;
    seen.add(object);
    for (let field = objects.firstField[object]; field < objects.firstField[object + 1]; field++) {
      const target = objects.fieldTarget[field];
      if (target === NO_OBJECT) continue;
      raw.roots.add('finalizer', objects.address[target], owner, objects.fieldOffset[field]);
    }
  });
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What a root is, for people: `frame main.park of goroutine 7, word at +0x18`. */
export function describeRoot(dump: HeapDump, root: number): string {
  const { roots } = dump;
  const owner = roots.owner[root];
  const offset = roots.offset[root];
  const kind = ROOT_KINDS[roots.kind[root]];
  switch (kind) {
    case 'data':
    case 'bss':
      return `global at ${hex(dump.segments[owner].address + offset)} (${kind})`;
    case 'frame':
      return `${frameName(dump, owner)}, word at +${hex(offset)}`;
    case 'frame-word':
      return `${frameName(dump, owner)}, word at +${hex(offset)} that is in no stack map`;
    case 'other':
      return dump.otherRoots[owner].description;
    case 'finalizer':
    case 'queued-finalizer':
      return `${kind === 'finalizer' ? 'finalizer' : 'queued finalizer'} of the object at ${hex(
        dump.finalizers[owner].address,
      )}`;
    case 'goroutine':
      return `context of goroutine ${dump.goroutines[owner].goid}`;
    case 'defer':
      return `deferred call at ${hex(dump.defers[owner].address)}`;
    default:
      return `value of the panic at ${hex(dump.panics[owner].address)}`;
  }
}

function frameName(dump: HeapDump, frame: number): string {
  const { func, goroutine } = dump.frames[frame];
  return `frame ${func} of goroutine ${dump.goroutines[goroutine].goid}`;
}
