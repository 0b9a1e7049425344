/**
 * Go's 64-bit integers in JavaScript numbers.
 *
 * The pacer mixes uint64, int64 and float64. Here every quantity is a double.
 *
 * 1. Below 2^53 doubles are exact, and so is everything that a heap of less than 8 PiB yields.
 * 2. "None" and "off" are Go's largest values. They are the doubles nearest to them: `TWO_63` for
 *    MaxInt64 and `TWO_64` for the largest uint64. Results above 2^53 (goals with GOGC and the limit
 *    off) are within one unit in the last place of Go's.
 * 3. A float64 that does not fit an integer type gives what linux/amd64 gives. Go leaves that
 *    unspecified and arm64 differs; it happens when no scan work was expected but some was done,
 *    and when a cons/mark ratio was measured over no scan work.
 * 4. int64 and uint64 sums that overflow wrap around.
 *
 * Rounding is that of GOAMD64=v1: products and sums are never fused.
 */

/** 2^63; stands for MaxInt64 where Go uses that as "no limit". */
export const TWO_63: number = 4294967296 * 2147483648;
/** 2^64; stands for the largest uint64 where Go uses that as "none". */
export const TWO_64: number = 4294967296 * 4294967296;

/** `int64(x)` of a float64, on amd64: towards zero, and -2^63 when it does not fit. */
export function floatToInt64(x: number): number {
  return x >= -TWO_63 && x < TWO_63 ? Math.trunc(x) : -TWO_63;
}

/** `uint64(x)` of a float64, on amd64: towards zero; negative wraps; 2^63 when it does not fit. */
export function floatToUint64(x: number): number {
  if (!(x > -TWO_63 && x < TWO_64)) return TWO_63;
  const whole = Math.trunc(x);
  // Adding 0 turns -0 into 0.
  return whole < 0 ? whole + TWO_64 : whole + 0;
}

/** A sum or difference of two int64, wrapped into int64. */
export function wrapInt64(x: number): number {
  if (x >= TWO_63) return x - TWO_64;
  return x < -TWO_63 ? x + TWO_64 : x;
}
