/**
 * Deep links: the state of the page as the part of its address behind `#`, and back.
 *
 *   #at=1204.3&zoom=1000-2000&axis=event&sel=12&marks=b1:100,b2:200&since=b1&filter=…&unit=span&open=left:events
 *
 * What is as it was at first is left out. A link comes from anywhere: whatever does not read well in it is
 * taken as left out.
 */
import { type Position, parsePosition, positionText, STEP_UNITS } from '@heaptape/replay';
import { mapOfText, mapText } from './heapmap.ts';
import {
  AXES,
  type Bookmark,
  fitted,
  INITIAL,
  type PageState,
  SPEEDS,
  type Stretch,
} from './state.ts';

const MOST_TEXT = 2000;
const MOST_BOOKMARKS = 200;
const NAME = /^[\p{L}\p{Nd}_-]{1,40}$/u;

export function linkOf(state: PageState): string {
  const {
    position,
    zoom,
    axis,
    selected,
    bookmarks,
    since,
    filter,
    unit,
    speed,
    open,
    theme,
    swapped,
  } = state;
  const parts: [string, string][] = [['at', positionText(position)]];
  const put = (name: string, value: string, usual: string): void => {
    if (value !== usual) parts.push([name, value]);
  };
  if (zoom !== null) put('zoom', `${Math.round(zoom.from)}-${Math.round(zoom.to)}`, '');
  put('axis', axis, INITIAL.axis);
  put('sel', String(selected), '0');
  put('marks', bookmarks.map((one) => `${one.name}:${positionText(one.position)}`).join(','), '');
  put('since', since, '');
  put('filter', filter, '');
  put('unit', unit, INITIAL.unit);
  put('speed', String(speed), String(INITIAL.speed));
  put(
    'open',
    Object.entries(open)
      .map((pair) => pair.join(':'))
      .join(','),
    '',
  );
  put('theme', theme, INITIAL.theme);
  put('map', mapText(state.map), mapText(INITIAL.map));
  put('swap', swapped ? '1' : '', '');
  const text = new URLSearchParams(parts).toString();
  return `#${text.replaceAll('%3A', ':').replaceAll('%2C', ',')}`;
}

/** A position on a tape from event `begin` to event `events`; undefined where the text names none. */
function positionIn(text: string, events: number, begin: number): Position | undefined {
  try {
    const position = parsePosition(text);
    if (position.event < begin) return { event: begin, inside: 0 };
    return position.event <= events ? position : { event: events, inside: 0 };
  } catch {
    return undefined;
  }
}

function zoomIn(text: string, events: number, begin: number): Stretch | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  if (match === null) return null;
  return fitted({ from: Number(match[1]), to: Number(match[2]) }, events, begin);
}

function bookmarksIn(text: string, events: number, begin: number): Bookmark[] {
  const found = text.split(',').flatMap((one): Bookmark[] => {
    const [name = '', place = ''] = one.split(':');
    const position = positionIn(place, events, begin);
    return NAME.test(name) && position !== undefined ? [{ name, position }] : [];
  });
  return found.slice(0, MOST_BOOKMARKS);
}

const oneOf = <T extends string>(text: string, among: readonly T[], usual: T): T =>
  among.find((one) => one === text) ?? usual;

function wholeIn(text: string, usual: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : usual;
  return value <= most ? value : usual;
}

function openIn(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split(':'));
  return Object.fromEntries(
    pairs.filter(([dock = '', panel = '']) => NAME.test(dock) && NAME.test(panel)),
  ) as Record<string, string>;
}

/** The state that a link asks for, on a tape that begins behind event `begin`. */
export function stateOfLink(hash: string, events: number, begin = 0): PageState {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const get = (name: string): string => (parts.get(name) ?? '').slice(0, MOST_TEXT);
  const bookmarks = bookmarksIn(get('marks'), events, begin);
  return {
    position: positionIn(get('at'), events, begin) ?? { event: begin, inside: 0 },
    zoom: zoomIn(get('zoom'), events, begin),
    axis: oneOf(get('axis'), AXES, INITIAL.axis),
    selected: wholeIn(get('sel'), 0, Number.MAX_SAFE_INTEGER),
    bookmarks,
    since: bookmarks.some(({ name }) => name === get('since')) ? get('since') : '',
    filter: get('filter'),
    unit: oneOf(get('unit'), STEP_UNITS, INITIAL.unit),
    speed: wholeIn(get('speed'), INITIAL.speed, SPEEDS.length - 1),
    open: openIn(get('open')),
    theme: oneOf(get('theme'), ['auto', 'light', 'dark'], INITIAL.theme),
    map: mapOfText(get('map')),
    swapped: get('swap') === '1',
  };
}
