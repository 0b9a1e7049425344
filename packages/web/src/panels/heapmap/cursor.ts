/**
 * What lies at a byte of the map, and what lies beside it: for the cursor, the mouse, and those who cannot see
 * the map.
 */
import { gridEnd } from '../../model/heapgrid.ts';
import { count, size } from '../../model/units.ts';
import { HEAP_SPAN, type HeapMapView } from '../../worker/queries/heapmap.ts';

const PAGE_SIZE = 8192;
/** Address of the heap's first byte, and bytes of an arena, as Go has them on 64-bit Linux. */
const HEAP_BASE = 0xc000000000;
export const ARENA_BYTES: number = 64 * 1024 * 1024;
/** Span class of tiny blocks. */
const TINY_SPAN_CLASS = 5;

/** A slot, a span, a stretch of free pages, or a cell of many spans. */
export interface Thing {
  readonly from: number;
  readonly to: number;
  /** Index of its span in the view; -1 where it is a cell. */
  readonly span: number;
  /** Index of its slot in the view; -1 where it is none. */
  readonly slot: number;
  /** The object in it; 0 is none. */
  readonly object: number;
}

function lastAtOrBelow(column: Int32Array, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function thingAt(view: HeapMapView, byte: number): Thing {
  const { spans, slots, cellBytes } = view;
  const span = lastAtOrBelow(spans.page, Math.floor(byte / PAGE_SIZE));
  if (span < 0) {
    const first = Math.floor(view.grid.top / PAGE_SIZE) * PAGE_SIZE;
    const from = first + Math.floor((byte - first) / cellBytes) * cellBytes;
    return { from, to: from + cellBytes, span: -1, slot: -1, object: 0 };
  }
  const from = spans.page[span] * PAGE_SIZE;
  const to = from + spans.pages[span] * PAGE_SIZE;
  const index = Math.floor((byte - from) / spans.slotBytes[span]);
  if (slots === null || spans.row[span] !== HEAP_SPAN || index >= spans.nelems[span]) {
    const tail = slots === null ? 0 : spans.nelems[span] * spans.slotBytes[span];
    return { from: from + tail, to, span, slot: -1, object: 0 };
  }
  const slot = spans.firstSlot[span] + index;
  const start = from + index * spans.slotBytes[span];
  return { from: start, to: start + spans.slotBytes[span], span, slot, object: slots.object[slot] };
}

/** A byte of the thing before or behind the one at `byte`. */
export function neighbour(view: HeapMapView, byte: number, by: 1 | -1): number {
  const { from, to } = thingAt(view, byte);
  const last = Math.min(view.grid.bytes, Math.max(gridEnd(view.grid), to + 1)) - 1;
  return by > 0 ? Math.min(last, to) : Math.max(0, from - 1);
}

const address = (byte: number): string => `0x${(HEAP_BASE + byte).toString(16)}`;

/** Where a stretch of bytes is: its address and arena. */
const whereIs = ({ from }: Thing): string =>
  `${address(from)}, arena ${Math.floor(from / ARENA_BYTES)}`;

const SWEPT: Readonly<Record<number, string>> = {
  [-2]: 'to be swept',
  [-1]: 'being swept',
  0: 'swept',
  1: 'cached, to be swept',
  3: 'cached',
};

function spanWords(view: HeapMapView, span: number): string {
  const { spans, sweepgen } = view;
  const spanClass = spans.spanClass[span];
  const sizeClass = spanClass >> 1;
  const pages = `${spans.pages[span]} ${spans.pages[span] === 1 ? 'page' : 'pages'}`;
  const kind =
    sizeClass === 0 ? 'a large object' : `class ${sizeClass} (${spans.slotBytes[span]} B)`;
  const scan = (spanClass & 1) === 0 ? 'scan' : 'noscan';
  const tiny = spanClass === TINY_SPAN_CLASS ? ', tiny blocks too' : '';
  const used = `${count(spans.used[span])} of ${count(spans.nelems[span])} taken`;
  const swept = SWEPT[spans.sweepgen[span] - sweepgen] ?? 'cached';
  const sweep = `sweepgen ${spans.sweepgen[span]} (${swept})`;
  return `span of ${pages}, ${kind}, ${scan}${tiny}, ${used}, ${sweep}`;
}

/** The largest shares of a cell. */
function cellWords(view: HeapMapView, { from, to }: Thing): string {
  const first = Math.floor(view.grid.top / PAGE_SIZE) * PAGE_SIZE;
  const cell = (from - first) / view.cellBytes;
  const parts = view.rows
    .map(({ name }, row) => ({ name, share: view.shares[cell * view.rows.length + row] ?? 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, 4)
    .map(({ name, share }) => `${Math.round((share / 255) * 100)} % ${name}`);
  return `${size(to - from)}: ${parts.join(', ')}`;
}

function slotWords(view: HeapMapView, { span, slot, object, from, to }: Thing): string {
  const { spans, slots, rows, siteNames, siteBytes } = view;
  if (slots === null) return '';
  const index = slot - spans.firstSlot[span];
  const colour = rows[slots.row[slot]]?.name ?? '';
  if (object === 0) return `slot ${index}: ${colour}`;
  const site = slots.site[slot];
  const type = siteNames[site] ? ` ${siteNames[site]}` : '';
  const asked = siteBytes[site] ?? 0;
  const slotSize = size(to - from);
  const bytes = asked > 0 && asked !== to - from ? `${size(asked)} in ${slotSize}` : slotSize;
  return `#${object}${type}, ${colour}, ${bytes}, slot ${index}`;
}

export interface Words {
  readonly span: string;
  /** Empty where the map is too far away. */
  readonly slot: string;
}

/** What lies there, in words. */
export function wordsFor(view: HeapMapView, thing: Thing): Words {
  const where = whereIs(thing);
  if (thing.span < 0) return { span: `${where}: ${cellWords(view, thing)}`, slot: '' };
  const row = view.spans.row[thing.span];
  if (row !== HEAP_SPAN) {
    const name = view.rows[row]?.name ?? '';
    return { span: `${where}: ${name}, ${size(thing.to - thing.from)}`, slot: '' };
  }
  const span = `${where}: ${spanWords(view, thing.span)}`;
  if (thing.slot >= 0) return { span, slot: slotWords(view, thing) };
  return { span, slot: view.slots === null ? '' : 'the end of the span, too short for a slot' };
}
