import { configWith, Decider } from '@heaptape/core';
import { createMemoryTape } from '@heaptape/log';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordRun } from './record.ts';
import { rootNamesAt } from './rootnames.ts';
import { eventsOf } from './tape.testkit.ts';

const steps = fc.array(
  fc.record({
    root: fc.nat(6),
    name: fc.string({ unit: 'binary', maxLength: 12 }),
    store: fc.boolean(),
  }),
  { maxLength: 40 },
);

test('at any event the names are those given last', () => {
  fc.assert(
    fc.property(steps, fc.nat(1000), (list, part) => {
      const tape = createMemoryTape();
      recordRun(tape, (sink, started) => {
        const decider = new Decider(configWith({}), sink);
        started(decider);
        for (const { root, name, store } of list) {
          if (store) decider.storeRoot(root, 0);
          decider.nameRoot(root, name);
          if (root === 0) decider.flush();
        }
        decider.end();
        return decider;
      });
      const seq = Math.ceil((tape.events * part) / 1000);
      const wanted = new Map<number, string>();
      for (const row of eventsOf(tape)) {
        if (row.event !== 'RootNamed' || row.seq > seq) continue;
        wanted.set(Number(row['root']), String(row['name']));
      }
      expect(rootNamesAt(tape, seq)).toEqual(wanted);
      const last = new Map(list.map(({ root, name }) => [root, name]));
      expect(rootNamesAt(tape, tape.events)).toEqual(last);
      expect(rootNamesAt(tape, 0)).toEqual(new Map());
    }),
    { seed: 42, numRuns: 100 },
  );
});
