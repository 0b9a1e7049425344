import type { Kit } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  for (const percent of [50, 0, 400, -1, 100, -50, 200]) {
    out('set', percent, 'before', rt.debug.SetGCPercent(percent));
  }
  out('at last', rt.debug.SetGCPercent(100));
}
