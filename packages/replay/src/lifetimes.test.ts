import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageAtDeath, ageAtShare, LifetimeGatherer, type Lifetimes } from './lifetimes.ts';

const KIB = 1024;
const sights = fc.array(
  fc.record({
    age: fc.oneof(fc.integer({ min: 0, max: 64 * KIB }), fc.integer({ min: 0, max: 2 ** 36 })),
    bytes: fc.integer({ min: 8, max: 100_000 }),
    dead: fc.boolean(),
  }),
  { maxLength: 60 },
);

function gather(seen: readonly { age: number; bytes: number; dead: boolean }[]): Lifetimes {
  const gatherer = new LifetimeGatherer();
  for (const { age, bytes, dead } of seen) gatherer.see(age, bytes, dead);
  return gatherer.lifetimes();
}

describe('lifetimes', () => {
  test('shares rise, stay within 0 and 1, and hold the dead bytes in sum', () => {
    fc.assert(
      fc.property(sights, (seen) => {
        const { ages, dead } = gather(seen);
        for (let i = 0; i < dead.length; i += 1) {
          expect(dead[i]).toBeGreaterThanOrEqual(i === 0 ? 0 : dead[i - 1]);
          expect(dead[i]).toBeLessThanOrEqual(1);
        }
        // Pooling moves deaths between bins but keeps their sum.
        const binOf = (age: number): number => {
          const above = ages.findIndex((_, i) => i > 0 && age < (ages[i] * 2) / 3);
          return above < 0 ? ages.length - 1 : above - 1;
        };
        const expected = seen.reduce((total, s) => total + s.bytes * dead[binOf(s.age)], 0);
        const actual = seen.reduce((total, s) => total + (s.dead ? s.bytes : 0), 0);
        expect(Math.abs(expected - actual)).toBeLessThan(1e-6 * (1 + actual));
      }),
      { seed: 42, numRuns: 500, endOnFailure: true },
    );
  });

  test('the age at death rises with rank and lies between 0 and the age seen', () => {
    const rank = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(sights, fc.integer({ min: 0, max: 2 ** 33 }), rank, rank, (seen, age, a, b) => {
        const lifetimes = gather(seen);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((r) =>
          ageAtDeath(lifetimes, age, r),
        );
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(high * (1 + 1e-12));
        expect(high).toBeLessThanOrEqual(age);
      }),
      { seed: 43, numRuns: 1000, endOnFailure: true },
    );
  });

  test('measured on draws from an exponential law, the medians are that law’s', () => {
    // Median life of 200 KiB, seen at ages up to 4 MiB; deterministic draws by rank.
    const half = 200 * KIB;
    const seen = Array.from({ length: 40_000 }, (_, i) => {
      const age = ((i * 7919) % 40_000) * 105;
      const life = -half * Math.log2(((i * 104_729) % 40_009) / 40_009 + 1e-9);
      return { age, bytes: 64, dead: life <= age };
    });
    const lifetimes = gather(seen);
    expect(ageAtShare(lifetimes, 0.5) / half).toBeGreaterThan(0.87);
    expect(ageAtShare(lifetimes, 0.5) / half).toBeLessThan(1.15);
    // Of those dead at 4 MiB (nearly all) half died by 200 KiB, not by 2 MiB.
    expect(ageAtDeath(lifetimes, 4096 * KIB, 0.5) / half).toBeLessThan(1.15);
    expect(ageAtDeath(lifetimes, 4096 * KIB, 0.5) / half).toBeGreaterThan(0.87);
  });

  test('where nothing was seen, deaths are even and nobody is known to die', () => {
    const nothing = gather([]);
    expect(ageAtDeath(nothing, 1000, 0.25)).toBe(250);
    expect(ageAtShare(nothing, 0.1)).toBe(Infinity);
  });
});
