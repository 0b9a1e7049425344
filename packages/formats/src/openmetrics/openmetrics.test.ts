import { AssertionError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MetricFamily, openMetricsText } from './openmetrics.ts';

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const text = fc.string({
  unit: fc.constantFrom('a', ' ', '"', '\\', '\n', 'é', '{', '#'),
  maxLength: 8,
});
const values = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(Infinity, -Infinity, NaN, 2 ** 63));
const positive = fc.oneof(fc.nat(), fc.double({ min: 0, noNaN: true }));

/** Families of each type, with names that differ. */
const families: fc.Arbitrary<MetricFamily[]> = fc
  .uniqueArray(
    fc.record({
      word,
      type: fc.constantFrom('gauge' as const, 'counter' as const, 'unknown' as const),
      unit: fc.constantFrom('', 'bytes', 'seconds'),
      help: text,
      labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), text, { maxKeys: 2 }),
      value: values,
      count: positive,
    }),
    { maxLength: 6, selector: (family) => family.word },
  )
  .map((rows) =>
    rows.map(({ word: name, type, unit, help, labels, value, count }) => ({
      name: unit === '' ? `x_${name}_x` : `x_${name}_x_${unit}`,
      type,
      unit,
      help,
      samples: [
        type === 'counter'
          ? { suffix: '_total' as const, labels, value: count }
          : { suffix: '' as const, labels, value },
      ],
    })),
  );

const unescaped = (escaped: string): string =>
  escaped.replaceAll(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c));

/** A small reader of the text, of what it says about itself only. */
function decoded(all: string): unknown[] {
  const lines = all.split('\n');
  expect(lines.splice(-2)).toEqual(['# EOF', '']);
  const found: { name: string; type: string; unit: string; help: string; samples: unknown[] }[] =
    [];
  const familyOf = (name: string) => {
    const last = found.at(-1);
    if (last?.name === name) return last;
    const family = { name, type: 'unknown', unit: '', help: '', samples: [] };
    found.push(family);
    return family;
  };
  for (const line of lines) {
    const meta = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line);
    if (meta !== null) {
      const [, kind, name, rest] = meta;
      const family = familyOf(name);
      if (kind === 'TYPE') family.type = rest;
      else if (kind === 'UNIT') family.unit = rest;
      else family.help = unescaped(rest);
      continue;
    }
    const sample = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const [, name = '', labels = '', value = ''] = sample ?? expect.fail(line);
    const family = found.at(-1) ?? expect.fail('a sample before its family');
    expect(name.startsWith(family.name)).toBe(true);
    const pairs = [...labels.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/gs)];
    family.samples.push({
      suffix: name.slice(family.name.length),
      labels: Object.fromEntries(pairs.map(([, label, quoted]) => [label, unescaped(quoted)])),
      value: Number(value.replace('Inf', 'Infinity')),
    });
  }
  return found;
}

test('the text says what was given, and ends as it must', () => {
  fc.assert(
    fc.property(families, (given) => {
      const zeros = given.map((family) => ({
        ...family,
        samples: family.samples.map((sample) => ({ ...sample, value: sample.value + 0 })),
      }));
      expect(decoded(openMetricsText(given))).toEqual(zeros);
    }),
    { seed: 42, numRuns: 300 },
  );
});

describe('rules of the format are asserted', () => {
  const sample = { suffix: '' as const, labels: {}, value: 1 };
  const gauge: MetricFamily = { name: 'x', type: 'gauge', unit: '', help: '', samples: [sample] };
  test.each<[string, MetricFamily[]]>([
    ['two families of one name', [gauge, gauge]],
    [
      'a counter beside a metric of its sample’s name',
      [
        { ...gauge, name: 'x_total' },
        { ...gauge, type: 'counter', samples: [{ ...sample, suffix: '_total' }] },
      ],
    ],
    ['a name that is none', [{ ...gauge, name: 'x-y' }]],
    ['a label that is none', [{ ...gauge, samples: [{ ...sample, labels: { 'a-b': '' } }] }]],
    ['a unit that the name lacks', [{ ...gauge, unit: 'bytes' }]],
    [
      'a counter that goes down',
      [{ ...gauge, type: 'counter', samples: [{ ...sample, suffix: '_total', value: -1 }] }],
    ],
    ['a counter without its suffix', [{ ...gauge, type: 'counter' }]],
    [
      'a quantile above 1',
      [{ ...gauge, type: 'summary', samples: [{ ...sample, labels: { quantile: '2' } }] }],
    ],
    [
      'time that goes back',
      [
        {
          ...gauge,
          samples: [
            { ...sample, timestamp: 2 },
            { ...sample, timestamp: 1 },
          ],
        },
      ],
    ],
    [
      'a point without a time among others',
      [{ ...gauge, samples: [{ ...sample, timestamp: 2 }, sample] }],
    ],
  ])('%s', (_, wrong) => {
    expect(() => openMetricsText(wrong)).toThrow(AssertionError);
  });

  test('and a family that keeps them is not refused', () => {
    const times = [
      { ...sample, timestamp: 1.5 },
      { ...sample, timestamp: 2 },
    ];
    expect(openMetricsText([{ ...gauge, samples: times }])).toBe(
      '# TYPE x gauge\n# HELP x \nx 1 1.5\nx 1 2\n# EOF\n',
    );
  });
});
