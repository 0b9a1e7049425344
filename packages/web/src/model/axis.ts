/**
 * Events of one tape and times, or something else that never falls along a tape: where each lies on the other's
 * axis, by straight lines between known points.
 *
 * At first only the ends of segments are known, later the points of the overview. Times never fall along a
 * tape, and several events may share one; the way from a time to an event then takes the first of them.
 */

/** Index of the first value in an ascending column that is not less than `value`. */
export function firstNotBelow(column: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Axis {
  readonly #events: ArrayLike<number>;
  readonly #times: ArrayLike<number>;

  /** Both columns ascend; they begin at event 0. */
  constructor(events: ArrayLike<number>, times: ArrayLike<number>) {
    this.#events = events;
    this.#times = times;
  }

  timeOf(event: number): number {
    return between(this.#events, this.#times, event);
  }

  eventOf(timeNs: number): number {
    return Math.round(between(this.#times, this.#events, timeNs));
  }
}

function between(from: ArrayLike<number>, to: ArrayLike<number>, value: number): number {
  const last = from.length - 1;
  if (last < 0) return 0;
  const after = firstNotBelow(from, value);
  if (after === 0) return to[0];
  if (after > last) return to[last];
  const width = from[after] - from[after - 1];
  const share = width === 0 ? 1 : (value - from[after - 1]) / width;
  return to[after - 1] + (to[after] - to[after - 1]) * share;
}
