import { pointerTo } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const SIZES = [
  8, 16, 24, 32, 40, 48, 56, 64, 128, 256, 504, 512, 520, 568, 576, 640, 760, 768, 896, 1016, 1024,
  1144, 1152, 1272, 1280, 2040, 2048, 4088, 4096, 8184, 8192, 16376, 16384, 18424, 18432, 32752,
  32760, 32768, 65536,
];

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const bytes of SIZES) {
    const { Mallocs, Bytes } = t.measure(() => rt.make(pointerTo('int'), bytes / 8));
    out(bytes, Mallocs, Bytes);
  }
}
