/** The tape of a program with goroutines, finalizers that wait for each other, cleanups and names of any kind. */
import { createRuntime, type Go, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';

/** What a page must show as text. */
export const EVIL = '<img src=x onerror=alert(1)>';

const NODE = { name: 'main.node', size: 48, pointers: [0, 1] };
const WICKED = { name: EVIL, size: 64, pointers: [0, 2] };
const TINY = { name: 'main.tiny', size: 4 };

/**
 * Writes the tape. `global cache` leads through a chain of nodes to an object whose type is markup, which is
 * also what a global of that name holds. Goroutine 2 has a slot. Of two files with finalizers the first one
 * refers to the second; a third object has a cleanup and a weak pointer. All three are let go of.
 */
export function writeObjectsTape(path: string): void {
  const writer = openTapeWriter(path);
  const hasher = new WorldHasher();
  const rt = createRuntime({
    procs: 2,
    detail: 'fine',
    sink: (batch) => {
      writer.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]);
    },
  });
  rt.start(function* (g): Go {
    const cache = rt.global('cache');
    cache.set(rt.new(NODE));
    let last = cache.get();
    for (let i = 0; i < 4; i += 1) {
      last?.set(1, rt.new(i === 3 ? WICKED : NODE));
      last = last?.get(1) ?? null;
    }
    rt.global(EVIL).set(last);
    const tiny = g.slot();
    tiny.set(rt.new(TINY));
    rt.new(TINY);
    rt.go(function* (other): Go {
      const slot = other.slot();
      slot.set(rt.new(NODE));
      yield* rt.sleep(50_000_000);
    });
    const first = g.slot();
    first.set(rt.new({ name: 'main.file', size: 64, pointers: [0] }));
    first.get()?.set(0, rt.new({ name: 'main.file', size: 64, pointers: [0] }));
    rt.SetFinalizer(first.get()?.get(0), () => undefined);
    rt.SetFinalizer(first.get(), function* (): Go {
      yield* rt.sleep(1_000_000);
    });
    const third = g.slot();
    const temporary = rt.new({ name: 'main.temporary', size: 32, pointers: [0] });
    third.set(temporary);
    rt.AddCleanup(temporary, () => undefined, 7);
    const handle = g.slot();
    handle.set(rt.weak.Make(temporary).handle);
    first.set(null);
    third.set(null);
    for (let i = 0; i < 4; i += 1) {
      yield* rt.collect();
      yield* rt.sleep(5_000_000);
    }
    for (let i = 0; i < 2000; i += 1) rt.new({ name: 'main.lost', size: 4096 });
    yield* rt.sleep(1_000_000);
  });
  rt.end();
  writer.close();
}
