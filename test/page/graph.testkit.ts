/** The tape of a small program with a graph of pointers, whose objects turn grey and black one by one. */
import { createRuntime, type Obj, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';

const NODE = { name: 'main.node', size: 48, pointers: [0, 1] };
const LEAF = { name: 'main.leaf', size: 96 };

/** Levels of the tree that `global tree` leads to: objects #1 to #31, breadth first. */
const LEVELS = 5;

/**
 * Writes the tape: a tree of nodes with leaves below, as many lost objects of two types, a large buffer, a goroutine
 * with a list on its stack; then a cycle, the loss of the left half of the tree, and another cycle.
 */
export function writeGraphTape(path: string): void {
  const writer = openTapeWriter(path);
  const hasher = new WorldHasher();
  const rt = createRuntime({
    gogc: 'off',
    procs: 1,
    detail: 'fine',
    sink: (batch) => {
      writer.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]);
    },
  });
  const root = rt.new(NODE);
  rt.global('tree').set(root);
  let level: Obj[] = [root];
  for (let depth = 1; depth < LEVELS; depth += 1) {
    level = level.flatMap((parent) =>
      [0, 1].map((word) => {
        const child = rt.new(depth === LEVELS - 1 ? LEAF : NODE);
        parent.set(word, child);
        return child;
      }),
    );
  }
  for (let i = 0; i < 40; i += 1) {
    rt.new({ name: i % 3 === 0 ? 'main.lost' : '<img src=x onerror=alert(1)>', size: 40 });
  }
  const buffer = rt.new({ name: 'main.buffer', size: 40_000 });
  rt.global('buffer').set(buffer);
  const other = rt.go();
  const slot = other.slot();
  let last: Obj | null = null;
  for (let i = 0; i < 6; i += 1) {
    const next = rt.new({ name: 'main.item', size: 200, pointers: [0] });
    next.set(0, last);
    slot.set(next);
    last = next;
  }
  rt.GC();
  root.set(0, null);
  rt.GC();
  rt.end();
  writer.close();
}
