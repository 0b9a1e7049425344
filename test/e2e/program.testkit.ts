/** The tape of a small program whose objects turn grey and black one by one. */
import { createRuntime, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';

const NODE = { name: 'main.node', size: 48, pointers: [0, 1] };

/**
 * Writes the tape: `global cache` leads to #1, whose word 1 leads to #2; five objects are lost. A cycle
 * later #2 is let go of, and a second cycle finds it dead. #8 has a finalizer and is lost after that, and
 * a third cycle queues it. Goroutine 2 holds #8 meanwhile.
 */
export function writeProgramTape(path: string): void {
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
  const first = rt.new(NODE);
  rt.global('cache').set(first);
  const second = rt.new(NODE);
  first.set(1, second);
  for (let i = 0; i < 5; i += 1) rt.new({ name: 'main.lost', size: 100 });
  rt.GC();
  first.set(1, null);
  rt.GC();
  const other = rt.go();
  const slot = other.slot();
  const closing = rt.new({ name: 'main.file', size: 64, pointers: [0] });
  slot.set(closing);
  rt.SetFinalizer(closing, () => undefined);
  slot.set(null);
  rt.GC();
  rt.end();
  writer.close();
}
