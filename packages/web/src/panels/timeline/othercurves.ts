/** Curves of a second tape, dashed, over those of the page's own. */
import type uPlot from 'uplot';
import type { Axis } from '../../model/axis.ts';
import type { Series } from '../../worker/overview/series.ts';
import { colourOf } from './colour.ts';

export interface OtherCurves {
  readonly points: Series;
  readonly scale: Axis;
}

/** In the order in which they are drawn. */
export const OTHER_CURVES = [
  { column: 'heapGoal', label: 'goal', colour: '--other-goal', width: 1.5 },
  { column: 'heapMarked', label: 'live at last mark', colour: '--other-marked', width: 1 },
  { column: 'heapLive', label: 'heap live', colour: '--other-heap', width: 2 },
] as const;

export const OTHER_DASH: readonly number[] = [5, 4];

const known = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** The highest that the heap gets, bytes. */
export const highestOf = (other: OtherCurves | null): number =>
  other?.points.heapLive.reduce((most, value) => Math.max(most, known(value)), 0) ?? 0;

export function drawOther(plot: uPlot, { other }: { readonly other: OtherCurves | null }): void {
  if (other === null) return;
  const { ctx, bbox } = plot;
  const { points, scale } = other;
  const lefts = points.seq.map((event) => plot.valToPos(scale.timeOf(event), 'x', true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { column, colour, width } of OTHER_CURVES) {
    ctx.beginPath();
    for (const [i, value] of points[column].entries()) {
      if (known(value) > 0) ctx.lineTo(lefts[i], plot.valToPos(value, 'y', true));
    }
    ctx.strokeStyle = colourOf(colour);
    ctx.lineWidth = width * devicePixelRatio;
    ctx.setLineDash(OTHER_DASH.map((length) => length * devicePixelRatio));
    ctx.stroke();
  }
  ctx.restore();
}
