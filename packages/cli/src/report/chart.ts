/**
 * The heap over time, in the terminal: one small chart a setting, one above the other, all on the
 * same two scales, so that they compare at a glance and read without colours.
 *
 * A curve has far more points than a terminal has columns. Each column shows the highest value of its
 * stretch of time, because the peaks are what matters; where a stretch has no point, the curve goes
 * straight between its neighbours.
 */
import asciichart from 'asciichart';
import { ms } from './units.ts';

export interface CurvePoint {
  readonly timeNs: number;
  readonly heapLive: number;
}

export interface Curve {
  readonly title: string;
  readonly series: readonly CurvePoint[];
}

const MIB = 1024 * 1024;
const ROWS = 5;
const MOST_COLUMNS = 100;
const LABEL_WIDTH = 8;

/** Resamples a curve to `columns` values up to `endNs`; NaN after the curve's own end. */
export function resample(series: readonly CurvePoint[], columns: number, endNs: number): number[] {
  const values = new Array<number>(columns).fill(Number.NaN);
  let last = -1;
  for (const { timeNs, heapLive } of series) {
    const at = Math.min(columns - 1, Math.floor((timeNs / endNs) * columns));
    values[at] = Number.isNaN(values[at]) ? heapLive : Math.max(values[at], heapLive);
    for (let i = last + 1; last >= 0 && i < at; i += 1) {
      values[i] = values[last] + ((values[at] - values[last]) * (i - last)) / (at - last);
    }
    last = at;
  }
  return values;
}

/** Charts of the heap in MiB over the run in ms, for a terminal of this width. */
export function heapCharts(curves: readonly Curve[], width: number): string {
  const drawn = curves.filter(({ series }) => series.length > 0);
  const points = drawn.flatMap(({ series }) => series);
  if (points.length === 0) return '';
  const columns = Math.min(MOST_COLUMNS, width - LABEL_WIDTH - 3);
  const endNs = Math.max(1, ...drawn.map(({ series }) => series.at(-1)?.timeNs ?? 0));
  const most = points.reduce((peak, { heapLive }) => Math.max(peak, heapLive), 0) / MIB;
  const options = {
    height: ROWS,
    min: 0,
    max: Math.max(most, Number.MIN_VALUE),
    format: (value: number) => value.toFixed(1).padStart(LABEL_WIDTH),
  };
  const charts = drawn.map(({ title, series }) => {
    const values = resample(series, columns, endNs).filter((value) => !Number.isNaN(value));
    const chart = asciichart.plot(
      values.map((value) => value / MIB),
      options,
    );
    return `${title}\n${chart.replace(/ +$/gm, '')}\n`;
  });
  return `Live heap in MiB over ${ms(endNs)} ms\n\n${charts.join('\n')}`;
}
