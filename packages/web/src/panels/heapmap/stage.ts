/**
 * The canvas of the heap map: the image of the latest view, labels of rows, and outlines of the cursor and of
 * the selected object over it. The image is made anew when the view, the size or the colours change, and is laid down
 * again when an outline moves.
 */
import { signed, size } from '../../model/units.ts';
import type { HeapMapView } from '../../worker/queries/heapmap.ts';
import { ARENA_BYTES, type Thing } from './cursor.ts';
import { byteAt, drawMap, ROW_HEIGHT, rectanglesOf } from './draw.ts';
import { type Palette, pixelsOf } from './palette.ts';

/** Width of the labels, CSS pixels. */
export const GUTTER = 62;
/** Rows from one label to the next. */
const LABEL_EVERY = 2;

export interface Outlines {
  readonly cursor: Thing | null;
  /** Bytes of the selected object, and of what is brushed. */
  readonly selected: { readonly from: number; readonly to: number } | null;
  readonly brushed: { readonly from: number; readonly to: number } | null;
}

export class MapStage {
  readonly #canvas: HTMLCanvasElement;
  readonly #palette: Palette;
  #image: ImageData | null = null;
  #view: HeapMapView | null = null;
  #drawn = '';
  #ink: { readonly key: string; readonly pixels: Uint32Array } = {
    key: '',
    pixels: new Uint32Array(0),
  };

  constructor(canvas: HTMLCanvasElement, palette: Palette) {
    this.#canvas = canvas;
    this.#palette = palette;
  }

  /** Width of the map itself, CSS pixels. */
  get width(): number {
    return Math.max(1, this.#canvas.clientWidth - GUTTER);
  }

  /** `look`: what the colours depend on. */
  draw(view: HeapMapView, look: string, outlines: Outlines): void {
    const ratio = devicePixelRatio;
    const { clientWidth, clientHeight } = this.#canvas;
    const drawn = `${clientWidth} ${clientHeight} ${ratio} ${look}`;
    if (this.#view !== view || this.#drawn !== drawn) {
      this.#view = view;
      this.#drawn = drawn;
      this.#render(view, look, ratio);
    }
    this.#lay(view, ratio, outlines);
  }

  #render(view: HeapMapView, look: string, ratio: number): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const width = Math.max(1, Math.round((clientWidth - GUTTER) * ratio));
    const height = Math.max(1, Math.round(clientHeight * ratio));
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#canvas.width = Math.round(clientWidth * ratio);
      this.#canvas.height = height;
      this.#image = new ImageData(width, height);
    }
    const colours = this.#palette.of(view.rows);
    const key = `${look} ${colours.join()}`;
    if (this.#ink.key !== key) {
      const all = [...colours, 'var(--map-line)', 'var(--map-ground)'];
      this.#ink = { key, pixels: pixelsOf(all, this.#canvas.parentElement ?? document.body) };
    }
    const { pixels } = this.#ink;
    const rows = pixels.subarray(0, colours.length);
    const [line, paper] = pixels.subarray(colours.length);
    drawMap(this.#image, view, { rows, line, paper }, ratio);
  }

  #lay(view: HeapMapView, ratio: number, { cursor, selected, brushed }: Outlines): void {
    const context = this.#canvas.getContext('2d');
    if (context === null || this.#image === null) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.putImageData(this.#image, Math.round(GUTTER * ratio), 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(this.#canvas);
    this.#label(context, view, style.color);
    const accent = style.getPropertyValue('accent-color');
    if (brushed !== null) this.#outline(context, view, brushed, accent, [4, 2]);
    if (selected !== null) this.#outline(context, view, selected, accent, []);
    if (cursor !== null) this.#outline(context, view, cursor, style.caretColor, [3, 2]);
  }

  #label(context: CanvasRenderingContext2D, { grid }: HeapMapView, colour: string): void {
    context.fillStyle = colour;
    context.font = '11px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let row = 0; row < grid.rows; row += 1) {
      const byte = grid.top + row * grid.perRow;
      const arena = byte % ARENA_BYTES === 0 && grid.perRow <= ARENA_BYTES;
      if (byte >= grid.bytes || !(arena || row % LABEL_EVERY === 0)) continue;
      const text = arena ? `arena ${byte / ARENA_BYTES}` : signed(size(byte), byte);
      context.fillText(text, GUTTER - 6, row * ROW_HEIGHT + (ROW_HEIGHT - 2) / 2 + 0.5);
    }
  }

  #outline(
    context: CanvasRenderingContext2D,
    { grid }: HeapMapView,
    { from, to }: { readonly from: number; readonly to: number },
    colour: string,
    dash: number[],
  ): void {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.setLineDash(dash);
    for (const part of rectanglesOf(grid, this.width, from, to)) {
      const width = Math.max(part.width, 3);
      context.strokeRect(GUTTER + part.x - 1, part.y, width + 1, part.height);
    }
    context.setLineDash([]);
  }

  /** The byte under the mouse; -1 before anything was drawn. */
  byteUnder(event: MouseEvent): number {
    if (this.#view === null) return -1;
    const box = this.#canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - GUTTER, event.clientY - box.top];
    return byteAt(this.#view.grid, this.width, x, y);
  }
}
