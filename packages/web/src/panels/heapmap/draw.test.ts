import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Grid, gridEnd, gridOf } from '../../model/heapgrid.ts';
import { HEAP_SPAN, type HeapMapView } from '../../worker/queries/heapmap.ts';
import { byteAt, drawMap, ROW_HEIGHT, rectanglesOf } from './draw.ts';

const WIDTH = 64;
const PAPER = 1;
const LINE = 2;
const FREE = 10;
const LIVE = 11;

/** A heap of one-page spans of 1 KiB slots, as the worker tells of it; `live` says which slots are taken. */
function viewOf(grid: Grid, live: readonly boolean[]): HeapMapView {
  const pages = Math.ceil(live.length / 8);
  const column = (of: (i: number) => number, n = pages): number[] =>
    Array.from({ length: n }, (_, i) => of(i));
  return {
    event: 0,
    grid,
    rows: ['free', 'tail', 'white'].map((id) => ({ id, name: id, count: 0, bytes: 0 })),
    base: 2,
    cellBytes: 8192,
    shares: new Uint8Array(0),
    spans: {
      row: Uint8Array.from(column(() => HEAP_SPAN)),
      page: Int32Array.from(column((i) => i)),
      pages: Int32Array.from(column(() => 1)),
      spanClass: Uint8Array.from(column(() => 64)),
      nelems: Int32Array.from(column(() => 8)),
      used: new Int32Array(pages),
      sweepgen: new Int32Array(pages),
      slotBytes: Float64Array.from(column(() => 1024)),
      firstSlot: Int32Array.from(column((i) => i * 8, pages + 1)),
    },
    slots: {
      row: Uint8Array.from(live, (is) => (is ? 2 : 0)),
      object: new Int32Array(live.length),
      site: new Int32Array(live.length),
    },
    siteNames: {},
    siteBytes: {},
    selected: null,
    sweepgen: 0,
    next: 1,
    greyKnown: true,
    marking: false,
    ready: 1,
  };
}

const heap = fc
  .array(fc.boolean(), { minLength: 8, maxLength: 96 })
  .map((live) => live.slice(0, live.length - (live.length % 8)));

test('every slot that is seen has its colour under its middle, all the way down its row', () => {
  fc.assert(
    fc.property(heap, fc.nat(3), fc.constantFrom(1, 2), (live, zoom, ratio) => {
      const bytes = live.length * 1024;
      const grid = gridOf({ rows: 6, perRow: zoom === 0 ? 0 : 512 << zoom, top: bytes / 3 }, bytes);
      const width = WIDTH * ratio;
      const height = 6 * ROW_HEIGHT * ratio;
      const data = new Uint8ClampedArray(width * height * 4);
      const ink = { rows: Uint32Array.of(FREE, 9, LIVE), line: LINE, paper: PAPER };
      drawMap({ width, height, data } as unknown as ImageData, viewOf(grid, live), ink, ratio);
      const pixels = new Uint32Array(data.buffer);
      for (const [slot, is] of live.entries()) {
        const middle = slot * 1024 + 400;
        if (middle < grid.top || middle >= gridEnd(grid)) continue;
        const [part] = rectanglesOf(grid, WIDTH, middle, middle + 1);
        const x = Math.floor(part.x * ratio);
        for (const y of [part.y, part.y + 6, part.y + part.height - 1]) {
          expect(pixels[Math.round(y * ratio) * width + x]).toBe(is ? LIVE : FREE);
        }
        expect(pixels[(part.y + part.height) * ratio * width + x]).toBe(PAPER);
        expect(byteAt(grid, WIDTH, part.x, part.y + 1)).toBeLessThanOrEqual(middle);
        expect(byteAt(grid, WIDTH, part.x, part.y + 1)).toBeGreaterThan(
          middle - 2 * (grid.perRow / WIDTH),
        );
      }
    }),
    { seed: 42, numRuns: 200 },
  );
});

test('a cell is filled from the bottom up by what lies in it', () => {
  const bytes = 8192 * 4;
  const grid = gridOf({ rows: 2, perRow: 0, top: 0 }, bytes);
  const view = viewOf(
    grid,
    Array.from({ length: 32 }, () => false),
  );
  const shares = Uint8Array.from([0, 1, 2, 3].flatMap((cell) => [255 - cell * 85, 0, cell * 85]));
  const data = new Uint8ClampedArray(WIDTH * 2 * ROW_HEIGHT * 4);
  const ink = { rows: Uint32Array.of(FREE, 9, LIVE), line: LINE, paper: PAPER };
  const image = { width: WIDTH, height: 2 * ROW_HEIGHT, data } as unknown as ImageData;
  drawMap(image, { ...view, slots: null, shares }, ink, 1);
  const pixels = new Uint32Array(data.buffer);
  for (const cell of [0, 1, 2, 3]) {
    const [x, top] = [(cell % 2) * 32 + 10, Math.floor(cell / 2) * ROW_HEIGHT];
    const column = Array.from({ length: 12 }, (_, y) => pixels[(top + y) * WIDTH + x]);
    expect(column.filter((colour) => colour === LIVE)).toHaveLength(cell * 4);
    expect(column.slice(12 - cell * 4).every((colour) => colour === LIVE)).toBe(true);
  }
});
