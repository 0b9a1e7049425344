/**
 * Which objects a dump's roots reach.
 *
 * Plain tracing over the columns, with a stack of its own that never holds an object twice. What is not reached is
 * either garbage since the last collection, or alive by roots that a dump leaves out: cleanups, weak handles, the
 * runtime's own tables, registers of preempted goroutines.
 */
import type { HeapDump } from './dump.ts';
import { NO_OBJECT, ROOT_KINDS } from './dump.ts';

const FRAME_WORD = ROOT_KINDS.indexOf('frame-word');

/** A 1 for each object reached. `frameWords`: also from words of frames that are in no stack map. */
export function reachableObjects(dump: HeapDump, frameWords: boolean): Uint8Array {
  const { objects, roots } = dump;
  const { firstField, fieldTarget } = objects;
  const reached = new Uint8Array(objects.count);
  const stack = new Int32Array(objects.count);
  let depth = 0;
  for (let root = 0; root < roots.count; root++) {
    if (!frameWords && roots.kind[root] === FRAME_WORD) continue;
    const target = roots.target[root];
    if (reached[target] !== 0) continue;
    reached[target] = 1;
    stack[depth++] = target;
  }
  while (depth > 0) {
    const object = stack[--depth];
    const end = firstField[object + 1];
    for (let field = firstField[object]; field < end; field++) {
      const target = fieldTarget[field];
      if (target === NO_OBJECT || reached[target] !== 0) continue;
      reached[target] = 1;
      stack[depth++] = target;
    }
  }
  return reached;
}
