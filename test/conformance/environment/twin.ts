import { createRuntime, type RuntimeOptions } from '@heaptape/core';
import type { Kit } from '../kit.ts';

/** The settings as their text is read, which is not the library's to do. */
const SETTINGS: readonly [string, RuntimeOptions][] = [
  ['GOGC=', {}],
  ['GOGC=100', { gogc: 100 }],
  ['GOGC=50', { gogc: 50 }],
  ['GOGC=0', { gogc: 0 }],
  ['GOGC=off', { gogc: 'off' }],
  ['GOGC=-5', { gogc: -5 }],
  ['GOGC=1000', { gogc: 1000 }],
  ['GOMEMLIMIT=off', { memoryLimit: Infinity }],
  ['GOMEMLIMIT=1000000000', { memoryLimit: 1_000_000_000 }],
  ['GOMEMLIMIT=64MiB', { memoryLimit: 64 << 20 }],
  ['GOMEMLIMIT=2GiB', { memoryLimit: 2 * 2 ** 30 }],
  ['GOMEMLIMIT=512KiB', { memoryLimit: 512 << 10 }],
];

export function main({ out }: Kit): void {
  for (const [setting, options] of SETTINGS) {
    const rt = createRuntime(options);
    const { debug } = rt;
    const percent = debug.SetGCPercent(100);
    debug.SetGCPercent(percent);
    const off = rt.ReadMemStats().NextGC >= Number.MAX_SAFE_INTEGER;
    const limit = debug.SetMemoryLimit(-1);
    const shown = limit === Infinity ? '9223372036854775807' : limit;
    out(setting, 'percent', percent, 'goal', off, 'limit', shown, true);
  }
}
