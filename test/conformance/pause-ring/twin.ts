import type { Kit } from '../kit.ts';

const filled = (ring: readonly number[]): number => ring.filter((value) => value !== 0).length;

export function main(t: Kit): void {
  const { rt, out } = t;
  rt.GOMAXPROCS(1);
  const collect = (count: number): void => {
    for (let i = 0; i < count; i += 1) rt.GC();
  };
  const report = (newest: readonly unknown[]): void => {
    const { NumGC, PauseNs, PauseEnd } = t.stats();
    out('cycles', NumGC, 'pauses', filled(PauseNs), 'ends', filled(PauseEnd));
    out('newest', t.stats().LastGC === PauseEnd[(NumGC + 255) % 256], ...newest);
  };
  collect(10 - t.stats().NumGC);
  report(['next', t.stats().PauseNs[t.stats().NumGC % 256]]);
  const [oldest] = t.stats().PauseEnd;
  collect(290);
  report(['overwritten', t.stats().PauseEnd[0] > oldest]);
  const { NumGC, PauseNs, PauseEnd, PauseTotalNs } = t.stats();
  let total = 0;
  let ordered = true;
  for (let i = 0; i < 255; i += 1) {
    total += PauseNs[(NumGC + i) % 256];
    ordered &&= PauseEnd[(NumGC + i) % 256] < PauseEnd[(NumGC + i + 1) % 256];
  }
  out('oldest first', ordered, 'the ring is less than the total', total < PauseTotalNs);
}
