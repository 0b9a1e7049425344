/**
 * OpenMetrics text, version 1.0: metric families as Prometheus and its relatives read them.
 *
 * 1. A family has a name, a type, perhaps a unit and a help text; then its samples. The text ends with
 *    `# EOF`.
 * 2. Rules that are asserted: names are of the grammar and differ; a counter's family is named without
 *    `_total`, its samples with it; a unit ends the family's name; a summary has quantiles from 0 to 1,
 *    `_sum` and `_count`; values of counters are not negative.
 * 3. A number is written as JavaScript writes it, which every reader of floats takes back to the bit.
 * 4. A family of unknown type has no line that says so: that is what its absence means, and readers of the
 *    older Prometheus text, who know no such type, take it too.
 *
 * Follows github.com/prometheus/OpenMetrics, specification 1.0.
 */
import { assert } from '@heaptape/schema';

export type MetricType = 'gauge' | 'counter' | 'summary' | 'unknown';

export interface MetricSample {
  /** What follows the family's name: `_total`, `_sum`, `_count`, or nothing. */
  readonly suffix: '' | '_total' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix seconds; a family's samples are in the order of these. Left out where there is one point. */
  readonly timestamp?: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  /** Ends the name, after an underscore; empty is none. */
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  gauge: [''],
  counter: ['_total'],
  summary: ['', '_sum', '_count'],
  unknown: [''],
};

/** The text of some families. */
export function openMetricsText(families: readonly MetricFamily[]): string {
  const taken = new Set<string>();
  const lines = families.flatMap((family) => {
    assertOrder(family);
    for (const suffix of new Set(['', ...SUFFIXES[family.type]])) {
      assert(!taken.has(family.name + suffix), `two metrics are called ${family.name}${suffix}`);
      taken.add(family.name + suffix);
    }
    return familyLines(family);
  });
  return [...lines, '# EOF', ''].join('\n');
}

/** Points of a metric come one after the other, each with its time or none with any. */
function assertOrder({ name, samples }: MetricFamily): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { timestamp } of samples) {
    assert((timestamp === undefined) === (samples[0].timestamp === undefined), `${name}: times`);
    assert((timestamp ?? 0) >= last || timestamp === undefined, `${name}: time goes back`);
    last = timestamp ?? 0;
  }
}

function familyLines(family: MetricFamily): string[] {
  const { name, type, unit, help, samples } = family;
  assert(NAME.test(name), `${name} is no metric name`);
  assert(type !== 'counter' || !name.endsWith('_total'), `${name}: _total belongs to the sample`);
  assert(unit === '' || name.endsWith(`_${unit}`), `${name} does not end with its unit`);
  return [
    ...(type === 'unknown' ? [] : [`# TYPE ${name} ${type}`]),
    ...(unit === '' ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map((sample) => sampleLine(family, sample)),
  ];
}

function sampleLine({ name, type }: MetricFamily, sample: MetricSample): string {
  const { suffix, labels, value, timestamp } = sample;
  assert(SUFFIXES[type].includes(suffix), `a ${type} has no sample ${suffix}`);
  assert(type !== 'counter' || value >= 0, `${name} is a counter and negative`);
  if (type === 'summary') {
    const quantile = Number(labels['quantile']);
    const fits = suffix === '' ? quantile >= 0 && quantile <= 1 : !('quantile' in labels);
    assert(fits, `${name}${suffix}: its quantile is not as it should be`);
  }
  const pairs = Object.entries(labels).map(([label, text]) => {
    assert(LABEL.test(label), `${label} is no label`);
    return `${label}="${escaped(text)}"`;
  });
  const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  const when = timestamp === undefined ? '' : ` ${timestamp}`;
  return `${name}${suffix}${set} ${numberText(value)}${when}`;
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
