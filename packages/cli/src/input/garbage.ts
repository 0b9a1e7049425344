/**
 * Freeing what an import of a large trace has done with.
 *
 * Its columns lie outside of the engine's own heap, which hardly grows meanwhile; so the engine sees no
 * reason to collect, and hundreds of megabytes stay that nobody can reach.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects garbage now: some ten milliseconds for what an import has in the engine's heap. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}
