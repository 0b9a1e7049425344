/**
 * The timeline's chart: curves of the heap by uPlot, and bands behind them where the collector marked,
 * swept, or stopped the world.
 *
 * The chart is drawn anew only when curves, zoom, size or colours change. The position is a line laid over
 * it, so scrubbing moves one element and draws nothing.
 */
import uPlot from 'uplot';
import { type Axis, firstNotBelow } from '../../model/axis.ts';
import type { Overview } from '../../model/overview.ts';
import type { AxisName, Stretch } from '../../model/state.ts';
import { count, duration, size } from '../../model/units.ts';
import type { Series } from '../../worker/overview/series.ts';
import { colourOf } from './colour.ts';
import { drawOther, highestOf, type OtherCurves } from './othercurves.ts';

export type Curve = Exclude<keyof Series, 'seq' | 'timeNs' | 'allocated'>;

/** Curves in the order in which they are drawn; the name of each colour is a CSS variable. */
export const CURVES: readonly {
  readonly column: Curve;
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly width: number;
}[] = [
  { column: 'limit', label: 'limit', colour: '--limit', dash: [8, 4], width: 1.5 },
  { column: 'heapGoal', label: 'goal', colour: '--goal', dash: [6, 3], width: 1.5 },
  { column: 'trigger', label: 'trigger', colour: '--trigger', dash: [2, 3], width: 1.5 },
  { column: 'heapMarked', label: 'live at last mark', colour: '--marked', dash: [], width: 1 },
  { column: 'heapLive', label: 'heap live', colour: '--heap', dash: [], width: 2 },
];

/** Goals and limits far beyond the heap are left out rather than flattening it. */
const MOST_OVER_HEAP = 4;
/** Narrowest that a pause is drawn, CSS pixels. */
const PAUSE_PIXELS = 1;

type Column = (number | null)[];

/** Where the points lie on the axis. */
function placesOf({ timeNs, seq }: Series, axis: AxisName, scale: Axis): Float64Array {
  if (axis === 'event') return seq;
  return axis === 'time' ? timeNs : seq.map((event) => scale.timeOf(event));
}

function dataOf(points: Series, axis: AxisName, scale: Axis): [Float64Array, ...Column[]] {
  const highest = points.heapLive.reduce(
    (most, value) => Math.max(most, Number.isNaN(value) ? 0 : value),
    0,
  );
  const bound = highest * MOST_OVER_HEAP;
  const curves = CURVES.map(({ column }) =>
    Array.from(points[column], (value): number | null =>
      Number.isNaN(value) || (column !== 'heapLive' && (value === 0 || value > bound))
        ? null
        : value,
    ),
  );
  return [placesOf(points, axis, scale), ...curves];
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Ticks of the axis. */
function axisText(axis: AxisName, value: number): string {
  if (axis === 'time') return duration(value);
  if (axis === 'allocated') return size(value);
  return axis === 'event' ? count(Math.round(value)) : `cycle ${value}`;
}

/** What the chart is drawn of. */
export interface ChartContent {
  readonly overview: Overview;
  readonly axis: AxisName;
  readonly scale: Axis;
  /** What is shown, on that axis. */
  readonly range: Stretch;
  /** The tape that is laid over it. */
  readonly other: OtherCurves | null;
}

/** The rectangles of bands, phases first and pauses over them. */
function drawBands(plot: uPlot, { overview, axis, scale, range }: ChartContent): void {
  const { ctx, bbox } = plot;
  const colours = {
    mark: colourOf('--band-mark'),
    sweep: colourOf('--band-sweep'),
    pause: colourOf('--band-pause'),
  };
  const least = PAUSE_PIXELS * devicePixelRatio;
  ctx.save();
  for (const pauses of [false, true]) {
    for (const band of overview.bands) {
      if ((band.kind === 'pause') !== pauses) continue;
      const from = axis === 'time' ? band.fromNs : scale.timeOf(band.from);
      const to = axis === 'time' ? band.toNs : scale.timeOf(band.to);
      if (to < range.from || from > range.to) continue;
      const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
      ctx.fillStyle = colours[band.kind];
      ctx.fillRect(left, bbox.top, Math.max(right - left, least), bbox.height);
    }
  }
  ctx.restore();
}

function optionsFor(
  { width, height }: ChartSize,
  axis: AxisName,
  content: () => ChartContent,
): uPlot.Options {
  const stroke = colourOf('--quiet');
  const grid = { stroke: colourOf('--grid'), width: 1 };
  const font = '12px system-ui, sans-serif';
  const xValues = (_: uPlot, splits: number[]): string[] =>
    splits.map((value) => axisText(axis, value));
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false, drag: { x: false, y: false, setScale: false } },
    scales: {
      x: { time: false, range: () => [content().range.from, content().range.to] },
      y: {
        range: (_, __, most) => [0, Math.max(most ?? 1, highestOf(content().other)) * 1.06 || 1],
      },
    },
    axes: [
      { stroke, grid, font, ticks: grid, values: xValues, space: 90, size: 30 },
      {
        stroke,
        grid,
        font,
        ticks: grid,
        size: 68,
        incrs: Array.from({ length: 44 }, (_, i) => 2 ** i),
        values: (_, splits) => splits.map((bytes) => size(bytes)),
      },
    ],
    series: [
      {},
      ...CURVES.map(({ label, colour, dash, width: line }) => ({
        label,
        stroke: colourOf(colour),
        width: line,
        dash: [...dash],
        spanGaps: true,
        points: { show: false },
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawBands(plot, content())],
      draw: [(plot) => drawOther(plot, content())],
    },
  };
}

export class Chart {
  readonly plot: uPlot;
  #content: ChartContent;

  constructor(into: HTMLElement, chartSize: ChartSize, content: ChartContent) {
    this.#content = content;
    const options = optionsFor(chartSize, content.axis, () => this.#content);
    this.plot = new uPlot(
      options,
      dataOf(content.overview.points, content.axis, content.scale),
      into,
    );
  }

  /** Draws other curves or another stretch; the axis must be the one that it was made with. */
  show(content: ChartContent): void {
    const { overview, scale } = this.#content;
    this.#content = content;
    if (overview !== content.overview || scale !== content.scale) {
      this.plot.setData(dataOf(content.overview.points, content.axis, content.scale), false);
    }
    this.plot.setScale('x', { min: content.range.from, max: content.range.to });
    this.plot.redraw(false, true);
  }

  resize(chartSize: ChartSize): void {
    this.plot.setSize(chartSize);
  }

  /** Where a value of the axis lies, CSS pixels from the left of the drawing. */
  pixelOf(value: number): number {
    return this.plot.valToPos(value, 'x');
  }

  /** The value of the axis at a pixel. */
  valueAt(pixel: number): number {
    return this.plot.posToVal(pixel, 'x');
  }

  destroy(): void {
    this.plot.destroy();
  }
}

/** The point of the overview at or before an event, by index; -1 is none. */
export const pointAt = ({ seq }: Series, event: number): number =>
  firstNotBelow(seq, event + 1) - 1;
