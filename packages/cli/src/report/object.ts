/** One object for people: what it is, the way from a root to it, and what happened to it. */
import type { ObjectHistory, ObjectView } from '@heaptape/replay';
import { clean, tableText } from './table.ts';
import { count, counted, duration, size } from './units.ts';

/** Lines of a path, of the referrers and of the history that are shown. */
const MOST_STEPS = 40;
const MOST_REFERRERS = 10;
const MOST_EVENTS = 40;

const EVENT_COLUMNS = [
  { title: 'event', rank: 0 },
  { title: 'time', rank: 1 },
  { title: 'what', align: 'left', rank: 0 },
  { title: 'by', align: 'left', rank: 0 },
] as const;

export function objectText(view: ObjectView, history: ObjectHistory, width: number): string {
  return [headline(view, history), keptBy(view), referredBy(view), eventsOf(history, width)]
    .filter((part) => part !== '')
    .join('\n');
}

/** An object in a line: names on a tape may hold anything. */
const named = (id: number, type: string): string =>
  type === '' ? `#${id}` : `#${id} ${clean(type)}`;

function headline(view: ObjectView, { born, died }: ObjectHistory): string {
  const type = view.type === '' ? 'of unknown type' : view.type;
  const place =
    view.color === 'free' ? 'no longer there' : `${view.color}, slot of ${size(view.size)}`;
  const life = `born at event ${count(born)}, ${died === 0 ? 'never freed' : `freed at event ${count(died)}`}`;
  const recorded =
    view.recordedAddr === null ? '' : `, ${view.recordedAddr} in the recorded process`;
  return `${named(view.id, type)} at ${view.addr}${recorded}: ${place}\n${life}\n`;
}

/** The path, one step a line, each further in than the one before. */
export function keptBy(view: ObjectView): string {
  if (view.color === 'free') return '';
  if (view.root === null) return 'kept alive by: nothing; no root leads to it\n';
  const steps = view.retainers.map(({ id, type, word }) => {
    const by = word === null ? '' : ` word ${word}`;
    return `${named(id, type)}${by}`;
  });
  const middle = steps.length - MOST_STEPS;
  const shown =
    middle > 0
      ? [
          ...steps.slice(0, MOST_STEPS / 2),
          `… ${count(middle)} more …`,
          ...steps.slice(-MOST_STEPS / 2),
        ]
      : steps;
  const dominator =
    view.dominator === null ? 'roots only' : named(view.dominator.id, view.dominator.type);
  return [
    'kept alive by, on a shortest path:',
    `  ${clean(view.root)}`,
    ...shown.map((step) => `  → ${step}`),
    `dominator: ${dominator}`,
    `retains: ${size(view.retainedBytes)}`,
    '',
  ].join('\n');
}

/** What refers to it directly. */
export function referredBy({ referrers }: ObjectView): string {
  if (referrers.length === 0) return '';
  const more = referrers.length - MOST_REFERRERS;
  const shown = referrers.slice(0, MOST_REFERRERS).map((one) => `  ${clean(one)}`);
  return ['referred to by:', ...shown, ...(more > 0 ? [`  … ${count(more)} more`] : []), ''].join(
    '\n',
  );
}

/** The events of a history, the first ones, as a table. */
export function eventsOf({ entries, leftOut }: ObjectHistory, width: number): string {
  const more = entries.length + leftOut - MOST_EVENTS;
  const rows = entries
    .slice(0, MOST_EVENTS)
    .map(({ event, timeNs, what, text }) => [count(event), duration(timeNs), what, text]);
  return `${tableText(EVENT_COLUMNS, rows, width)}${more > 0 ? `… ${counted(more, 'more event')}\n` : ''}`;
}
