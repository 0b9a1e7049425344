import { createRuntime, GO, type Go, sliceOf, structOf } from '@heaptape/core';
import { Kit } from '../kit.ts';

const WRITER = structOf('bufio.Writer', [GO.any, sliceOf('byte'), GO.int, GO.any]);

/** A process of its own; the bytes that its file holds when it has ended. */
function child(mode: string): number {
  const rt = createRuntime();
  let file = '';
  rt.start(function* (g): Go {
    const t = new Kit(rt, g);
    const writer = rt.global('writer');
    t.still();
    writer.set(rt.new(WRITER));
    let buffer = '';
    const flush = (): void => {
      file += buffer;
      buffer = '';
    };
    rt.SetFinalizer(writer.get(), flush);
    buffer += 'eleven byte';
    if (mode === 'collected') {
      writer.set(null);
      yield* t.collect();
    }
    if (mode === 'flushed') flush();
  });
  return file.length;
}

export function main({ out }: Kit): void {
  for (const mode of ['at-exit', 'collected', 'flushed']) {
    out(mode, 'bytes in the file:', child(mode));
  }
}
