/** What the heap map may be coloured by, and which part of the heap it shows: in the state of the page. */

export const COLOURINGS = ['mark', 'class', 'age', 'cycles', 'type', 'goroutine'] as const;

export type Colouring = (typeof COLOURINGS)[number];

export interface MapState {
  readonly by: Colouring;
  /** Bytes of a row; 0: the whole heap fits. */
  readonly perRow: number;
  /** First byte that is seen, from the start of the heap. */
  readonly top: number;
}

export const WHOLE_MAP: MapState = { by: 'mark', perRow: 0, top: 0 };

/** As part of a link: `type`, or `type:4096:81920`. */
export const mapText = ({ by, perRow, top }: MapState): string =>
  perRow === 0 ? by : `${by}:${perRow}:${top}`;

/** Reads what `mapText` writes; anything else is the whole map. */
export function mapOfText(text: string): MapState {
  const match = /^([a-z]+)(?::(\d{1,10}):(\d{1,11}))?$/.exec(text);
  const by = COLOURINGS.find((one) => one === match?.[1]);
  if (by === undefined) return WHOLE_MAP;
  return { by, perRow: Number(match?.[2] ?? 0), top: Number(match?.[3] ?? 0) };
}
