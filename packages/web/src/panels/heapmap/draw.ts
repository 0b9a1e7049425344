/**
 * Drawing the heap map: one pass over the pixels of an image, whatever the heap.
 *
 * A row of the map is a strip of bytes from left to right. Far away each cell is filled from the bottom up by
 * what lies in it; near, each slot is a bar as wide as its bytes. A line is left free between spans and between
 * slots where there is room.
 */
import type { Grid } from '../../model/heapgrid.ts';
import { HEAP_SPAN, type HeapMapView } from '../../worker/queries/heapmap.ts';

const PAGE_SIZE = 8192;
/** Narrowest slot beside which a line is left, device pixels. */
const LEAST_WITH_LINE = 3;
/** Pixels from which on a stretch is filled by a call. */
const LONG_RUN = 48;

/** Height of a row and of the line below it, CSS pixels. */
export const ROW_HEIGHT = 14;
const ROW_GAP = 2;

export interface Ink {
  /** By row of the legend. */
  readonly rows: Uint32Array;
  readonly line: number;
  readonly paper: number;
}

/** An image that is painted by stretches of bytes. */
class Strip {
  readonly #pixels: Uint32Array;
  readonly #width: number;
  readonly #height: number;
  readonly #pitch: number;
  readonly #grid: Grid;
  readonly #scale: number;
  readonly #flat: boolean;

  /** `flat`: all that is painted is as high as its row. */
  constructor(image: ImageData, grid: Grid, ratio: number, flat: boolean) {
    this.#flat = flat;
    this.#pixels = new Uint32Array(image.data.buffer);
    this.#width = image.width;
    this.#pitch = Math.round(ROW_HEIGHT * ratio);
    this.#height = Math.round((ROW_HEIGHT - ROW_GAP) * ratio);
    this.#grid = grid;
    this.#scale = image.width / grid.perRow;
  }

  /** Pixels of scan line y, from column x to below x2. */
  #run(y: number, x: number, x2: number, colour: number): void {
    const from = y * this.#width + x;
    const to = y * this.#width + x2;
    // A call costs more than a short stretch of pixels.
    if (to - from > LONG_RUN) this.#pixels.fill(colour, from, to);
    else for (let at = from; at < to; at += 1) this.#pixels[at] = colour;
  }

  /** Scan lines of row `row`, from height share a to b of 255, bottom up; of whole rows only the first. */
  #block(row: number, x: number, x2: number, a: number, b: number, colour: number): void {
    const base = row * this.#pitch + this.#height;
    const top = base - Math.round((b * this.#height) / 255);
    const bottom = this.#flat ? top + 1 : base - Math.round((a * this.#height) / 255);
    for (let y = top; y < bottom; y += 1) this.#run(y, x, x2, colour);
  }

  /** Makes every scan line of a row like its first. */
  finish(): void {
    if (!this.#flat) return;
    for (let row = 0; row < this.#grid.rows; row += 1) {
      const from = row * this.#pitch * this.#width;
      for (let y = 1; y < this.#height; y += 1) {
        this.#pixels.copyWithin(from + y * this.#width, from, from + this.#width);
      }
    }
  }

  /** Paints bytes from `from` to `to`; `line` leaves one free at their end. */
  paint(from: number, to: number, colour: number, line: number, a = 0, b = 255): void {
    const { top, perRow, rows } = this.#grid;
    const first = Math.max(0, Math.floor((from - top) / perRow));
    const last = Math.min(rows - 1, Math.ceil((to - top) / perRow) - 1);
    for (let row = first; row <= last; row += 1) {
      const start = top + row * perRow;
      const x = Math.round(Math.max(0, from - start) * this.#scale);
      const end = Math.round(Math.min(perRow, to - start) * this.#scale);
      const ends = to <= start + perRow;
      this.#block(row, x, Math.max(x + 1, end), a, b, colour);
      if (ends && line !== 0 && end - x >= LEAST_WITH_LINE) {
        this.#block(row, end - 1, end, 0, 255, line);
      }
    }
  }
}

function drawCells(strip: Strip, { cellBytes, shares, rows, grid }: HeapMapView, ink: Ink): void {
  const count = rows.length;
  const first = Math.floor(grid.top / PAGE_SIZE) * PAGE_SIZE;
  for (let cell = 0; cell * count < shares.length; cell += 1) {
    const from = first + cell * cellBytes;
    let sum = 0;
    for (let row = count - 1; row >= 0; row -= 1) {
      const share = shares[cell * count + row];
      if (share === 0) continue;
      const next = Math.min(255, sum + share);
      strip.paint(from, from + cellBytes, ink.rows[row], 0, sum, next);
      sum = next;
    }
  }
}

function drawSlots(strip: Strip, view: HeapMapView, ink: Ink): void {
  const { spans, slots, rows } = view;
  if (slots === null) return;
  const tail = ink.rows[rows.findIndex(({ id }) => id === 'tail')];
  spans.page.forEach((page, i) => {
    const from = page * PAGE_SIZE;
    const to = from + spans.pages[i] * PAGE_SIZE;
    if (spans.row[i] !== HEAP_SPAN) {
      strip.paint(from, to, ink.rows[spans.row[i]], 0);
      return;
    }
    strip.paint(from, to, tail, 0);
    const bytes = spans.slotBytes[i];
    for (let slot = spans.firstSlot[i], at = from; slot < spans.firstSlot[i + 1]; slot += 1) {
      strip.paint(at, at + bytes, ink.rows[slots.row[slot]], ink.line);
      at += bytes;
    }
  });
}

/** Lines where spans end, once the rest is drawn. */
function drawBorders(strip: Strip, { spans, grid }: HeapMapView, ink: Ink, width: number): void {
  const perPixel = grid.perRow / width;
  if (PAGE_SIZE / perPixel < LEAST_WITH_LINE) return;
  spans.page.forEach((page, i) => {
    if (spans.row[i] !== HEAP_SPAN && spans.row[i + 1] === spans.row[i]) return;
    const end = (page + spans.pages[i]) * PAGE_SIZE;
    strip.paint(end - perPixel, end, ink.line, 0);
  });
}

/** Draws a view into an image, all of it. */
export function drawMap(image: ImageData, view: HeapMapView, ink: Ink, ratio: number): void {
  new Uint32Array(image.data.buffer).fill(ink.paper);
  const strip = new Strip(image, view.grid, ratio, view.slots !== null);
  if (view.slots === null) drawCells(strip, view, ink);
  else drawSlots(strip, view, ink);
  drawBorders(strip, view, ink, image.width);
  strip.finish();
}

/** Rectangles that bytes take on the map, CSS pixels: one a row. */
export function rectanglesOf(
  grid: Grid,
  width: number,
  from: number,
  to: number,
): { x: number; y: number; width: number; height: number }[] {
  const { top, perRow, rows } = grid;
  const found = [];
  const first = Math.max(0, Math.floor((from - top) / perRow));
  const last = Math.min(rows - 1, Math.ceil((to - top) / perRow) - 1);
  for (let row = first; row <= last; row += 1) {
    const start = top + row * perRow;
    const x = (Math.max(0, from - start) / perRow) * width;
    const end = (Math.min(perRow, to - start) / perRow) * width;
    found.push({ x, y: row * ROW_HEIGHT, width: end - x, height: ROW_HEIGHT - ROW_GAP });
  }
  return found;
}

/** The byte at a point of the map, CSS pixels. */
export function byteAt(grid: Grid, width: number, x: number, y: number): number {
  const row = Math.min(grid.rows - 1, Math.max(0, Math.floor(y / ROW_HEIGHT)));
  const share = Math.min(0.999999, Math.max(0, x / width));
  const byte = grid.top + row * grid.perRow + Math.floor(share * grid.perRow);
  return Math.min(Math.max(0, grid.bytes - 1), byte);
}
