/**
 * Hands on the timeline: dragging scrubs, dragging with Shift or Control brushes a stretch to zoom to, the
 * wheel zooms with Control and moves sideways without.
 *
 * A finger scrubs when it goes sideways; up and down it scrolls the page.
 */
export interface HandListener {
  /** Scrub to a pixel of the drawing. */
  scrub(pixel: number): void;
  /** A brush from one pixel to another; `done` when it was let go of. */
  brush(from: number, to: number, done: boolean): void;
  /** Zoom by a factor around a pixel. */
  zoom(factor: number, pixel: number): void;
  /** Move by a share of the width. */
  pan(share: number): void;
  all(): void;
}

/** Narrowest brush that zooms, pixels. */
const LEAST_BRUSH = 4;
const WHEEL_ZOOM = 1.002;

/** Takes hold of an element; returns how to let go. */
export function takeInHand(over: HTMLElement, listener: HandListener): () => void {
  let brushFrom = -1;
  const pixel = (event: MouseEvent): number => event.clientX - over.getBoundingClientRect().left;
  const ends = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    listen: (event: HTMLElementEventMap[K]) => void,
  ): void => over.addEventListener(type, listen, { signal: ends.signal, passive: false });

  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    over.setPointerCapture(event.pointerId);
    brushFrom = event.shiftKey || event.ctrlKey || event.metaKey ? pixel(event) : -1;
    if (brushFrom < 0) listener.scrub(pixel(event));
  });
  on('pointermove', (event) => {
    if (!over.hasPointerCapture(event.pointerId)) return;
    if (brushFrom < 0) listener.scrub(pixel(event));
    else listener.brush(brushFrom, pixel(event), false);
  });
  on('pointerup', (event) => {
    if (brushFrom < 0 || !over.hasPointerCapture(event.pointerId)) return;
    const to = pixel(event);
    const from = Math.abs(to - brushFrom) < LEAST_BRUSH ? to : brushFrom;
    brushFrom = -1;
    listener.brush(from, to, true);
  });
  on('pointercancel', () => {
    if (brushFrom >= 0) listener.brush(0, 0, true);
    brushFrom = -1;
  });
  on('dblclick', () => listener.all());
  on('wheel', (event) => {
    const zooms = event.ctrlKey || event.metaKey;
    if (!zooms && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (zooms) listener.zoom(WHEEL_ZOOM ** event.deltaY, pixel(event));
    else listener.pan(event.deltaX / over.clientWidth);
  });
  return () => ends.abort();
}
