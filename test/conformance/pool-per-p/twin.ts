import type { Go, GoValue } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out } = t;
  t.still();
  rt.GOMAXPROCS(2);
  const outcomes = new Map<string, number>();
  const shown = (value: GoValue): string => String(value ?? '<nil>');
  for (let attempt = 0; attempt < 15; attempt += 1) {
    const pool = new rt.sync.Pool();
    const got: GoValue[] = [];
    let filled = false;
    let done = false;
    rt.go(function* (): Go {
      while (!filled) yield 'check';
      for (let i = 0; i < 3; i += 1) got.push(pool.Get());
      done = true;
    });
    for (let i = 1; i <= 3; i += 1) pool.Put(i);
    filled = true;
    while (!done) yield 'check';
    const text = `other P: ${got.map(shown).join(' ')}, own P: ${shown(pool.Get())}`;
    outcomes.set(text, (outcomes.get(text) ?? 0) + 1);
  }
  const [usual] = [...outcomes].sort(([, a], [, b]) => b - a);
  out(usual[0]);
}
