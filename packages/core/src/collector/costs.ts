/**
 * The cost model: what things cost in virtual nanoseconds. Data, not code.
 *
 * A recording calibrates it from its own cycles and the tape's first event stores it, so that a
 * tape says what its times rest on. The defaults are for programs that come without a recording.
 */
export interface CostModel {
  /** Program time of one allocation and of each byte of it, ns. Recordings bring their own clock. */
  readonly allocNs: number;
  readonly allocNsPerByte: number;
  /** Program time of a pointer or root store, ns. */
  readonly storeNs: number;
  /** CPU time to mark one unit (a byte scanned; an object counts 32), ns. */
  readonly markNsPerByte: number;
  /** Ps' worth of idle-priority marking, on average while marking, beside the 25 %. */
  readonly idleMarkProcs: number;
  /** Time of the background sweeper to sweep one span, ns. */
  readonly sweepNsPerSpan: number;
  /** Time to copy a byte of an object that moves, and to look through a byte of what may point, ns (test/fixtures/go/compactcost). */
  readonly copyNsPerByte: number;
  readonly updateNsPerByte: number;
  /** CPU time to return a page of 8 KiB to the system, ns. */
  readonly scavengeNsPerPage: number;
  /** Quantiles (least, lower quarter, median, upper quarter, largest) of the pauses, ns. */
  readonly sweepTermPauses: readonly number[];
  readonly markTermPauses: readonly number[];
}

export const DEFAULT_COSTS: CostModel = {
  allocNs: 25,
  allocNsPerByte: 0.1,
  storeNs: 2,
  markNsPerByte: 1.5,
  idleMarkProcs: 0.5,
  sweepNsPerSpan: 600,
  copyNsPerByte: 0.15,
  updateNsPerByte: 0.15,
  scavengeNsPerPage: 260,
  sweepTermPauses: [20_000, 30_000, 40_000, 70_000, 200_000],
  markTermPauses: [20_000, 40_000, 60_000, 100_000, 300_000],
};

/** Entries of a pause distribution. */
export const PAUSE_QUANTILES = 5;

/**
 * The pause of cycle `n`, ns: quantiles taken in an order that spreads evenly (multiples of the golden
 * ratio), so that a few cycles already show the whole distribution, without a random number.
 */
export function pauseOf(quantiles: readonly number[], n: number): number {
  const at = ((n * 0x9e3779b9) % 4294967296) / 4294967296;
  const place = at * (quantiles.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, quantiles.length - 1);
  return Math.floor(quantiles[low] + (quantiles[high] - quantiles[low]) * (place - low) + 0.5);
}
