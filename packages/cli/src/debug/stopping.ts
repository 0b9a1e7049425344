/** Commands about where to stop: breakpoints, watchpoints, and what is shown at a stop. */
import { HAPPENINGS, type Happening, type StopPlace } from '@heaptape/replay';
import { EVENTS, type EventName } from '@heaptape/schema';
import { tableText } from '../report/table.ts';
import {
  type CommandGroup,
  chosen,
  countOf,
  type DebugCommand,
  firstWord,
  usage,
} from './command.ts';
import { expressionWords } from './completion.ts';
import type { Breakpoint, Session } from './session.ts';

const KINDS = Object.keys(EVENTS) as readonly EventName[];

/** Splits `… if EXPR`; the condition is checked. Throws `ExpressionError`. */
function conditionIn(session: Session, text: string): [string, string | null] {
  const match = /^(.*?)(?:^|\s+)if\s+(.+)$/.exec(text);
  if (match === null) return [text, null];
  session.travel.expressions.condition(match[2]);
  return [match[1].trim(), match[2]];
}

function add(
  session: Session,
  kind: Breakpoint['kind'],
  text: string,
  places: readonly StopPlace[],
  condition: string | null,
  temporary = false,
): string {
  const number = session.nextNumber();
  session.breakpoints.push({
    number,
    kind,
    text,
    places,
    temporary,
    condition,
    enabled: true,
    ignore: 0,
    hits: 0,
  });
  const where = condition === null ? text : `${text} if ${condition}`;
  return `${temporary ? 'temporary ' : ''}${kind} ${number}: ${where}\n`;
}

/** `12`, `GCStarted,SpanSwept`, or `#12 freed`. Throws `bad-usage`. */
export function breakPlace(session: Session, text: string): StopPlace {
  if (/^[\d,]+$/.test(text)) {
    const event = countOf(text.replaceAll(',', ''));
    const { events } = session.travel.reader;
    if (event > events) throw usage(`no event ${event}: the tape has ${events}`);
    return { on: 'event', event };
  }
  const object = happening(session, text);
  if (object !== undefined) return object;
  const kinds = text.split(/\s*,\s*/).map((name) => kindOf(name));
  return { on: 'kind', kinds };
}

/** A kind of event by its name or an abbreviation, in any case. Throws `bad-usage`. */
function kindOf(name: string): EventName {
  const lower = name.toLowerCase();
  const found = KINDS.find((kind) => kind.toLowerCase() === lower);
  if (found !== undefined) return found;
  const near = KINDS.filter((kind) => kind.toLowerCase().includes(lower)).slice(0, 8);
  const hint =
    near.length > 0 ? `did you mean ${near.join(', ')}?` : 'docs/EVENTS.md lists the events';
  throw usage(`there is no event '${name}'`, hint);
}

/** `#12 freed` and the like; undefined where the last word is no happening. */
function happening(session: Session, text: string): StopPlace | undefined {
  const match = /^(.+?)\s+([a-z]+)$/.exec(text);
  if (match === null || !HAPPENINGS.some((one) => one.startsWith(match[2]))) return undefined;
  const what = chosen(HAPPENINGS, match[2], 'happening') as Happening;
  return { on: 'object', object: anyObject(session, match[1]), what };
}

/** An object that may not have been allocated yet. */
function anyObject(session: Session, text: string): number {
  return /^#[1-9]\d*$/.test(text) ? Number(text.slice(1)) : session.objectOf(text);
}

function breakCommand(name: string, aliases: readonly string[], temporary: boolean): DebugCommand {
  return {
    name,
    aliases,
    usage: 'EVENT | KIND[,KIND] | OBJECT HAPPENING | [if EXPR]',
    summary: temporary ? 'as break, for one stop only' : 'stop at an event',
    details: `break 1200               at event 1200
break GCStarted          at every event of that kind
break SpanSwept if event.freed > 100
break #12 freed          when object 12 is ${HAPPENINGS.join(', ')}
break if heapLive > 4MiB where that turns true
\`help expressions\` says what EXPR may be. watch stops where a value changes.`,
    run: (session, rest) => {
      const [text, condition] = conditionIn(session, rest);
      if (text !== '') {
        return add(session, 'breakpoint', text, [breakPlace(session, text)], condition, temporary);
      }
      if (condition === null) throw usage('break where?', `\`help ${name}\` shows examples`);
      const place: StopPlace = { on: 'turns', when: condition };
      return add(session, 'breakpoint', `if ${condition}`, [place], null, temporary);
    },
    complete: (session, rest) =>
      /\bif\b/.test(rest) ? expressionWords(session) : [...KINDS, 'if', ...HAPPENINGS],
  };
}

/** What `watch` watches: an object as a whole, or a value. */
export function watchPlace(session: Session, text: string): StopPlace {
  if (/^#[1-9]\d*$/.test(text))
    return { on: 'object', object: Number(text.slice(1)), what: 'changed' };
  const object = happening(session, text);
  if (object !== undefined) return object;
  session.travel.expressions.value(text);
  return { on: 'change', of: text };
}

const watch: DebugCommand = {
  name: 'watch',
  usage: '#12 | EXPR | OBJECT HAPPENING [if EXPR]',
  summary: 'stop where an object or a value changes',
  details: `watch #12              object 12 is allocated, changes colour, is freed
watch #12[0]           its first pointer word leads to another object
watch global.cache     so does that root
watch heapGoal if phase == off
Works backwards too: reverse-continue finds the last change before here.`,
  run: (session, rest) => {
    const [text, condition] = conditionIn(session, rest);
    if (text === '') throw usage('watch what?', '`help watch` shows examples');
    return add(session, 'watchpoint', text, [watchPlace(session, text)], condition);
  },
  complete: (session) => expressionWords(session),
};

function touching(name: string, changes: boolean, summary: string): DebugCommand {
  return {
    name,
    usage: 'OBJECT [if EXPR]',
    summary,
    run: (session, rest) => {
      const [text, condition] = conditionIn(session, rest);
      if (text === '') throw usage(`${name} which object?`);
      const object = anyObject(session, text);
      const places: StopPlace[] = [{ on: 'object', object, what: 'touched' }];
      if (changes) places.push({ on: 'object', object, what: 'changed' });
      return add(
        session,
        'watchpoint',
        `${text} ${changes ? 'in any way' : 'touched'}`,
        places,
        condition,
      );
    },
  };
}

/** The breakpoints that a text names by their numbers; all of them where it is empty. */
function selected(session: Session, text: string): Breakpoint[] {
  if (text === '') return [...session.breakpoints];
  return text.split(/[\s,]+/).map((word) => numbered(session, word));
}

function numbered(session: Session, word: string): Breakpoint {
  const number = countOf(word, 0);
  const found = session.breakpoints.find((one) => one.number === number);
  if (found === undefined)
    throw usage(`there is no breakpoint ${word}`, '`info breakpoints` lists them');
  return found;
}

const remove: DebugCommand = {
  name: 'delete',
  aliases: ['d', 'clear'],
  usage: '[NUMBER ...]',
  summary: 'delete breakpoints and watchpoints, all of them without a number',
  run: (session, rest) => {
    const gone = selected(session, rest);
    for (const one of gone) session.breakpoints.splice(session.breakpoints.indexOf(one), 1);
    return '';
  },
};

function switching(name: string, enabled: boolean): DebugCommand {
  return {
    name,
    usage: '[NUMBER ...]',
    summary: enabled
      ? 'let disabled breakpoints stop again'
      : 'let breakpoints be, without deleting them',
    run: (session, rest) => {
      for (const one of selected(session, rest)) one.enabled = enabled;
      return '';
    },
  };
}

const ignore: DebugCommand = {
  name: 'ignore',
  usage: 'NUMBER COUNT',
  summary: 'pass over the next COUNT hits of a breakpoint',
  run: (session, rest) => {
    const [word, text] = firstWord(rest);
    const one = numbered(session, word);
    one.ignore = /^0+$/.test(text) ? 0 : countOf(text);
    return `breakpoint ${one.number} passes over ${one.ignore} hit${one.ignore === 1 ? '' : 's'}\n`;
  },
};

const condition: DebugCommand = {
  name: 'condition',
  usage: 'NUMBER [EXPR]',
  summary: 'stop at a breakpoint only where EXPR holds; without EXPR, always',
  run: (session, rest) => {
    const [word, text] = firstWord(rest);
    const one = numbered(session, word);
    if (text !== '') session.travel.expressions.condition(text);
    one.condition = text === '' ? null : text;
    return '';
  },
  complete: (session) => expressionWords(session),
};

const display: DebugCommand = {
  name: 'display',
  usage: '[EXPR]',
  summary: 'show the value of EXPR at every stop',
  run: (session, rest) => {
    if (rest === '') {
      return (
        session.displays.map(({ number, text }) => `${number}: ${text}\n`).join('') ||
        'nothing is displayed\n'
      );
    }
    const value = session.valueOf(rest);
    const number = session.nextNumber();
    session.displays.push({ number, text: rest });
    return `${number}: ${rest} = ${value}\n`;
  },
  complete: (session) => expressionWords(session),
};

const undisplay: DebugCommand = {
  name: 'undisplay',
  usage: '[NUMBER]',
  summary: 'show a value no longer; without a number, none',
  run: (session, rest) => {
    if (rest === '') session.displays.length = 0;
    else {
      const at = session.displays.findIndex(({ number }) => number === countOf(rest));
      if (at < 0) throw usage(`there is no display ${rest}`);
      session.displays.splice(at, 1);
    }
    return '';
  },
};

const COLUMNS = [
  { title: 'num', rank: 0 },
  { title: 'kind', align: 'left', rank: 0 },
  { title: 'on', align: 'left', rank: 1 },
  { title: 'hits', rank: 0 },
  { title: 'what', align: 'left', rank: 0 },
] as const;

/** `info breakpoints`. */
export function breakpointsText({ breakpoints, width }: Session): string {
  if (breakpoints.length === 0) return 'no breakpoints and no watchpoints\n';
  const rows = breakpoints.map((one) => [
    String(one.number),
    one.temporary ? 'temporary' : one.kind,
    one.enabled ? 'yes' : 'no',
    String(one.hits),
    [
      one.text,
      one.condition === null ? '' : ` if ${one.condition}`,
      one.ignore === 0 ? '' : ` (passes over ${one.ignore})`,
    ].join(''),
  ]);
  return tableText(COLUMNS, rows, width);
}

export const STOPPING: CommandGroup = {
  title: 'Stopping',
  commands: [
    breakCommand('break', ['b', 'br'], false),
    breakCommand('tbreak', ['tb'], true),
    watch,
    touching('rwatch', false, 'stop at events that name an object'),
    touching('awatch', true, 'stop at events that name an object or change it'),
    remove,
    switching('enable', true),
    switching('disable', false),
    ignore,
    condition,
    display,
    undisplay,
  ],
};
