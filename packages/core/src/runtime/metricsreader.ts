/** Package runtime/metrics, as a simulated process offers it. */
import type { Heap } from './heap.ts';
import { allMetrics, type MetricSample, readMetrics } from './metrics.ts';
import type { MetricDescription } from './metrics_list.ts';

export class Metrics {
  readonly #heap: Heap;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Every metric there is, described. */
  All(): readonly MetricDescription[] {
    return allMetrics();
  }

  /** The metrics of these names, as they are; of kind `bad` where there is none of that name. */
  Read(names: readonly string[]): MetricSample[] {
    return readMetrics(this.#heap.decider.world, names);
  }
}
