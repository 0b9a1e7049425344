/** Random tapes to travel in, and the naive way to know what is true where. */
import type { TapeReader } from '@heaptape/schema';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import type { Expression } from '../lang/expression.ts';
import type { Value } from '../lang/values.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { configs, programTape, steps } from '../tape.testkit.ts';
import { Travel } from './travel.ts';

/** Tapes of random programs, of either kind, some with snapshots on them. */
export const tapes = (): fc.Arbitrary<TapeReader> =>
  fc.oneof(
    runs(60).map(modelTape),
    fc
      .tuple(configs(), steps(40), fc.constantFrom(50, Infinity))
      .map(([config, program, every]) => programTape(config, program, every)),
  );

export const place: fc.Arbitrary<number> = fc.nat({ max: 1 << 20 });
export const budgets: fc.Arbitrary<number> = fc.constantFrom(0, 5000, 1 << 30);

/** The value of an expression after every event, from a traveller who goes one by one and knows no shortcut. */
export function valuesOf(tape: TapeReader, expression: (travel: Travel) => Expression): Value[] {
  const travel = new Travel(tape);
  const read = expression(travel);
  const values: Value[] = [];
  for (let event = 0; event <= tape.events; event += 1) {
    travel.at({ event, inside: 0 });
    values.push(read.read(travel.moment()));
  }
  return values;
}
