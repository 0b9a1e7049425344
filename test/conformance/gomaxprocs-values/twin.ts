import type { Kit } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  rt.GOMAXPROCS(2);
  for (const n of [0, 4, -1, 1, 3, 0]) out('set', n, 'before', rt.GOMAXPROCS(n));
}
