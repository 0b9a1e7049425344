/**
 * Tables that fit the terminal.
 *
 * A table has no frame: a header, and columns two spaces apart, so that it reads well in a terminal
 * and in a pipe. Where it is wider than the terminal, the columns of the lowest rank go first; a
 * column of rank 0 always stays, and what is still too wide is cut with an ellipsis.
 */
import Table from 'cli-table3';

export interface ColumnSpec {
  readonly title: string;
  /** Default: right, as for numbers. */
  readonly align?: 'left' | 'right';
  /** 0 always stays; of the others the highest rank goes first. */
  readonly rank: number;
}

const GAP = 2;
const LEAST_WIDTH = 4;
/** A table without any line drawn. */
const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
} as const;

/** Characters of a line, with control characters made visible so that none moves the cursor. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const lengthOf = (text: string): number => [...text].length;

function widthsOf(columns: readonly ColumnSpec[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, i) =>
    rows.reduce((most, row) => Math.max(most, lengthOf(row[i])), lengthOf(title)),
  );
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width + GAP, -GAP);

/** Indices of the columns that fit into `limit`. */
function chosen(
  columns: readonly ColumnSpec[],
  widths: readonly number[],
  limit: number,
): number[] {
  let kept = columns.map((_, i) => i);
  while (total(kept.map((i) => widths[i])) > limit) {
    const worst = Math.max(...kept.map((i) => columns[i].rank));
    if (worst === 0) break;
    const last = kept.findLast((i) => columns[i].rank === worst);
    kept = kept.filter((i) => i !== last);
  }
  return kept;
}

/** Cuts the widest columns until all of them fit. */
function squeezed(widths: readonly number[], limit: number): number[] {
  const fitted = [...widths];
  while (total(fitted) > limit) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if (fitted[widest] <= LEAST_WIDTH) break;
    fitted[widest] -= 1;
  }
  return fitted;
}

/** The lines of a table, each with a line end. `width` may be Infinity. */
export function tableText(
  columns: readonly ColumnSpec[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const texts = rows.map((row) => row.map(clean));
  const all = widthsOf(columns, texts);
  const kept = chosen(columns, all, width);
  const table = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    head: kept.map((i) => columns[i].title),
    colAligns: kept.map((i) => columns[i].align ?? 'right'),
    colWidths: squeezed(
      kept.map((i) => all[i]),
      width,
    ),
  });
  for (const row of texts) table.push(kept.map((i) => row[i]));
  return `${table.toString().replace(/ +$/gm, '')}\n`;
}
