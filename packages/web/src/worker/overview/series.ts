/** Curves of the overview as columns, and the bands of the collector's phases. Bytes, virtual ns. */

/** Points of all curves, in order of the tape. NaN is unknown; a limit of 0 is none. */
export interface Series {
  readonly seq: Float64Array;
  readonly timeNs: Float64Array;
  readonly heapLive: Float64Array;
  readonly heapGoal: Float64Array;
  readonly trigger: Float64Array;
  readonly heapMarked: Float64Array;
  readonly limit: Float64Array;
  /** Bytes allocated since the start of the run: of the fine pass. */
  readonly allocated: Float64Array;
}

export const SERIES_COLUMNS: readonly (keyof Series)[] = [
  'seq',
  'timeNs',
  'heapLive',
  'heapGoal',
  'trigger',
  'heapMarked',
  'limit',
  'allocated',
];

/** A phase: marking, sweeping, or a stop of the world. From and to are events. */
export interface Band {
  readonly kind: 'mark' | 'sweep' | 'pause';
  readonly cycle: number;
  /** Asked for by the program: of marking. */
  readonly forced: boolean;
  readonly from: number;
  readonly to: number;
  readonly fromNs: number;
  readonly toNs: number;
}

/** Takes points, and gives them out as columns. */
export class SeriesSink {
  #columns: number[][] = SERIES_COLUMNS.map(() => []);

  /** In the order of `SERIES_COLUMNS`. */
  add(...values: readonly number[]): void {
    for (let i = 0; i < this.#columns.length; i += 1) this.#columns[i].push(values[i]);
  }

  get length(): number {
    return this.#columns[0].length;
  }

  /** The points since the last call. */
  take(): Series {
    const columns = SERIES_COLUMNS.map((name, i) => [name, Float64Array.from(this.#columns[i])]);
    this.#columns = SERIES_COLUMNS.map(() => []);
    return Object.fromEntries(columns) as unknown as Series;
  }
}
