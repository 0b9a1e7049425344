/**
 * Hands and keys on the heap map. Pointing moves the cursor, a click selects, dragging with Shift brushes a stretch
 * to zoom to, Control and the wheel zoom, the wheel alone goes through the addresses. Arrow keys move the cursor,
 * Enter selects or zooms in.
 */

export interface MapListener {
  /** The byte under the mouse; -1 is none. */
  byteUnder(event: MouseEvent): number;
  point(byte: number): void;
  /** A click, or Enter where the cursor is. */
  choose(byte: number): void;
  /** Nearer to what lies at a byte. */
  enter(byte: number): void;
  /** A brush from one byte to another; `done` when it was let go of. */
  brush(from: number, to: number, done: boolean): void;
  zoom(factor: number, byte: number): void;
  /** Moves what is seen by rows; false where it shows all. */
  scroll(rows: number): boolean;
}

/** Rows that a notch of the wheel moves. */
const WHEEL_ROWS = 2;
/** Pixels that a brush is wide at least. */
const LEAST_BRUSH = 4;

/** Takes hold of the map; returns how to let go. */
export function takeMapInHand(over: HTMLElement, listener: MapListener): () => void {
  let brush: { from: number; x: number; y: number } | null = null;
  const ends = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    listen: (event: HTMLElementEventMap[K]) => void,
  ): void => over.addEventListener(type, listen, { signal: ends.signal, passive: false });

  on('pointerdown', (event) => {
    const byte = listener.byteUnder(event);
    if (event.button !== 0 || !event.shiftKey || byte < 0) return;
    event.preventDefault();
    over.setPointerCapture(event.pointerId);
    brush = { from: byte, x: event.clientX, y: event.clientY };
  });
  on('pointermove', (event) => {
    const byte = listener.byteUnder(event);
    if (byte < 0) return;
    if (brush === null) listener.point(byte);
    else listener.brush(brush.from, byte, false);
  });
  on('pointerup', (event) => {
    const byte = listener.byteUnder(event);
    if (brush === null) return;
    const far = Math.hypot(event.clientX - brush.x, event.clientY - brush.y);
    listener.brush(brush.from, far < LEAST_BRUSH ? brush.from : byte, true);
    brush = null;
  });
  on('pointercancel', () => {
    if (brush !== null) listener.brush(brush.from, brush.from, true);
    brush = null;
  });
  on('click', (event) => {
    const byte = listener.byteUnder(event);
    if (byte >= 0 && !event.shiftKey) listener.choose(byte);
  });
  on('dblclick', (event) => {
    const byte = listener.byteUnder(event);
    if (byte >= 0 && !event.shiftKey) listener.enter(byte);
  });
  on('wheel', (event) => {
    if (event.deltaY === 0) return;
    const byte = listener.byteUnder(event);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      if (byte >= 0) listener.zoom(event.deltaY < 0 ? 0.5 : 2, byte);
    } else if (listener.scroll(Math.sign(event.deltaY) * WHEEL_ROWS)) event.preventDefault();
  });
  return () => ends.abort();
}
