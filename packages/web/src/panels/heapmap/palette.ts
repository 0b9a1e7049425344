/**
 * Colours of the heap map: of the style sheet, as pixels. What a row of the legend is drawn in stays the same
 * while one moves, as long as the row is there.
 */
import type { LegendRow } from '../../worker/queries/heapmap.ts';

/** Colours for types and goroutines: `--map-1` and on. */
const MANY = 11;

/** Colours that belong to rows, and `--map-ID` for those that are not here. */
const CLASS = /^class (\d+)$/;
const AGED = /^(?:age|cycles) (\d+)$/;

/** Gives rows their colours, by name of the style sheet, or as a hue. */
export class Palette {
  /** Colour by row of a type or goroutine: index from 1 on. */
  #given = new Map<string, number>();

  /** The CSS colour of each row. */
  of(rows: readonly LegendRow[]): string[] {
    const kept = new Map<string, number>();
    for (const { id } of rows) {
      const colour = this.#given.get(id);
      if (colour !== undefined) kept.set(id, colour);
    }
    this.#given = kept;
    return rows.map(({ id }) => this.#of(id));
  }

  #of(id: string): string {
    const aClass = CLASS.exec(id);
    if (aClass !== null) return classColour(Number(aClass[1]));
    const age = AGED.exec(id);
    if (age !== null) return `var(--map-age-${Math.min(6, Number(age[1]))})`;
    if (id === 'cycles old') return 'var(--map-age-6)';
    if (!/^(type|g) /.test(id)) return `var(--map-${id})`;
    let colour = this.#given.get(id);
    if (colour === undefined) {
      const taken = new Set(this.#given.values());
      colour = 1;
      while (taken.has(colour) && colour < MANY) colour += 1;
      this.#given.set(id, colour);
    }
    return `var(--map-${colour})`;
  }
}

/** From blue for the smallest slots to red for the largest; large objects are purple. */
function classColour(sizeClass: number): string {
  const hue = sizeClass === 0 ? 300 : Math.round(230 - (sizeClass / 67) * 225);
  // Every other one is lighter, so that neighbours differ.
  const level = sizeClass % 2;
  return `hsl(${hue} ${level === 0 ? 65 : 50}% ${level === 0 ? 45 : 60}%)`;
}

/** CSS colours as pixels of an image: 0xAABBGGRR. */
export function pixelsOf(colours: readonly string[], within: HTMLElement): Uint32Array {
  const canvas = document.createElement('canvas');
  canvas.width = colours.length;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return new Uint32Array(colours.length);
  const probe = document.createElement('span');
  within.append(probe);
  for (const [i, colour] of colours.entries()) {
    probe.style.color = colour;
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(i, 0, 1, 1);
  }
  probe.remove();
  const { data } = context.getImageData(0, 0, colours.length, 1);
  return new Uint32Array(data.buffer, data.byteOffset, colours.length).slice();
}
