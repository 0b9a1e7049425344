/**
 * Where the bytes of the heap lie on its map: rows of equally many bytes, in the order of addresses.
 *
 * Bytes are counted from the start of the heap. A row's bytes are a power of two, so rows begin where pages,
 * chunks and arenas do, whatever the zoom.
 */

/** Fewest bytes of a row. */
const LEAST_PER_ROW = 512;
/** Most bytes of a row: the largest heap in one. */
const MOST_PER_ROW = 2 ** 34;

/** What somebody asks for. */
export interface GridWish {
  /** Rows that there is room for. */
  readonly rows: number;
  /** Bytes of a row; 0: so many that all fits. */
  readonly perRow: number;
  /** First byte that is seen. */
  readonly top: number;
}

export interface Grid {
  /** Bytes of the heap from its start to the end of what is worth showing. */
  readonly bytes: number;
  readonly perRow: number;
  readonly top: number;
  readonly rows: number;
}

/** A power of two from `LEAST_PER_ROW` on that is not less than `bytes`. */
function rowBytes(bytes: number): number {
  let size = LEAST_PER_ROW;
  while (size < bytes && size < MOST_PER_ROW) size *= 2;
  return size;
}

/** The part of a heap of so many bytes that is seen. */
export function gridOf({ rows, perRow, top }: GridWish, bytes: number): Grid {
  const fit = rowBytes(bytes / rows);
  const size = perRow === 0 ? fit : Math.min(rowBytes(perRow), fit);
  const last = Math.max(0, Math.ceil(bytes / size) - rows) * size;
  const first = Math.floor(Math.max(0, top) / size) * size;
  return { bytes, perRow: size, top: Math.min(last, first), rows };
}

/** Bytes that are seen: from `top` to here. */
export const gridEnd = ({ bytes, perRow, top, rows }: Grid): number =>
  Math.min(Math.max(bytes, top), top + perRow * rows);

/** Zooms by a factor (less than 1: nearer), leaving the row of a byte where it is. */
export function zoomedGrid(grid: Grid, factor: number, around: number): GridWish {
  const perRow = rowBytes(grid.perRow * factor);
  const row = Math.floor((around - grid.top) / grid.perRow);
  const top = Math.floor(around / perRow) * perRow - row * perRow;
  const fits = perRow >= rowBytes(grid.bytes / grid.rows);
  return { rows: grid.rows, perRow: fits ? 0 : perRow, top: fits ? 0 : Math.max(0, top) };
}

/** So near that a stretch of bytes fills the rows. */
export function brushedGrid(grid: Grid, from: number, to: number): GridWish {
  const perRow = rowBytes((to - from) / grid.rows);
  return { rows: grid.rows, perRow, top: Math.floor(from / perRow) * perRow };
}
