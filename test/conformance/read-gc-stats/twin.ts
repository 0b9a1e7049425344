import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (let i = 0; i < 300; i += 1) rt.GC();
  const stats = rt.debug.ReadGCStats(5);
  const m = t.stats();
  out('cycles', stats.NumGC, stats.NumGC === m.NumGC);
  out('pauses', stats.Pause.length, 'ends', stats.PauseEnd.length);
  out('newest first', stats.Pause[0] === m.PauseNs[(m.NumGC + 255) % 256]);
  out('last', stats.LastGC === stats.PauseEnd[0], stats.LastGC === m.LastGC);
  out('total', stats.PauseTotal === m.PauseTotalNs);
  const sorted = [...stats.Pause].sort((a, b) => a - b);
  [0, 64, 128, 192, 255].forEach((index, i) => {
    out('quantile', i, stats.PauseQuantiles[i] === sorted[index]);
  });
}
