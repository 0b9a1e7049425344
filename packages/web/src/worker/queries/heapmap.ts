/**
 * The heap map at this place: what the part of the heap that is seen looks like, and figures of the whole.
 *
 * Far away the map is made of cells, so many pages each, and the answer says how much of each cell is what. Near,
 * it is made of slots, and the answer has them one by one. Either way the spans that are seen are named, as long
 * as a cell is no more than a page.
 */
import { SCALAR, slotBytes, slotOfWord, type World } from '@heaptape/core';
import { type Grid, type GridWish, gridEnd, gridOf } from '../../model/heapgrid.ts';
import { endOfEntries, SlotBits } from '../heapmap/bits.ts';
import { BASE_ROWS, type CellWish, censusOf, ROW } from '../heapmap/census.ts';
import {
  type ColouringNeeds,
  type Colours,
  coloursOf,
  isMarking,
  type MapRow,
} from '../heapmap/colouring.ts';
import type { Query } from '../query.ts';
import type { Session } from '../session.ts';

export interface HeapMapArgs extends GridWish, ColouringNeeds {
  /** Width of a row, pixels. */
  readonly width: number;
  readonly selected: number;
  /** Counts on while an answer says that it is not whole. */
  readonly turn: number;
}

/** Spans in use and stretches of other pages, in order of address. */
export interface Spans {
  /** `heap`, `stack`, `idle` or `released`, as rows of the legend. */
  readonly row: Uint8Array;
  readonly page: Int32Array;
  readonly pages: Int32Array;
  readonly spanClass: Uint8Array;
  readonly nelems: Int32Array;
  /** Slots that are taken. */
  readonly used: Int32Array;
  readonly sweepgen: Int32Array;
  readonly slotBytes: Float64Array;
  /** Near: its first slot in `slots`. */
  readonly firstSlot: Int32Array;
}

/** Slots of the spans that are seen. */
export interface Slots {
  readonly row: Uint8Array;
  /** The object in it, 0 is none; and its site. */
  readonly object: Int32Array;
  readonly site: Int32Array;
}

export interface LegendRow extends MapRow {
  readonly count: number;
  readonly bytes: number;
}

export interface HeapMapView {
  readonly event: number;
  readonly grid: Grid;
  /** Every row there is; `BASE` rows first. */
  readonly rows: readonly LegendRow[];
  readonly base: number;
  readonly cellBytes: number;
  readonly shares: Uint8Array;
  readonly spans: Spans;
  /** Null where the map is too far away. */
  readonly slots: Slots | null;
  /** Names of the sites of `slots`. */
  readonly siteNames: Readonly<Record<number, string>>;
  readonly siteBytes: Readonly<Record<number, number>>;
  readonly selected: { readonly from: number; readonly to: number } | null;
  /** mheap_.sweepgen, and the ordinal that the next object takes. */
  readonly sweepgen: number;
  readonly next: number;
  /** Whether the tape says which objects are grey. */
  readonly greyKnown: boolean;
  readonly marking: boolean;
  /** Share of what had to be read that is; below 1 the colouring is not whole. */
  readonly ready: number;
}

const PAGE_SIZE = 8192;
const SPAN_IN_USE = 1;
/** Bytes a pixel at which slots can be told apart. */
const SLOT_BYTES_PER_PIXEL = 52;
/** Pixels of a cell, at least. */
const CELL_PIXELS = 4;
/** Row of a span of the heap among those of the legend: none of the base rows. */
export const HEAP_SPAN = 255;

export const heapmap: Query<HeapMapArgs, HeapMapView> = (session, args) => {
  const { travel } = session;
  const w = travel.world;
  const { event, inside } = travel.position;
  const changes = inside > 0 ? travel.inside().slice(0, inside) : [];
  const ready = args.by === 'goroutine' ? session.births.readGoroutines(nextOrdinal(w)) : 1;
  const bits = new SlotBits(w, changes, args.by === 'mark' ? cycleOrdinal(session) : 0);
  const colours = coloursOf(session, args, bits);
  const grid = gridOf(args, usedBytes(w));
  const bytesPerPixel = grid.perRow / args.width;
  const near = bytesPerPixel <= SLOT_BYTES_PER_PIXEL;
  const cells = cellsOf(grid, near ? PAGE_SIZE : bytesPerPixel * CELL_PIXELS);
  const census = censusOf(w, bits, colours, cells);
  const whole = cells.pages === 1;
  const spans = whole ? spansOf(w, bits, cells.from, cells.from + cells.count) : spanColumns(0);
  const slots = near ? slotsOf(session, bits, colours, spans) : null;
  return {
    event,
    grid,
    rows: [...BASE_ROWS, ...colours.rows].map((row, i) => ({
      ...row,
      count: census.counts[i],
      bytes: census.bytes[i],
    })),
    base: BASE_ROWS.length,
    cellBytes: cells.pages * PAGE_SIZE,
    shares: near ? new Uint8Array(0) : census.shares,
    spans,
    slots,
    ...sitesOf(w, slots),
    selected: placeOf(w, bits, args.selected),
    sweepgen: w.scalars[SCALAR.sweepgen],
    next: nextOrdinal(w),
    greyKnown: w.greyBits.length > 0 || !hasMarked(w),
    marking: w.scalars[SCALAR.gcphase] !== 0,
    ready,
  };
};

const nextOrdinal = ({ scalars }: World): number => scalars[SCALAR.nextOrdinal];

/** The first ordinal since the running cycle began; 0 where nothing is marked. */
function cycleOrdinal({ travel, births }: Session): number {
  const { world, position } = travel;
  if (!isMarking(world)) return 0;
  return births.sinceCycle(world.control.cycle.n, position.event, (seq) => travel.kindAt(seq));
}

/** Whether marking has come to any object. */
const hasMarked = ({ scalars }: World): boolean => scalars[SCALAR.bytesMarked] > 0;

/** Bytes of the heap up to the last page that the system has not got back. */
function usedBytes(w: World): number {
  let pages = w.pages;
  while (pages > 1 && w.pageFree[pages - 1] === 1 && w.pageScavenged[pages - 1] === 1) pages -= 1;
  return Math.max(1, pages) * PAGE_SIZE;
}

function cellsOf(grid: Grid, wanted: number): CellWish {
  let pages = 1;
  while (pages * PAGE_SIZE < wanted) pages *= 2;
  const from = Math.floor(grid.top / PAGE_SIZE);
  const end = Math.ceil(gridEnd(grid) / PAGE_SIZE);
  return { from, pages, count: Math.ceil((end - from) / pages) };
}

/** Page of the span or of the stretch of free pages that page `page` belongs to. */
const firstOf = (w: World, page: number): number =>
  w.spanOf[page] === 0 ? page : w.spanOf[page] - 1;

const spanColumns = (n: number): Spans => ({
  row: new Uint8Array(n),
  page: new Int32Array(n),
  pages: new Int32Array(n),
  spanClass: new Uint8Array(n),
  nelems: new Int32Array(n),
  used: new Int32Array(n),
  sweepgen: new Int32Array(n),
  slotBytes: new Float64Array(n),
  firstSlot: new Int32Array(n + 1),
});

const rowOfPage = (w: World, page: number): number => {
  if (w.spanOf[page] === 0) return w.pageScavenged[page] === 1 ? ROW.released : ROW.idle;
  return w.spanState[page] === SPAN_IN_USE ? HEAP_SPAN : ROW.stack;
};

function spansOf(w: World, bits: SlotBits, from: number, to: number): Spans {
  const starts: number[] = [];
  const end = Math.min(to, w.pages);
  for (let page = from < w.pages ? firstOf(w, from) : end; page < end; ) {
    starts.push(page);
    page += w.spanOf[page] === 0 ? stretchFrom(w, page, end) : w.spanPages[page];
  }
  const spans = spanColumns(starts.length);
  for (const [i, page] of starts.entries()) {
    const row = rowOfPage(w, page);
    spans.row[i] = row;
    spans.page[i] = page;
    spans.pages[i] = w.spanOf[page] === 0 ? stretchFrom(w, page, end) : w.spanPages[page];
    spans.firstSlot[i + 1] = spans.firstSlot[i];
    if (row !== HEAP_SPAN) continue;
    spans.spanClass[i] = w.spanClass[page];
    spans.nelems[i] = w.nelems[page];
    spans.sweepgen[i] = w.sweepgen[page];
    spans.slotBytes[i] = slotBytes(w, page);
    spans.firstSlot[i + 1] += w.nelems[page];
    for (let word = bits.open(page) - 1; word >= 0; word -= 1) {
      bits.read(word);
      for (let rest = bits.taken; rest !== 0; rest &= rest - 1) spans.used[i] += 1;
    }
  }
  return spans;
}

/** Free pages of one kind from `page` on. */
function stretchFrom(w: World, page: number, end: number): number {
  let at = page + 1;
  const like = (other: number): boolean =>
    w.spanOf[other] === 0 && w.pageScavenged[other] === w.pageScavenged[page];
  while (at < end && like(at)) at += 1;
  return at - page;
}

function slotsOf(
  { travel, owners }: Session,
  bits: SlotBits,
  colours: Colours,
  spans: Spans,
): Slots {
  const w = travel.world;
  const last = spans.page.length - 1;
  const n = spans.firstSlot[last + 1];
  const slots = { row: new Uint8Array(n), object: new Int32Array(n), site: new Int32Array(n) };
  if (last < 0) return slots;
  owners.look(w, bits, spans.page[0], spans.page[last] + spans.pages[last]);
  const base = BASE_ROWS.length;
  for (let i = 0; i <= last; i += 1) {
    if (spans.row[i] !== HEAP_SPAN) continue;
    const page = spans.page[i];
    const words = bits.open(page);
    for (let word = 0; word < words; word += 1) {
      bits.read(word);
      for (let at = word * 32; at < Math.min(w.nelems[page], word * 32 + 32); at += 1) {
        const bit = 1 << (at & 31);
        const slot = spans.firstSlot[i] + at;
        if ((bits.taken & bit) === 0) slots.row[slot] = ROW.free;
        else {
          const live = (bits.live & bit) !== 0;
          slots.row[slot] = live ? base + colours.rowOf(page, at, bits, bit) : ROW.dead;
          slots.object[slot] = owners.of(page, at);
          slots.site[slot] = w.objects.siteOf(slots.object[slot]);
        }
      }
    }
  }
  return slots;
}

function sitesOf(w: World, slots: Slots | null): Pick<HeapMapView, 'siteNames' | 'siteBytes'> {
  const sites = [...new Set(slots?.site)];
  return {
    siteNames: Object.fromEntries(sites.map((site) => [site, w.siteNames[site] ?? ''])),
    siteBytes: Object.fromEntries(sites.map((site) => [site, w.siteBytes[site]])),
  };
}

/** Where an object lies, bytes from the start of the heap; null where it is not there. */
function placeOf(w: World, bits: SlotBits, ordinal: number): HeapMapView['selected'] {
  const word = ordinal > 0 && ordinal < nextOrdinal(w) ? w.objects.wordOf(ordinal) : -1;
  const page = word < 0 ? -1 : w.spanOf[word >> 10] - 1;
  if (page < 0 || w.spanState[page] !== SPAN_IN_USE) return null;
  const index = slotOfWord(w, page, word);
  if (index >= w.nelems[page]) return null;
  bits.open(page);
  bits.read(index >> 5);
  if ((bits.live & (1 << (index & 31))) === 0) return null;
  const from = page * PAGE_SIZE + index * slotBytes(w, page);
  const place = { from, to: from + slotBytes(w, page) };
  return isNewest(w, ordinal, place) ? place : null;
}

/** Whether no newer object lies there. */
function isNewest(w: World, ordinal: number, { from, to }: { from: number; to: number }): boolean {
  const { words } = w.objects;
  const own = w.objects.entryOf(ordinal);
  for (let at = endOfEntries(w.objects) - 1; at > own; at -= 1) {
    if (words[at] >= from / 8 && words[at] < to / 8) return false;
  }
  return true;
}
