/** Figures as Go people read them: sizes in binary units, durations, counts with separators. */

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
/** From here on a size is none at all: Go's largest limit and goal. */
const BOUNDLESS = Number.MAX_SAFE_INTEGER;

/** Three significant digits while they fit before the point, then none after it. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size === 0 ? 0 : 2);
}

export function size(bytes: number): string {
  if (Math.abs(bytes) >= BOUNDLESS) return 'none';
  let unit = 0;
  let value = bytes;
  while (Math.abs(value) >= 1024 && unit < SIZES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : digits(value)} ${SIZES[unit]}`;
}

export function duration(ns: number): string {
  const length = Math.abs(ns);
  if (length >= 1e9) return `${digits(ns / 1e9)} s`;
  if (length >= 1e6) return `${digits(ns / 1e6)} ms`;
  return length >= 1e3 ? `${digits(ns / 1e3)} µs` : `${ns} ns`;
}

export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** With a sign, for changes. */
export const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text);
