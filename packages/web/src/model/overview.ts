/**
 * The overview as it grows: the coarse curves give way to the fine ones from the left, and the bands of
 * phases stay.
 */
import type { OverviewPart } from '../worker/jobs/overview.ts';
import { type Band, SERIES_COLUMNS, type Series } from '../worker/overview/series.ts';
import { firstNotBelow } from './axis.ts';

export interface Overview {
  readonly points: Series;
  readonly bands: readonly Band[];
  /** Events of each pass that are done. */
  readonly coarse: number;
  readonly fine: number;
}

const EMPTY: Series = Object.fromEntries(
  SERIES_COLUMNS.map((name) => [name, new Float64Array(0)]),
) as unknown as Series;

/** The points of `a` up to event `seq`, those of `b`, and those of `c` after event `after`. */
function joined(parts: readonly { of: Series; from: number; to: number }[]): Series {
  const column = (name: keyof Series): Float64Array => {
    const length = parts.reduce((sum, { from, to }) => sum + to - from, 0);
    const all = new Float64Array(length);
    let at = 0;
    for (const { of, from, to } of parts) {
      all.set(of[name].subarray(from, to), at);
      at += to - from;
    }
    return all;
  };
  return Object.fromEntries(
    SERIES_COLUMNS.map((name) => [name, column(name)]),
  ) as unknown as Series;
}

const whole = (of: Series): { of: Series; from: number; to: number } => ({
  of,
  from: 0,
  to: of.seq.length,
});

export const NO_OVERVIEW: Overview = { points: EMPTY, bands: [], coarse: 0, fine: 0 };

/** Takes in a part. */
export function withPart(overview: Overview, part: OverviewPart): Overview {
  const { points, bands } = overview;
  if (part.pass === 'coarse') {
    return {
      ...overview,
      points: joined([whole(points), whole(part.points)]),
      bands: [...bands, ...part.bands],
      coarse: part.done,
    };
  }
  const before = firstNotBelow(points.seq, overview.fine === 0 ? 0 : overview.fine + 1);
  const after = firstNotBelow(points.seq, part.done + 1);
  return {
    ...overview,
    points: joined([
      { of: points, from: 0, to: before },
      whole(part.points),
      { of: points, from: after, to: points.seq.length },
    ]),
    fine: part.done,
  };
}
