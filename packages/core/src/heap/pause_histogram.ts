/**
 * Go's histogram of times: how many pauses took how long.
 *
 * Buckets grow by powers of two from 512 ns on, each power cut into four; the first four are 64 ns
 * wide and start at 0. One more on either side takes what lies beyond. Times are whole ns.
 * Follows `runtime/histogram.go`, Go 1.26.
 */
const MIN_BITS = 9;
const MAX_BITS = 48;
const SUB_BITS = 2;
const SUB = 1 << SUB_BITS;

/** Buckets with both that take what is too short or too long. */
export const PAUSE_BUCKETS: number = (MAX_BITS - MIN_BITS + 1) * SUB + 2;

/** Powers of two, by doubling: engines may round what `**` gives. */
const POWER: readonly number[] = (() => {
  const powers = [1];
  for (let i = 0; i < MAX_BITS; i += 1) powers.push(powers[i] * 2);
  return powers;
})();

/** Lower bound of each bucket and the upper one of the last, seconds. */
export const PAUSE_BOUNDS: readonly number[] = (() => {
  const bounds = [-Infinity];
  for (let j = 0; j < SUB; j += 1) bounds.push((j * POWER[MIN_BITS - 1 - SUB_BITS]) / 1e9);
  for (let bits = MIN_BITS; bits < MAX_BITS; bits += 1) {
    const width = POWER[bits - 1 - SUB_BITS];
    for (let j = 0; j < SUB; j += 1) bounds.push((POWER[bits - 1] + j * width) / 1e9);
  }
  return [...bounds, POWER[MAX_BITS - 1] / 1e9, Infinity];
})();

/** Counts a pause of `ns`, which is not negative. */
export function countPause(counts: Float64Array, ns: number): void {
  let bits = 0;
  while (POWER[bits] <= ns) bits += 1;
  if (bits >= MAX_BITS) {
    counts[PAUSE_BUCKETS - 1] += 1;
    return;
  }
  const shift = Math.max(bits, MIN_BITS) - 1 - SUB_BITS;
  const group = Math.max(0, bits - MIN_BITS + 1);
  counts[1 + group * SUB + (Math.floor(ns / POWER[shift]) % SUB)] += 1;
}
