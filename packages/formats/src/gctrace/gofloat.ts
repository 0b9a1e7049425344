/**
 * Floating-point numbers as Go 1.26 prints them with `print`: the shortest digits that read back to the
 * same number, with an exponent of at least two digits below 1e-4 and from 1e+06 on.
 */

/** A regular expression for one such number. */
export const GO_FLOAT = '([+-]Inf|NaN|-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?)';

/** Prints a number as Go does. */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** Reads a number that `formatGoFloat` wrote. */
export function parseGoFloat(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}

/** Whether every number among a row's figures is below 2^53, where whole numbers are exact. */
export const isExact = (figures: object): boolean =>
  Object.values(figures).every(
    (value) => typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER,
  );
