/**
 * A census of the heap: every page and every slot counted by what it is, in all and by cell of the map.
 *
 * 1. What is no live object has six rows of its own, before those of the colouring: pages that are returned to the
 *    system, idle pages, stacks, the ends of spans that are too short for a slot, free slots, and dead objects
 *    whose span is still to be swept.
 * 2. A cell is so many bytes of the map. Spans that lie in it share it by their bytes; a span that has several
 *    cells looks the same in each of them.
 */
import { slotBytes, type World } from '@heaptape/core';
import { ones, type SlotBits } from './bits.ts';
import type { Colours, MapRow } from './colouring.ts';

const PAGE_SIZE = 8192;
const SPAN_IN_USE = 1;

export const BASE_ROWS: readonly MapRow[] = [
  { id: 'released', name: 'released pages' },
  { id: 'idle', name: 'idle pages' },
  { id: 'stack', name: 'stacks' },
  { id: 'tail', name: 'ends of spans' },
  { id: 'free', name: 'free slots' },
  { id: 'dead', name: 'dead, not yet swept' },
];

const [RELEASED, IDLE, STACK, TAIL, FREE, DEAD] = BASE_ROWS.keys();
export const ROW = {
  released: RELEASED,
  idle: IDLE,
  stack: STACK,
  tail: TAIL,
  free: FREE,
  dead: DEAD,
};

/** Cells of the map: from page `from` on, `count` of `pages` pages each. */
export interface CellWish {
  readonly from: number;
  readonly pages: number;
  readonly count: number;
}

export interface Census {
  /** By row, those of `BASE_ROWS` first: pages, spans, slots or objects, and their bytes. */
  readonly counts: Float64Array;
  readonly bytes: Float64Array;
  /** By cell and row: share, of 255. */
  readonly shares: Uint8Array;
}

export function censusOf(w: World, bits: SlotBits, colours: Colours, cells: CellWish): Census {
  const rows = BASE_ROWS.length + colours.rows.length;
  const counts = new Float64Array(rows);
  const bytes = new Float64Array(rows);
  const inCells = new Float64Array(cells.count * rows);
  const here = new Float64Array(rows);
  const each = new Float64Array(rows);
  for (let page = 0; page < w.pages; ) {
    const pages = w.spanOf[page] === 0 ? 1 : w.spanPages[page];
    here.fill(0);
    each.fill(0);
    if (w.spanOf[page] === 0) {
      const row = w.pageScavenged[page] === 1 ? ROW.released : ROW.idle;
      each[row] = 1;
      here[row] = PAGE_SIZE;
    } else if (w.spanState[page] === SPAN_IN_USE) countSpan(w, page, bits, colours, each, here);
    else {
      each[ROW.stack] = 1;
      here[ROW.stack] = pages * PAGE_SIZE;
    }
    for (let row = 0; row < rows; row += 1) {
      counts[row] += each[row];
      bytes[row] += here[row];
    }
    spread(page, pages, here, cells, inCells);
    page += pages;
  }
  return { counts, bytes, shares: sharesOf(inCells, cells.count, rows) };
}

function countSpan(
  w: World,
  page: number,
  bits: SlotBits,
  colours: Colours,
  each: Float64Array,
  here: Float64Array,
): void {
  const { counted } = colours;
  counted.fill(0);
  const words = bits.open(page);
  let taken = 0;
  let live = 0;
  for (let i = 0; i < words; i += 1) {
    bits.read(i);
    taken += ones(bits.taken);
    live += ones(bits.live);
    colours.count(page, i * 32, bits, ones);
  }
  const size = slotBytes(w, page);
  const slots = w.nelems[page];
  each[ROW.tail] = 1;
  each[ROW.free] = slots - taken;
  each[ROW.dead] = taken - live;
  each.set(counted, BASE_ROWS.length);
  for (let row = ROW.free; row < each.length; row += 1) here[row] = each[row] * size;
  here[ROW.tail] = w.spanPages[page] * PAGE_SIZE - slots * size;
  if (here[ROW.tail] === 0) each[ROW.tail] = 0;
}

/** Gives every cell that a span lies in its part of it. */
function spread(
  page: number,
  pages: number,
  here: Float64Array,
  { from, pages: perCell, count }: CellWish,
  inCells: Float64Array,
): void {
  const rows = here.length;
  const to = Math.min(page + pages, from + perCell * count);
  for (let at = Math.max(page, from); at < to; ) {
    const cell = Math.floor((at - from) / perCell);
    const end = Math.min(to, from + (cell + 1) * perCell);
    const part = (end - at) / pages;
    for (let row = 0; row < rows; row += 1) {
      if (here[row] !== 0) inCells[cell * rows + row] += here[row] * part;
    }
    at = end;
  }
}

function sharesOf(inCells: Float64Array, cells: number, rows: number): Uint8Array {
  const shares = new Uint8Array(cells * rows);
  for (let cell = 0; cell < cells; cell += 1) {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) sum += inCells[cell * rows + row];
    if (sum === 0) continue;
    for (let row = 0; row < rows; row += 1) {
      const at = cell * rows + row;
      const share = Math.round((inCells[at] / sum) * 255);
      // What is there at all is seen.
      shares[at] = inCells[at] > 0 && share === 0 ? 1 : share;
    }
  }
  return shares;
}
