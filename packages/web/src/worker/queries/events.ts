/** Rows of the event list: some consecutive events, or some by number. They need not be near this place. */
import type { Session } from '../session.ts';

export type EventsArgs =
  | { readonly from: number; readonly count: number }
  | { readonly seqs: readonly number[] };

/** An event for people. */
export interface EventLine {
  readonly seq: number;
  readonly name: string;
  /** Its fields that say something, as `name=value`. */
  readonly fields: readonly string[];
  /** The object that it names, 0 is none. */
  readonly object: number;
}

/** Fields that say nothing to people. */
const HIDDEN: ReadonlySet<string> = new Set(['seq', 'event', 'bits', 'moves', 'place', 'config']);

function lineOf({ travel }: Session, seq: number): EventLine {
  const row = travel.eventAt(seq);
  const fields: string[] = [];
  for (const [name, value] of Object.entries(row)) {
    if (HIDDEN.has(name) || (name === 'foundDead' && value === 0)) continue;
    const type = name === 'site' && typeof value === 'number' ? travel.world.siteNames[value] : '';
    fields.push(type ? `${name}=${value} ${type}` : `${name}=${value}`);
  }
  const { object } = row;
  return { seq, name: row.event, fields, object: typeof object === 'number' ? object : 0 };
}

export function events(session: Session, args: EventsArgs): readonly EventLine[] {
  const { events: last } = session.reader;
  if ('seqs' in args) return args.seqs.map((seq) => lineOf(session, seq));
  const first = Math.max(session.travel.begin + 1, args.from);
  const count = Math.max(0, Math.min(args.count, last - first + 1));
  return Array.from({ length: count }, (_, i) => lineOf(session, first + i));
}
