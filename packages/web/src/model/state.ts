/**
 * The state of the page, apart from what it is told by workers: plain data, and functions from one to the
 * next. All of it that somebody may want to send to somebody else goes into the address (`link.ts`).
 */
import { type Position, STEP_UNITS, type StepUnit } from '@heaptape/replay';
import { type MapState, WHOLE_MAP } from './heapmap.ts';

/** What the timeline goes along: virtual time, events, bytes allocated, or GC cycles. */
export const AXES = ['time', 'event', 'allocated', 'cycle'] as const;
export type AxisName = (typeof AXES)[number];
export type ThemeName = 'auto' | 'light' | 'dark';

/** A stretch of the tape, in events; may begin and end inside the time of one. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Bookmark {
  readonly name: string;
  readonly position: Position;
}

export interface PageState {
  readonly position: Position;
  /** What the timeline shows; null is all. */
  readonly zoom: Stretch | null;
  readonly axis: AxisName;
  /** Ordinal of the object that panels speak of; 0 is none. */
  readonly selected: number;
  readonly bookmarks: readonly Bookmark[];
  /** The bookmark that changes are counted from, by name; empty is none. */
  readonly since: string;
  /** The condition that the event list is filtered by; empty is none. */
  readonly filter: string;
  /** The unit of steps. */
  readonly unit: StepUnit;
  /** Index into `SPEEDS`. */
  readonly speed: number;
  /** The panel that is open in each dock; a dock that is not here shows its first. */
  readonly open: Readonly<Record<string, string>>;
  readonly theme: ThemeName;
  /** What the heap map shows. */
  readonly map: MapState;
  /** Of two tapes, the second is the page's own and the first is compared with it. */
  readonly swapped: boolean;
}

/** Events a second. */
export const SPEEDS: readonly number[] = [1, 5, 20, 100, 500, 2500, 10_000, 50_000, 250_000, 1e6];
const START_SPEED = 3;

export const INITIAL: PageState = {
  position: { event: 0, inside: 0 },
  zoom: null,
  axis: 'time',
  selected: 0,
  bookmarks: [],
  since: '',
  filter: '',
  unit: 'event',
  speed: START_SPEED,
  open: {},
  theme: 'auto',
  map: WHOLE_MAP,
  swapped: false,
};

/** Least width of what the timeline shows, events. */
const NARROWEST = 16;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** A stretch within a tape that ends with event `events`; null where it is all of it. */
export function fitted({ from, to }: Stretch, events: number, begin = 0): Stretch | null {
  const all = events - begin;
  const width = clamp(to - from, Math.min(NARROWEST, all), all);
  const start = clamp(from, begin, events - width);
  return width >= all ? null : { from: start, to: start + width };
}

/** Zooms by a factor (less than 1: nearer), leaving event `around` where it is. */
export function zoomed(
  zoom: Stretch | null,
  factor: number,
  around: number,
  events: number,
  begin = 0,
): Stretch | null {
  const { from, to } = zoom ?? { from: begin, to: events };
  const all = events - begin;
  const middle = clamp(around, from, to);
  const width = clamp((to - from) * factor, Math.min(NARROWEST, all), all);
  const share = to === from ? 0 : (middle - from) / (to - from);
  const start = middle - width * share;
  return fitted({ from: start, to: start + width }, events, begin);
}

/** Moves by a share of the width of what is shown. */
export function panned(
  zoom: Stretch | null,
  share: number,
  events: number,
  begin = 0,
): Stretch | null {
  if (zoom === null) return null;
  const by = (zoom.to - zoom.from) * share;
  return fitted({ from: zoom.from + by, to: zoom.to + by }, events, begin);
}

/** What is shown, moved so that an event is in it. */
export function following(
  zoom: Stretch | null,
  event: number,
  events: number,
  begin = 0,
): Stretch | null {
  if (zoom === null || (event >= zoom.from && event <= zoom.to)) return zoom;
  const half = (zoom.to - zoom.from) / 2;
  return fitted({ from: event - half, to: event + half }, events, begin);
}

/** The next or the last but one of a list, round and round. */
export function turned<T>(list: readonly T[], now: T, by: number): T {
  const at = list.indexOf(now) + by + list.length;
  return list[at % list.length];
}

export const nextUnit = (unit: StepUnit, by: number): StepUnit => turned(STEP_UNITS, unit, by);

/** Puts a bookmark at a position, or takes away those that are there. Names are counted on. */
export function bookmarkToggled(state: PageState): PageState {
  const { position, bookmarks } = state;
  const here = (one: Bookmark): boolean =>
    one.position.event === position.event && one.position.inside === position.inside;
  const left = bookmarks.filter((one) => !here(one));
  if (left.length < bookmarks.length) {
    const since = left.some(({ name }) => name === state.since) ? state.since : '';
    return { ...state, bookmarks: left, since };
  }
  const numbers = bookmarks.map(({ name }) => Number(/^b(\d+)$/.exec(name)?.[1] ?? 0));
  const name = `b${Math.max(0, ...numbers) + 1}`;
  return { ...state, bookmarks: [...bookmarks, { name, position }], since: state.since || name };
}
