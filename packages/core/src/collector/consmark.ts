/**
 * Cons/mark: how many bytes the program allocates ("cons") per byte that the collector scans
 * ("mark"), each per unit of CPU time. The pacer turns it into the runway.
 *
 * Models the second half of `gcControllerState.endCycle`, Go 1.21 to 1.26. (Up to 1.19 a PI
 * controller smoothed the samples; 1.20 took the larger one of two.)
 *
 * 1. A cycle's sample is (allocated / mutator CPU) / (scanned / collector CPU). The duration and the
 *    number of Ps cancel out, which leaves the shares of CPU.
 * 2. Time on otherwise idle Ps counts for scanning but is not taken from the mutator.
 * 3. The estimate is the largest of the new sample and the four before it: starting too early costs
 *    cycles, starting too late costs assists.
 *
 * A cycle that scanned nothing gives an infinite sample, as in Go.
 */

const SAMPLES = 4;

export class ConsMark {
  /** The estimate; 0 before the first sample. */
  estimate = 0;
  /** The last four samples, oldest first. */
  readonly samples: Float64Array = new Float64Array(SAMPLES);

  /**
   * Takes a sample: bytes allocated and scanned during marking, the share of CPU that background
   * workers and assists took, the share that idle workers took.
   */
  measure(allocated: number, scanned: number, utilization: number, idleUtilization: number): void {
    const sample = (allocated * (utilization + idleUtilization)) / (scanned * (1 - utilization));
    this.estimate = sample;
    for (const earlier of this.samples) {
      if (earlier > this.estimate) this.estimate = earlier;
    }
    this.samples.copyWithin(0, 1);
    this.samples[SAMPLES - 1] = sample;
  }
}
