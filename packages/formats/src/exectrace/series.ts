/**
 * The heap curve for charts: a bounded number of points, whatever the length of the recording.
 *
 * Each stored point stands for `stride` samples in a row and is the one of them with the largest heapLive, so a
 * thinned curve keeps its peaks. When the columns are full, neighbours are merged by the same rule and the stride
 * doubles.
 */
import type { HeapSeries } from './recording.ts';

/** Most points that are kept. */
export const MAX_POINTS = 100_000;

export class SeriesRecorder {
  private readonly row: number[] = [];
  private readonly timeNs: number[] = [];
  private readonly heapLive: number[] = [];
  private readonly goal: number[] = [];
  private count = 0;
  private stride = 1;
  private samples = 0;

  /** Adds a sample; rows and times must not fall. */
  add(row: number, timeNs: number, heapLive: number, goal: number): void {
    if (this.samples === this.stride || this.count === 0) {
      if (this.count === MAX_POINTS) this.halve();
      this.store(this.count++, row, timeNs, heapLive, goal);
      this.samples = 1;
      return;
    }
    this.samples++;
    if (heapLive > this.heapLive[this.count - 1]) {
      this.store(this.count - 1, row, timeNs, heapLive, goal);
    }
  }

  toSeries(): HeapSeries {
    const end = this.count;
    return {
      count: end,
      row: Float64Array.from(this.row.slice(0, end)),
      timeNs: Float64Array.from(this.timeNs.slice(0, end)),
      heapLive: Float64Array.from(this.heapLive.slice(0, end)),
      goal: Float64Array.from(this.goal.slice(0, end)),
    };
  }

  private store(at: number, row: number, timeNs: number, heapLive: number, goal: number): void {
    this.row[at] = row;
    this.timeNs[at] = timeNs;
    this.heapLive[at] = heapLive;
    this.goal[at] = goal;
  }

  private halve(): void {
    for (let i = 0; i < MAX_POINTS; i += 2) {
      const from = this.heapLive[i] >= this.heapLive[i + 1] ? i : i + 1;
      this.store(i / 2, this.row[from], this.timeNs[from], this.heapLive[from], this.goal[from]);
    }
    this.count = MAX_POINTS / 2;
    this.stride *= 2;
  }
}
