/**
 * Results, completed and shown.
 *
 * A benchmark returns name, value, unit, baseline, target and note. A target is `{ ratio }` (at
 * least, where more is better), `{ maxRatio }`, or `{ max }` or `{ min }` for the value itself.
 */
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { goVersion } from './go.mjs';

export function machine() {
  return {
    node: process.version,
    cpus: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    arch: arch(),
    os: `${platform()} ${release()}`,
    go: goVersion(),
  };
}

/** Adds ratio, the target in words, and whether it was met (null when that cannot be said). */
export function completed({ target, baseline, value, ...result }) {
  const ratio = value === null || !baseline ? null : value / baseline;
  return { ...result, value, baseline, ratio, ...judged(target, value, ratio) };
}

function judged(target, value, ratio) {
  if (target.max !== undefined) {
    return { target: `<= ${short(target.max)}`, met: value === null ? null : value <= target.max };
  }
  if (target.min !== undefined) {
    return { target: `>= ${short(target.min)}`, met: value === null ? null : value >= target.min };
  }
  if (target.maxRatio !== undefined) {
    return {
      target: `<= ${target.maxRatio}x`,
      met: ratio === null ? null : ratio <= target.maxRatio,
    };
  }
  return { target: `>= ${target.ratio}x`, met: ratio === null ? null : ratio >= target.ratio };
}

/** A number in four digits, with a factor letter where it is long. */
function short(value) {
  if (value === null) return '-';
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  return value.toPrecision(3);
}

const MET = { true: 'met', false: 'missed', null: '-' };

export function table(results) {
  const rows = [
    ['name', 'value', 'unit', 'baseline', 'ratio', 'target', ''],
    ...results.map(({ name, value, unit, baseline, ratio, target, met }) => {
      const times = ratio === null ? '-' : `${ratio.toPrecision(3)}x`;
      return [name, short(value), unit, short(baseline), times, target, MET[met]];
    }),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  const notes = results.filter(({ note }) => note).map(({ name, note }) => `  ${name}: ${note}`);
  return `${lines.join('\n')}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`;
}
