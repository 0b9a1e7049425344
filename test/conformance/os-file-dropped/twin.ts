import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

/** An os.File is a pointer to an os.file, and a cleanup or finalizer of that closes the descriptor. */
const FILE = typeOf('os.file', 96, [0, 11]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  let descriptors = 0;
  t.still();
  for (let i = 0; i < 20; i += 1) {
    descriptors += 1;
    rt.AddCleanup(
      rt.new(FILE),
      () => {
        descriptors -= 1;
      },
      i,
    );
  }
  out('opened', descriptors);
  yield* t.collect();
  out('collected', descriptors);
}
