/**
 * How long objects of a recording live, measured in the recording itself.
 *
 * 1. Whenever a recorded cycle begins marking, it looks at every object allocated since the cycle
 *    before: of those of one age (allocation volume since their birth) some are dead by then and some
 *    are not. Over all cycles that gives the share of bytes that die before they reach that age.
 * 2. Ages fall into bins that double in width, from 16 KiB up. A share can only rise with age, so
 *    neighbours that say otherwise are pooled (isotonic regression by pool-adjacent-violators).
 * 3. A bin's share holds in its middle; between the middles it rises evenly. Nothing is known of ages
 *    that no cycle has seen: there the share stays what it was.
 *
 * So an object that a cycle finds dead at age `a` died at an age whose distribution is the measured one
 * cut off at `a`. Most programs drop most garbage at once; some keep it until a phase of work ends. The
 * recording says which, where an assumed rule could not.
 */

/** Upper bound of the first bin of ages, bytes; each next one is twice as far. */
const FIRST_AGE = 16 * 1024;
const BINS = 32;

export interface Lifetimes {
  /** Middle of each bin, bytes of allocation volume. */
  readonly ages: Float64Array;
  /** Share of bytes that are dead by that age, 0 to 1, rising. */
  readonly dead: Float64Array;
}

/** Gathers lifetimes; `see` once for every object that a cycle looked at for the first time. */
export class LifetimeGatherer {
  readonly #seen = new Float64Array(BINS);
  readonly #dead = new Float64Array(BINS);

  see(age: number, bytes: number, dead: boolean): void {
    const bin = binOf(age);
    this.#seen[bin] += bytes;
    if (dead) this.#dead[bin] += bytes;
  }

  lifetimes(): Lifetimes {
    const ages = new Float64Array(BINS);
    let bound = FIRST_AGE;
    ages[0] = bound / 2;
    for (let i = 1; i < BINS; i += 1) {
      ages[i] = bound * 1.5;
      bound *= 2;
    }
    return { ages, dead: rising(this.#seen, this.#dead) };
  }
}

/** Ages double from bin to bin; bin 0 is below `FIRST_AGE`. */
function binOf(age: number): number {
  const doublings = Math.min(Math.floor(age / FIRST_AGE), 0x7fffffff);
  return Math.min(BINS - 1, 32 - Math.clz32(doublings));
}

/** Shares pooled so that they rise. Bins that saw nothing take the share of the bin before. */
function rising(seen: Float64Array, dead: Float64Array): Float64Array {
  const pools: { seen: number; dead: number; bins: number }[] = [];
  for (let i = 0; i < seen.length; i += 1) {
    const before = pools.at(-1);
    if (seen[i] === 0 && before !== undefined) {
      before.bins += 1;
      continue;
    }
    pools.push({ seen: seen[i], dead: dead[i], bins: 1 });
    for (let last = pools.length - 1; last > 0; last -= 1) {
      const left = pools[last - 1];
      const right = pools[last];
      if (left.dead * right.seen < right.dead * left.seen) break;
      left.seen += right.seen;
      left.dead += right.dead;
      left.bins += right.bins;
      pools.pop();
    }
  }
  const shares = new Float64Array(seen.length);
  let at = 0;
  for (const pool of pools) {
    shares.fill(pool.seen > 0 ? pool.dead / pool.seen : 0, at, at + pool.bins);
    at += pool.bins;
  }
  return shares;
}

/** Value at `x` of the line through two points. */
function between(x: number, x0: number, y0: number, x1: number, y1: number): number {
  return y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
}

/** Share of objects that are dead by an age. */
export function shareAt(lifetimes: Lifetimes, age: number): number {
  const { ages, dead } = lifetimes;
  let bin = 0;
  while (bin < ages.length && ages[bin] < age) bin += 1;
  if (bin === ages.length) return dead[bin - 1];
  if (bin === 0) return between(age, 0, 0, ages[0], dead[0]);
  return between(age, ages[bin - 1], dead[bin - 1], ages[bin], dead[bin]);
}

/**
 * Age at which `rank` (0 to 1) of the objects are dead that are dead by `age`. Where the recording saw no
 * death of that age, they die at an even rate.
 */
export function ageAtDeath(lifetimes: Lifetimes, age: number, rank: number): number {
  return ageAtRank(lifetimes, age, shareAt(lifetimes, age), rank);
}

/** The same where `shareAt` of the age is known. */
export function ageAtRank(lifetimes: Lifetimes, age: number, share: number, rank: number): number {
  if (share === 0) return age * rank;
  return Math.min(age, ageAtShare(lifetimes, share * rank));
}

/** Age by which `share` of all objects are dead; infinite where no cycle has seen so many die. */
export function ageAtShare(lifetimes: Lifetimes, share: number): number {
  const { ages, dead } = lifetimes;
  if (share === 0) return 0;
  let bin = 0;
  while (bin < dead.length && dead[bin] < share) bin += 1;
  if (bin === dead.length) return Number.POSITIVE_INFINITY;
  if (bin === 0) return between(share, 0, 0, dead[0], ages[0]);
  return between(share, dead[bin - 1], ages[bin - 1], dead[bin], ages[bin]);
}
