import type { Kit } from '../kit.ts';

/** Infinity stands for Go's largest int64, which no JavaScript number is. */
export function main({ rt, out }: Kit): void {
  for (const limit of [-1, 64 << 20, -1, 0, -5, 1 << 30]) {
    const before = rt.debug.SetMemoryLimit(limit);
    out('set', limit, 'before', before === Infinity ? '9223372036854775807' : before);
  }
}
