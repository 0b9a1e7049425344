/** The command `info`: tables of what is there, from the heap to the breakpoints. */
import { HEAP_BASE, SPECIAL_KIND, SPECIAL_STATE, sizeClasses, type World } from '@heaptape/core';
import { graphOfWorld, NAME_GROUPS } from '@heaptape/replay';
import { clean, tableText } from '../report/table.ts';
import { count, size } from '../report/units.ts';
import { chosen, type DebugCommand, firstWord } from './command.ts';
import type { Session } from './session.ts';
import { breakpointsText } from './stopping.ts';
import { objectText, valueText } from './text.ts';

const FIGURES = [
  { title: 'name', align: 'left', rank: 0 },
  { title: 'value', align: 'left', rank: 0 },
  { title: 'meaning', align: 'left', rank: 1 },
] as const;

/** Figures of a group of names, or those of them that are asked for. */
function figures(session: Session, group: string, names?: readonly string[]): string {
  const { travel, width } = session;
  const rows = Object.entries(NAME_GROUPS[group])
    .filter(([name]) => names === undefined || names.includes(name))
    .map(([name, { type, doc, read }]) => [name, valueText(travel, type, read(travel.world)), doc]);
  return tableText(FIGURES, rows, width);
}

const MOST_TYPES = 15;
const TYPE_COLUMNS = [
  { title: 'type', align: 'left', rank: 0 },
  { title: 'objects', rank: 0 },
  { title: 'bytes', rank: 0 },
] as const;

function heapText(session: Session): string {
  const { travel, width } = session;
  const graph = graphOfWorld(travel.world);
  const byType = new Map<string, { objects: number; bytes: number }>();
  for (let object = 0; object < graph.count; object += 1) {
    const type = travel.world.siteNames[graph.groups[object]] || '(unknown)';
    const sum = byType.get(type) ?? { objects: 0, bytes: 0 };
    sum.objects += 1;
    sum.bytes += graph.sizes[object];
    byType.set(type, sum);
  }
  const rows = [...byType]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(([type, { objects, bytes }]) => [clean(type), count(objects), size(bytes)]);
  const shown = ['HeapAlloc', 'HeapInuse', 'HeapIdle', 'HeapReleased', 'HeapSys', 'HeapObjects'];
  return [
    figures(session, 'memstats', shown),
    `\nalive: ${count(graph.count)} objects\n`,
    tableText(TYPE_COLUMNS, rows.slice(0, MOST_TYPES), width),
    rows.length > MOST_TYPES ? `… ${count(rows.length - MOST_TYPES)} more types\n` : '',
  ].join('');
}

const SPAN_COLUMNS = [
  { title: 'class', rank: 0 },
  { title: 'size', rank: 0 },
  { title: 'pointers', align: 'left', rank: 2 },
  { title: 'spans', rank: 0 },
  { title: 'pages', rank: 1 },
  { title: 'objects', rank: 0 },
  { title: 'room for', rank: 1 },
] as const;
const SPAN_IN_USE = 1;

function spansText({ travel, width }: Session): string {
  const { world: w } = travel;
  const sums = new Map<number, { spans: number; pages: number; objects: number; room: number }>();
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_IN_USE) continue;
    const sum = sums.get(w.spanClass[page]) ?? { spans: 0, pages: 0, objects: 0, room: 0 };
    sum.spans += 1;
    sum.pages += w.spanPages[page];
    sum.objects += w.allocCount[page];
    sum.room += w.nelems[page];
    sums.set(w.spanClass[page], sum);
  }
  if (sums.size === 0) return 'no spans\n';
  const rows = [...sums]
    .sort(([a], [b]) => a - b)
    .map(([spanClass, { spans, pages, objects, room }]) => [
      String(spanClass >> 1),
      spanClass < 2 ? 'large' : size(sizeClasses[spanClass >> 1].bytes),
      (spanClass & 1) === 0 ? 'yes' : 'no',
      ...[spans, pages, objects, room].map(count),
    ]);
  return tableText(SPAN_COLUMNS, rows, width);
}

const GOROUTINE_COLUMNS = [
  { title: '', align: 'left', rank: 0 },
  { title: 'goroutine', rank: 0 },
  { title: 'stack', rank: 0 },
  { title: 'used', rank: 0 },
  { title: 'at', align: 'left', rank: 1 },
] as const;

function goroutinesText(session: Session): string {
  const { goroutines } = session.travel.world;
  const running = Number(session.travel.evaluate('g').value);
  const rows: string[][] = [];
  for (let row = 0; row < goroutines.rows; row += 1) {
    const number = goroutines.number[row];
    if (number <= 0) continue;
    const stack = goroutines.stack[row];
    rows.push([
      number === running ? '*' : '',
      String(number),
      size(goroutines.bytes[row]),
      size(goroutines.used[row]),
      stack === 0 ? '' : `0x${(HEAP_BASE + (stack - 1) * 8).toString(16)}`,
    ]);
  }
  if (rows.length > 0) {
    rows.sort((a, b) => Number(a[1]) - Number(b[1]));
    return tableText(GOROUTINE_COLUMNS, rows, session.width);
  }
  return running === 0
    ? 'the tape tells of no goroutines\n'
    : `the tape tells of no stacks; goroutine ${running} runs\n`;
}

const KIND_NAMES: ReadonlyMap<number, string> = new Map([
  [SPECIAL_KIND.finalizer, 'finalizer'],
  [SPECIAL_KIND.weakHandle, 'weak handle'],
  [SPECIAL_KIND.cleanup, 'cleanup'],
]);
const STATE_NAMES: ReadonlyMap<number, string> = new Map([
  [SPECIAL_STATE.attached, 'attached'],
  [SPECIAL_STATE.queued, 'queued'],
  [SPECIAL_STATE.running, 'running'],
]);
const SPECIAL_COLUMNS = [
  { title: 'special', rank: 0 },
  { title: 'kind', align: 'left', rank: 0 },
  { title: 'state', align: 'left', rank: 0 },
  { title: 'of', align: 'left', rank: 0 },
  { title: 'byte', rank: 1 },
  { title: 'function', rank: 2 },
] as const;
const MOST_SPECIALS = 100;

/** A special that is not gone, in words. */
interface SpecialRow {
  readonly special: number;
  readonly kind: string;
  readonly state: string;
  readonly object: number;
}

/** The first specials that are attached, queued or running. */
export function finalizerRows({ specials }: World, most: number): SpecialRow[] {
  const rows: SpecialRow[] = [];
  for (let special = 1; special <= specials.count && rows.length < most; special += 1) {
    const state = STATE_NAMES.get(specials.state[special]);
    if (state === undefined) continue;
    const kind = KIND_NAMES.get(specials.kind[special]) ?? 'special';
    rows.push({ special, kind, state, object: specials.object[special] });
  }
  return rows;
}

function finalizersText(session: Session): string {
  const { travel, width } = session;
  const { specials } = travel.world;
  const all = finalizerRows(travel.world, Number.POSITIVE_INFINITY);
  const more = Math.max(0, all.length - MOST_SPECIALS);
  const rows = all
    .slice(0, MOST_SPECIALS)
    .map(({ special, kind, state, object }) => [
      String(special),
      kind,
      state,
      objectText(travel, object),
      String(specials.offset[special]),
      String(specials.fn[special]),
    ]);
  const due = specials.finq.length + specials.finRunning.length;
  const cleanups = [...specials.cleanupLocal, ...specials.cleanupBlocks].flat().length;
  return [
    rows.length === 0
      ? 'no finalizers, cleanups or weak handles\n'
      : tableText(SPECIAL_COLUMNS, rows, width),
    more > 0 ? `… ${count(more)} more\n` : '',
    `queued: ${count(due)} finalizers, ${count(cleanups)} cleanups\n`,
    figures(session, 'run', [
      'finalizersQueued',
      'finalizersExecuted',
      'cleanupsQueued',
      'cleanupsExecuted',
    ]),
  ].join('');
}

const ROOT_COLUMNS = [
  { title: 'root', rank: 0 },
  { title: 'name', align: 'left', rank: 0 },
  { title: 'object', align: 'left', rank: 0 },
] as const;
const MOST_ROOTS = 100;

function rootsText({ travel, width }: Session): string {
  const { world: w, facts, position } = travel;
  const names = facts.rootNamesAt(position.event);
  const rows: string[][] = [];
  let more = 0;
  for (let root = 0; root < w.rootCount; root += 1) {
    if (w.roots[root] === 0) continue;
    if (rows.length < MOST_ROOTS) {
      const target = facts.owners.target(w, w.roots[root]);
      const held = target === 0 ? '' : objectText(travel, target);
      rows.push([String(root), clean(names.get(root) ?? ''), held]);
    } else more += 1;
  }
  const table = rows.length === 0 ? 'no roots\n' : tableText(ROOT_COLUMNS, rows, width);
  return `${table}${more > 0 ? `… ${count(more)} more\n` : ''}${heldText(w)}`;
}

function heldText(w: World): string {
  let held = 0;
  for (const bits of w.heldBits) for (let b = bits; b !== 0; b &= b - 1) held += 1;
  return held === 0 ? '' : `${count(held)} objects are held: roots of their own\n`;
}

const SUBJECTS: Readonly<Record<string, { about: string; text: (session: Session) => string }>> = {
  heap: { about: 'sizes, and what is alive by type', text: heapText },
  spans: { about: 'spans in use by class', text: spansText },
  goroutines: { about: 'goroutines and their stacks', text: goroutinesText },
  finalizers: {
    about: 'finalizers, cleanups, weak handles and their queues',
    text: finalizersText,
  },
  gc: {
    about: 'the cycle: phase, progress, work',
    text: (session) => figures(session, 'cycle'),
  },
  roots: { about: 'globals and stack slots that hold something', text: rootsText },
  breakpoints: { about: 'breakpoints and watchpoints', text: breakpointsText },
  memstats: { about: 'runtime.MemStats', text: (session) => figures(session, 'memstats') },
  pacer: { about: "the pacer's figures", text: (session) => figures(session, 'pacer') },
  run: {
    about: 'time, processors, goroutines, queues',
    text: (session) => figures(session, 'run'),
  },
};

const NAMES = Object.keys(SUBJECTS);

export const info: DebugCommand = {
  name: 'info',
  aliases: ['i'],
  usage: NAMES.join(' | '),
  summary: 'show a table of one of many things',
  details: NAMES.map((name) => `info ${name.padEnd(12)} ${SUBJECTS[name].about}`).join('\n'),
  run: (session, rest) => {
    const [word] = firstWord(rest);
    const short: Readonly<Record<string, string>> = {
      b: 'breakpoints',
      g: 'goroutines',
      watchpoints: 'breakpoints',
      globals: 'roots',
    };
    const name = chosen(NAMES, Object.hasOwn(short, word) ? short[word] : word, 'info');
    return SUBJECTS[name].text(session);
  },
  complete: () => NAMES,
};
