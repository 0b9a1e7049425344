import { AssertionError } from '@heaptape/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Fields,
  fieldsOf,
  messagesOf,
  numberOf,
  packedOf,
  textsOf,
} from '../message.testkit.ts';
import { encodePprof, type PprofProfile } from './pprof.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const whole = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 31, 2 ** 32, -1));

const profiles: fc.Arbitrary<PprofProfile> = fc
  .record({
    types: fc.array(fc.record({ type: text, unit: text }), { minLength: 1, maxLength: 4 }),
    frames: fc.array(fc.record({ function: text, file: text, line: fc.nat() }), {
      minLength: 1,
      maxLength: 8,
    }),
    comments: fc.array(text, { maxLength: 3 }),
    mapping: text,
    durationNs: fc.maxSafeNat(),
  })
  .chain(({ types, frames, ...rest }) =>
    fc
      .array(
        fc.record({
          stack: fc.array(fc.nat(frames.length - 1), { minLength: 1, maxLength: 5 }),
          values: fc.array(whole, { minLength: types.length, maxLength: types.length }),
          labels: fc.array(
            fc.oneof(
              fc.record({ key: text, value: text }),
              fc.record({ key: text, value: whole, unit: text }),
            ),
            { maxLength: 2 },
          ),
        }),
        { maxLength: 10 },
      )
      .map((samples) => ({
        ...rest,
        frames,
        samples,
        sampleTypes: types,
        defaultSampleType: types[0].type,
        periodType: types[0],
        period: 1,
      })),
  );

/** What a reader of profile.proto makes of the bytes. */
function decoded(bytes: Uint8Array): unknown {
  const profile = fieldsOf(bytes);
  const strings = textsOf(profile, 6);
  expect(strings[0]).toBe('');
  const string = (fields: Fields, field: number): string => strings[numberOf(fields, field)];
  const valueType = (type: Fields) => ({ type: string(type, 1), unit: string(type, 2) });
  const functions = new Map(
    messagesOf(profile, 5).map((one) => {
      expect(string(one, 3)).toBe(string(one, 2));
      return [numberOf(one, 1), { function: string(one, 2), file: string(one, 4) }];
    }),
  );
  const locations = messagesOf(profile, 4).map((location, i) => {
    expect([numberOf(location, 1), numberOf(location, 2)]).toEqual([i + 1, 1]);
    const [line] = messagesOf(location, 4);
    return { ...functions.get(numberOf(line, 1)), line: numberOf(line, 2) };
  });
  const [mapping] = messagesOf(profile, 3);
  expect([1, 7, 8, 9].map((field) => numberOf(mapping, field))).toEqual([1, 1, 1, 1]);
  return {
    sampleTypes: messagesOf(profile, 1).map(valueType),
    samples: messagesOf(profile, 2).map((sample) => ({
      stack: packedOf(sample, 1).map((id) => id - 1),
      values: packedOf(sample, 2),
      labels: messagesOf(sample, 3).map((label) =>
        label.has(3)
          ? { key: string(label, 1), value: numberOf(label, 3), unit: string(label, 4) }
          : { key: string(label, 1), value: string(label, 2) },
      ),
    })),
    frames: locations,
    mapping: string(mapping, 5),
    durationNs: numberOf(profile, 10),
    periodType: messagesOf(profile, 11).map(valueType)[0],
    period: numberOf(profile, 12),
    comments: packedOf(profile, 13).map((index) => strings[index]),
    defaultSampleType: string(profile, 14),
  };
}

test('a profile is read back as it was', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      expect(decoded(encodePprof(profile))).toEqual(profile);
    }),
    { seed: 42, numRuns: 300 },
  );
});

test('what is no profile is a bug of the caller', () => {
  const [profile] = fc.sample(profiles, { seed: 1, numRuns: 1 });
  const sample = { stack: [0], values: profile.sampleTypes.map(() => 1), labels: [] };
  const encode = (change: Partial<typeof sample>) => () =>
    encodePprof({ ...profile, samples: [{ ...sample, ...change }] });
  expect(encode({})).not.toThrow();
  expect(encode({ values: [] })).toThrow(AssertionError);
  expect(encode({ stack: [profile.frames.length] })).toThrow(AssertionError);
  expect(encode({ stack: [-1] })).toThrow(AssertionError);
});
