/**
 * Which rows of a long list are seen, and where: for lists of millions of rows, longer than a browser can
 * make an element high. Beyond that height the scroll bar stands for a share of the list, and the wheel
 * moves by rows.
 */
export interface Rows {
  readonly total: number;
  readonly rowHeight: number;
  /** Height of what is seen, pixels. */
  readonly viewHeight: number;
}

/** Highest element, pixels. */
const HIGHEST = 4_000_000;

export const seenRows = ({ rowHeight, viewHeight }: Rows): number =>
  Math.max(1, Math.ceil(viewHeight / rowHeight));

/** Height of the whole list, pixels. */
export const listHeight = ({ total, rowHeight, viewHeight }: Rows): number =>
  Math.max(viewHeight, Math.min(total * rowHeight, HIGHEST));

/** The last row that can be at the top. */
const lastTop = (rows: Rows): number =>
  Math.max(0, rows.total - Math.floor(rows.viewHeight / rows.rowHeight));

/** The row at the top when the list is scrolled by so many pixels. */
export function rowAtScroll(rows: Rows, scroll: number): number {
  const room = listHeight(rows) - rows.viewHeight;
  return room <= 0 ? 0 : Math.round((Math.min(scroll, room) / room) * lastTop(rows));
}

/** How far the list is scrolled when a row is at the top. */
export function scrollOfRow(rows: Rows, row: number): number {
  const last = lastTop(rows);
  const room = listHeight(rows) - rows.viewHeight;
  return last === 0 ? 0 : (Math.min(row, last) / last) * room;
}

/** The row at the top with which row `row` is seen; the one that is there, if it does. */
export function topToSee(rows: Rows, top: number, row: number): number {
  const whole = Math.max(1, Math.floor(rows.viewHeight / rows.rowHeight));
  if (row >= top && row < top + whole) return top;
  return Math.min(lastTop(rows), Math.max(0, row - Math.floor(whole / 3)));
}
