/**
 * Actions: everything that can be done on the page, each with its keys, in one table. `?` shows the table,
 * and the buttons of the transport bar run its rows.
 *
 * A key is named as `KeyboardEvent.key` has it, with `Shift+`, `Control+` and `Alt+` before it; Shift is
 * left out where it is part of the character (`?`, `+`). Control stands for the Mac's command key, too.
 */
import { AXES, bookmarkToggled, nextUnit, panned, SPEEDS, turned, zoomed } from '../model/state.ts';
import type { App } from './app.ts';

export interface Action {
  readonly id: string;
  readonly group: 'Moving' | 'Playing' | 'Timeline' | 'Bookmarks' | 'Panels' | 'Page';
  readonly keys: readonly string[];
  readonly title: string;
  run(app: App): void;
}

type Unit = Parameters<typeof nextUnit>[0];

const stepping = (id: string, keys: readonly string[], unit: Unit, back: boolean): Action => ({
  id,
  group: 'Moving',
  keys,
  title: `${back ? 'Back' : 'On'} to the ${back ? 'last' : 'next'} ${unit}`,
  run: (app) => app.go({ go: 'step', unit, count: 1, back }),
});

const UNIT_KEYS: readonly (readonly [Unit, string])[] = [
  ['event', ''],
  ['phase', 'Shift+'],
  ['cycle', 'Control+'],
];

const STEPS: readonly Action[] = [
  ...UNIT_KEYS.flatMap(([unit, prefix]) => [
    stepping(`${unit}-back`, [`${prefix}ArrowLeft`], unit, true),
    stepping(`${unit}-on`, [`${prefix}ArrowRight`], unit, false),
  ]),
  stepping('micro-back', ['h'], 'micro', true),
  stepping('micro-on', ['l'], 'micro', false),
  stepping('object-back', ['o'], 'object', true),
  stepping('object-on', ['O'], 'object', false),
  stepping('span-back', ['p'], 'span', true),
  stepping('span-on', ['P'], 'span', false),
  stepping('command-back', ['c'], 'command', true),
  stepping('command-on', ['C'], 'command', false),
  {
    id: 'step-back',
    group: 'Moving',
    keys: [','],
    title: 'Back by the chosen unit',
    run: (app) => app.go({ go: 'step', unit: app.state.peek().unit, count: 1, back: true }),
  },
  {
    id: 'step-on',
    group: 'Moving',
    keys: ['.'],
    title: 'On by the chosen unit',
    run: (app) => app.go({ go: 'step', unit: app.state.peek().unit, count: 1, back: false }),
  },
  {
    id: 'unit',
    group: 'Moving',
    keys: ['u'],
    title: 'Choose the next unit',
    run: (app) => app.change({ unit: nextUnit(app.state.peek().unit, 1) }),
  },
];

/** Puts the focus on an element, once it is there: at once, or when the page is drawn next. */
export function focusOn(id: string): void {
  const now = document.getElementById(id);
  if (now !== null) now.focus();
  else requestAnimationFrame(() => document.getElementById(id)?.focus());
}

const JUMPS: readonly Action[] = [
  {
    id: 'start',
    group: 'Moving',
    keys: ['Home'],
    title: 'To the start of the tape',
    run: (app) => app.jump({ event: app.tape.begin, inside: 0 }),
  },
  {
    id: 'end',
    group: 'Moving',
    keys: ['End'],
    title: 'To the end of the tape',
    run: (app) => app.jump({ event: app.tape.events, inside: 0 }),
  },
  {
    id: 'goto',
    group: 'Moving',
    keys: ['g'],
    title: 'Go to a place: type it',
    run: () => focusOn('goto'),
  },
  {
    id: 'undo',
    group: 'Moving',
    keys: ['Control+z'],
    title: 'Undo the last jump',
    run: (app) => app.undo(),
  },
  {
    id: 'cancel',
    group: 'Moving',
    keys: ['Escape'],
    title: 'Stop playing, and stop what takes long',
    run: (app) => {
      app.player.stop();
      app.traveller.cancel();
    },
  },
];

const PLAYING: readonly Action[] = [
  {
    id: 'play',
    group: 'Playing',
    keys: [' '],
    title: 'Play, or stop',
    run: (app) => app.player.toggle(1),
  },
  {
    id: 'play-back',
    group: 'Playing',
    keys: ['Shift+ '],
    title: 'Play backwards, or stop',
    run: (app) => app.player.toggle(-1),
  },
  {
    id: 'slower',
    group: 'Playing',
    keys: ['['],
    title: 'Slower',
    run: (app) => app.change({ speed: Math.max(0, app.state.peek().speed - 1) }),
  },
  {
    id: 'faster',
    group: 'Playing',
    keys: [']'],
    title: 'Faster',
    run: (app) => app.change({ speed: Math.min(SPEEDS.length - 1, app.state.peek().speed + 1) }),
  },
];

const zooming = (id: string, keys: readonly string[], title: string, factor: number): Action => ({
  id,
  group: 'Timeline',
  keys,
  title,
  run: (app) => {
    const { zoom, position } = app.state.peek();
    const { events, begin } = app.tape;
    app.change({ zoom: zoomed(zoom, factor, position.event, events, begin) });
  },
});

const panning = (id: string, keys: readonly string[], title: string, share: number): Action => ({
  id,
  group: 'Timeline',
  keys,
  title,
  run: (app) => {
    const { events, begin } = app.tape;
    app.change({ zoom: panned(app.state.peek().zoom, share, events, begin) });
  },
});

const TIMELINE: readonly Action[] = [
  zooming('zoom-in', ['+', 'w'], 'Zoom in, around the position', 0.5),
  zooming('zoom-out', ['-', 's'], 'Zoom out', 2),
  panning('pan-left', ['a'], 'Move what is shown to the left', -0.25),
  panning('pan-right', ['d'], 'Move what is shown to the right', 0.25),
  {
    id: 'zoom-all',
    group: 'Timeline',
    keys: ['0', 'f'],
    title: 'Show the whole tape',
    run: (app) => app.change({ zoom: null }),
  },
  {
    id: 'axis',
    group: 'Timeline',
    keys: ['x'],
    title: 'Along virtual time, events, bytes allocated, or cycles',
    run: (app) => app.change({ axis: turned(AXES, app.state.peek().axis, 1) }),
  },
];

/** Goes to the next bookmark, or to the last one before. */
function toBookmark(app: App, by: 1 | -1): void {
  const { bookmarks, position } = app.state.peek();
  const beyond = bookmarks
    .map((one) => one.position)
    .filter((one) => (one.event - position.event || one.inside - position.inside) * by > 0)
    .sort((a, b) => (a.event - b.event || a.inside - b.inside) * by);
  if (beyond[0] === undefined) app.tell('no bookmark lies there');
  else app.jump(beyond[0]);
}

const BOOKMARKS: readonly Action[] = [
  {
    id: 'bookmark',
    group: 'Bookmarks',
    keys: ['b'],
    title: 'Put a bookmark here, or take it away',
    run: (app) =>
      app.whenThere(() => {
        app.state.value = bookmarkToggled(app.state.peek());
      }),
  },
  {
    id: 'bookmark-next',
    group: 'Bookmarks',
    keys: ['n'],
    title: 'To the next bookmark',
    run: (app) => toBookmark(app, 1),
  },
  {
    id: 'bookmark-last',
    group: 'Bookmarks',
    keys: ['N'],
    title: 'To the last bookmark before here',
    run: (app) => toBookmark(app, -1),
  },
  {
    id: 'since',
    group: 'Bookmarks',
    keys: ['m'],
    title: 'Count changes from the next bookmark of the list, or from none',
    run: (app) => {
      const { bookmarks, since } = app.state.peek();
      app.change({ since: turned(['', ...bookmarks.map(({ name }) => name)], since, 1) });
    },
  },
];

const PAGE: readonly Action[] = [
  {
    id: 'filter',
    group: 'Panels',
    keys: ['/'],
    title: 'Filter the events: type a condition',
    run: (app) => {
      app.change({ open: { ...app.state.peek().open, left: 'events' } });
      focusOn('filter');
    },
  },
  {
    id: 'theme',
    group: 'Page',
    keys: ['t'],
    title: 'Light, dark, or as the system has it',
    run: (app) =>
      app.change({ theme: turned(['auto', 'light', 'dark'], app.state.peek().theme, 1) }),
  },
  {
    id: 'help',
    group: 'Page',
    keys: ['?'],
    title: 'Show or hide the keys',
    run: (app) => {
      app.helpShown.value = !app.helpShown.peek();
    },
  },
];

/** Everything that does not belong to one panel. */
export const ACTIONS: readonly Action[] = [
  ...STEPS,
  ...JUMPS,
  ...PLAYING,
  ...TIMELINE,
  ...BOOKMARKS,
  ...PAGE,
];
