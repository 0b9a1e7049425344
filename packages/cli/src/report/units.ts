/** Numbers as Go people read them: sizes in MiB, times in ms, counts with separators. */

const MIB = 1024 * 1024;
const NS_PER_MS = 1e6;

/** Three significant digits while they fit before the point, then none after it. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size === 0 ? 0 : 2);
}

/** A size in MiB, without the unit. */
export const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

/** A size with the unit that suits it, in binary units. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : digits(value)} ${units[unit]}`;
}

/** A time in ms, without the unit. */
export const ms = (ns: number): string => digits(ns / NS_PER_MS);

/** A length of time with the unit that suits it. */
export function duration(ns: number): string {
  if (ns >= 1e9) return `${digits(ns / 1e9)} s`;
  return ns >= 1000 || ns === 0 ? `${digits(ns / NS_PER_MS)} ms` : `${ns} ns`;
}

export const percent = (fraction: number): string => (fraction * 100).toFixed(1);

/** A count with separators. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1 event`, `2 events`. */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** The sizes of a cycle as gctrace prints them: whole MiB, called MB. */
export function gctraceSizes(start: number, markEnd: number, marked: number): string {
  return [start, markEnd, marked].map((bytes) => Math.floor(bytes / MIB)).join('->');
}
