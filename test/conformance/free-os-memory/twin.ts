import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const MIB = 1 << 20;

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  t.still();
  rt.debug.FreeOSMemory();
  kept.set(rt.make(GO.byte, 32 * MIB).array);
  const full = t.stats();
  kept.set(null);
  rt.GC();
  const idle = t.stats();
  rt.debug.FreeOSMemory();
  const after = t.stats();
  out('idle-after-GC', idle.HeapIdle - full.HeapIdle >= 31 * MIB);
  out('inuse-fell', full.HeapInuse - idle.HeapInuse >= 31 * MIB);
  out('grew-MiB', Math.floor((after.HeapReleased - full.HeapReleased) / MIB));
  out('kept-KiB', Math.floor((after.HeapIdle - after.HeapReleased) / 1024));
  out('HeapSys-fell-MiB', Math.trunc((full.HeapSys - after.HeapSys) / MIB));
}
