/** Whether memory stays flat over the samples of a stage. */
const MIB = 1 << 20;
/** The last quarter may be so much larger than the first after warming up. */
const MOST_GROWTH = 1.1;
/** The share of a stage that is warming up. */
const WARM = 0.2;

const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / Math.max(1, numbers.length);

/** Memory over the run: its first quarter after warming up, its last one, and the slope of a line through it. */
export function verdict({ samples }) {
  const last = samples.at(-1)?.done ?? 0;
  const settled = samples.filter(({ done }) => done >= last * WARM);
  const from = settled[0]?.done ?? 0;
  const quarter = (last - from) / 4;
  const early = settled.filter(({ done }) => done <= from + quarter).map(({ rss }) => rss);
  const late = settled.filter(({ done }) => done >= last - quarter).map(({ rss }) => rss);
  const [x, y] = [mean(settled.map(({ done }) => done)), mean(settled.map(({ rss }) => rss))];
  const spread = settled.reduce((sum, { done }) => sum + (done - x) ** 2, 0);
  const along = settled.reduce((sum, { done, rss }) => sum + (done - x) * (rss - y), 0);
  return {
    firstQuarterMiB: round(mean(early) / MIB),
    lastQuarterMiB: round(mean(late) / MIB),
    peakMiB: round(Math.max(...samples.map(({ rss }) => rss)) / MIB),
    bytesPerEvent: spread === 0 ? 0 : round(along / spread, 1000),
    flat: mean(late) <= mean(early) * MOST_GROWTH,
  };
}

const round = (number, digits = 10) => Math.round(number * digits) / digits;
