/** Commands that look at the state: values, memory, objects, events. */
import { HEAP_BASE, SCALAR, slotBytes, slotOfWord } from '@heaptape/core';
import {
  differenceBetween,
  historyOf,
  inspectObject,
  positionText,
  type Value,
} from '@heaptape/replay';
import { eventsOf, keptBy, referredBy } from '../report/object.ts';
import { clean, tableText } from '../report/table.ts';
import { count, duration, size } from '../report/units.ts';
import { type CommandGroup, countOf, type DebugCommand, usage } from './command.ts';
import { expressionWords } from './completion.ts';
import type { Session } from './session.ts';
import { eventText, objectText, placeText, valueText } from './text.ts';

const print: DebugCommand = {
  name: 'print',
  aliases: ['p', 'inspect'],
  usage: 'EXPR',
  summary: 'print the value of an expression; print/x in hexadecimal',
  details: 'print #12 describes the object. `help expressions` says what EXPR may be.',
  run: (session, rest) => {
    const hex = /^\/x\s*/.exec(rest);
    const text = hex === null ? rest : rest.slice(hex[0].length);
    if (text === '') throw usage('print what?', '`help expressions` says what EXPR may be');
    const { expression, value } = session.travel.evaluate(text);
    if (hex !== null && typeof value === 'number' && Number.isInteger(value)) {
      return `0x${value.toString(16)}\n`;
    }
    const about = expression.type.of === 'object' ? objectLine(session, value) : undefined;
    return `${about ?? session.valueOf(text)}\n`;
  },
  complete: (session) => expressionWords(session),
};

/** An object in a line: what and where it is, and what colour it has. */
function objectLine({ travel }: Session, value: Value): string | undefined {
  if (typeof value !== 'number') return undefined;
  const read = (name: string): Value => travel.evaluate(`#${value}.${name}`).value;
  const addr = read('addr');
  if (addr === null) return `#${value}: not allocated yet`;
  const bytes = size(Number(read('size')));
  const place = `at 0x${Number(addr).toString(16)}`;
  return `${objectText(travel, value)} ${place}: ${read('state')}, slot of ${bytes}`;
}

const MOST_WORDS = 512;
const WORD_COLUMNS = [
  { title: 'address', align: 'left', rank: 0 },
  { title: 'word', rank: 1 },
  { title: 'value', align: 'left', rank: 0 },
  { title: 'object', align: 'left', rank: 0 },
] as const;

const examine: DebugCommand = {
  name: 'x',
  usage: '[/COUNT] OBJECT | ADDRESS',
  summary: 'show words of memory, and the objects that they lead to',
  details: `A word is 8 bytes. Of an object all its words are shown, the first 16 unless COUNT says more.
Only pointers are known: of other data a tape has sizes.`,
  run: (session, rest) => {
    const match = /^(?:\/(\d+)[a-z]*\s+)?(.+)$/.exec(rest);
    if (match === null) throw usage('x which memory?', 'x #12, x/32 #12, x/8 0xc000012340');
    const { travel } = session;
    const words = Math.min(countOf(match[1] ?? '', 16), MOST_WORDS);
    const literal = /^0x[0-9a-f]+$/i.test(match[2]);
    const first = literal
      ? Math.floor((Number(match[2]) - HEAP_BASE) / 8)
      : travel.world.objects.wordOf(session.objectOf(match[2]));
    return wordsText(session, first, words, literal);
  },
};

function wordsText(
  { travel, width }: Session,
  first: number,
  wanted: number,
  literal: boolean,
): string {
  const { world: w, facts } = travel;
  if (!(first >= 0 && first < w.pages << 10)) throw usage('no memory of the heap is there');
  let words = wanted;
  if (!literal) {
    const page = w.spanAtWord(first);
    const slot = slotBytes(w, page) / 8;
    const end = (page << 10) + (slotOfWord(w, page, first) + 1) * slot;
    words = Math.min(wanted, end - first);
  }
  const rows: string[][] = [];
  for (let word = first; word < first + words && word < w.pages << 10; word += 1) {
    const reference = w.words[word] ?? 0;
    const target = facts.owners.target(w, reference);
    rows.push([
      `0x${(HEAP_BASE + word * 8).toString(16)}`,
      String(word - first),
      reference === 0 ? '0' : `0x${(HEAP_BASE + (reference - 1) * 8).toString(16)}`,
      target === 0 ? '' : objectText(travel, target),
    ]);
  }
  return tableText(WORD_COLUMNS, rows, width);
}

const where: DebugCommand = {
  name: 'where',
  aliases: ['bt', 'backtrace', 'frame'],
  usage: '',
  summary: 'where the session stands: event, phase, goroutine and what its stack holds',
  run: (session) => {
    const { travel } = session;
    const { world } = travel;
    const read = (name: string): string => session.valueOf(name);
    const g = world.scalars[SCALAR.g];
    const roots = [...travel.facts.rootNamesAt(travel.position.event)]
      .filter(
        ([root, name]) => name.startsWith(`goroutine ${g} `) && (world.roots[root] ?? 0) !== 0,
      )
      .map(([root, name]) => {
        const target = travel.facts.owners.target(world, world.roots[root]);
        return `  ${clean(name)} → ${target === 0 ? 'nothing alive' : objectText(travel, target)}\n`;
      });
    const branch = session.branch === '' ? '' : `in the branch ${session.branch}\n`;
    const sweeping = read('sweeping') === 'true' ? `, ${read('unswept')} spans to sweep` : '';
    return [
      branch,
      placeText(travel, session.paint),
      `${read('phase')}, cycle ${read('cycle')}${sweeping}; heapLive ${read('heapLive')}, goal ${read('heapGoal')}\n`,
      `goroutine ${g === 0 ? 'unknown' : g} on P ${world.scalars[SCALAR.p]}\n`,
      ...roots,
    ].join('');
  },
};

const when: DebugCommand = {
  name: 'when',
  usage: '',
  summary: 'the number of the event, and the virtual time',
  run: ({ travel }) => {
    const { position, timeNs, reader } = travel;
    return `event ${positionText(position)} of ${reader.events}, ${duration(timeNs)} (${timeNs} ns)\n`;
  },
};

const AROUND = 5;

const list: DebugCommand = {
  name: 'list',
  aliases: ['l'],
  usage: '[EVENT]',
  summary: 'list events around here, or around EVENT; again: the ones after',
  repeats: true,
  run: (session, rest) => {
    const { travel } = session;
    const { event } = travel.position;
    const before = session.listed;
    const middle =
      rest !== '' ? session.placeOf(rest).event : before === null ? event : before + 2 * AROUND + 1;
    const first = Math.max(1, middle - AROUND);
    const last = Math.min(travel.reader.events, middle + AROUND);
    if (first > last) return 'the tape ends here\n';
    session.listed = middle;
    const lines: string[] = [];
    const wide = String(last).length;
    for (let seq = first; seq <= last; seq += 1) {
      const here = seq === event ? '=>' : '  ';
      lines.push(`${here} ${String(seq).padStart(wide)}  ${eventText(travel, seq)}\n`);
    }
    return lines.join('');
  },
};

/** The object that is asked for, seen with the keepers that it has here. */
function inspected(session: Session, text: string): ReturnType<typeof inspectObject> {
  const { travel } = session;
  const roots = travel.facts.rootNamesAt(travel.position.event);
  const addresses = travel.facts.addresses();
  return inspectObject(travel.world, session.objectOf(text), { roots, addresses });
}

const retainers: DebugCommand = {
  name: 'retainers',
  aliases: ['why'],
  usage: 'OBJECT',
  summary: 'who keeps an object alive: a path from a root, its dominator, what refers to it',
  run: (session, rest) => {
    const view = inspected(session, rest);
    const line = objectLine(session, view.id) ?? '';
    const parts = [`${line}\n`, keptBy(view), referredBy(view)];
    return parts.filter((part) => part !== '').join('');
  },
  complete: (session) => expressionWords(session),
};

const history: DebugCommand = {
  name: 'history',
  usage: 'OBJECT',
  summary: 'everything that happened to an object, before and after here',
  run: (session, rest) => {
    const { travel } = session;
    const object = /^#[1-9]\d*$/.test(rest) ? Number(rest.slice(1)) : session.objectOf(rest);
    const found = historyOf(travel.reader, object, session.onProgress);
    if (found.born === 0) throw usage(`no object #${object} on this tape`);
    const end = found.died === 0 ? 'never freed' : `freed at event ${count(found.died)}`;
    const head = `${objectText(travel, object)}: born at event ${count(found.born)}, ${end}\n`;
    return `${head}${eventsOf(found, session.width)}`;
  },
};

const FIGURE_COLUMNS = [
  { title: 'what', align: 'left', rank: 0 },
  { title: 'there', rank: 0 },
  { title: 'here', rank: 0 },
] as const;
const MOST_SHOWN = 10;

/** The first few of a list, and how many more there are. */
function shortened(items: readonly string[], all: number): string[] {
  const more = all - Math.min(items.length, MOST_SHOWN);
  const shown = items.slice(0, MOST_SHOWN).map((one) => `  ${one}\n`);
  return more > 0 ? [...shown, `  … ${count(more)} more\n`] : shown;
}

const diff: DebugCommand = {
  name: 'diff',
  usage: 'POSITION',
  summary: 'what is different here from how it was at a position or bookmark',
  run: (session, rest) => {
    if (rest === '') throw usage('diff since where?', 'a bookmark, or any place that goto takes');
    const { travel } = session;
    const found = differenceBetween(travel, session.placeOf(rest), travel.position);
    const rows = Object.entries(found.figures).map(([name, { before, after }]) => {
      const { type } = travel.expressions.value(name);
      return [name, valueText(travel, type, before), valueText(travel, type, after)];
    });
    const objects = found.objects.map(
      ({ object, before, after }) => `${objectText(travel, object)} ${before} → ${after}`,
    );
    const named = (object: number): string => (object === 0 ? 'nil' : `#${object}`);
    const roots = found.roots.map(({ root, name, before, after }) => {
      return `${name === null ? `root ${root}` : clean(name)}: ${named(before)} → ${named(after)}`;
    });
    const events = Object.values(found.events).reduce((sum, n) => sum + n, 0);
    return [
      `from event ${positionText(found.from)} to ${positionText(found.to)}: ${count(events)} events\n`,
      rows.length === 0 ? '' : tableText(FIGURE_COLUMNS, rows, session.width),
      objects.length === 0 ? '' : 'objects\n',
      ...shortened(objects, found.objectCount),
      roots.length === 0 ? '' : 'roots\n',
      ...shortened(roots, roots.length),
    ].join('');
  },
  complete: (session) => ['start', 'end', ...session.bookmarks.keys()],
};

const bisect: DebugCommand = {
  name: 'bisect',
  usage: 'EXPR',
  summary: 'tell the first event of the whole tape after which EXPR holds; stays here',
  *run(session, rest) {
    if (rest === '') throw usage('bisect what?', '`help expressions` says what a condition may be');
    const { event, timeNs } = yield* session.travel.bisecting(rest);
    if (event === null) return 'it never holds\n';
    return `event ${count(event)} at ${duration(timeNs ?? 0)}: ${eventText(session.travel, event)}\n`;
  },
  complete: (session) => expressionWords(session),
};

export const LOOKING: CommandGroup = {
  title: 'Looking',
  commands: [print, examine, where, when, list, retainers, history, diff, bisect],
};
