/**
 * Objects as values that can be opened: what is known of one, its pointer words page by page, who keeps it
 * alive, and what can happen to it.
 *
 * Opening an object reads a few cells. Who keeps it alive needs the graph of the whole heap, so that is
 * worked out only when its node is opened.
 */
import { slotBytes, slotOfWord } from '@heaptape/core';
import {
  ATTRIBUTES,
  HAPPENINGS,
  type Happening,
  inspectObject,
  type Moment,
  pointerIn,
  type Travel,
  type Value,
} from '@heaptape/replay';
import { objectText } from '../debug/text.ts';
import { clean } from '../report/table.ts';
import { size } from '../report/units.ts';
import { type Item, list, type Node } from './values.ts';

/** Names of what is shown of each object, before its words. */
const SHOWN = ['type', 'state', 'size', 'requested', 'addr', 'born', 'held'] as const;

/** An address as everything here writes it. */
export const hex = (address: number): string => `0x${address.toString(16)}`;

/** An attribute of an object, without compiling an expression for each of the many that there are. */
const read = (moment: Moment, object: number, name: string): Value =>
  ATTRIBUTES[name].read(moment, object);

/** Items of which each asks who is in some slots: these are looked up at once where there are many. */
export function many<T>(travel: Travel, count: number, items: () => T): T {
  if (count > FEW) travel.facts.owners.learn(travel.world);
  return items();
}

const FEW = 16;

/** An object as a value. `expression` is what it was reached by; `watch` what to watch for a change of that. */
export function objectItem(
  travel: Travel,
  object: number,
  name: string,
  expression: string = `#${object}`,
): Item {
  const moment = travel.moment();
  const state = read(moment, object, 'state');
  const place = read(moment, object, 'addr');
  const type = read(moment, object, 'type');
  return {
    name,
    value: `${objectText(travel, object)} ${state}`,
    expression,
    ...(typeof type === 'string' && type !== '' ? { type: clean(type) } : {}),
    ...(typeof place === 'number' ? { address: hex(place) } : {}),
    open: objectNode(travel, object),
  };
}

function objectNode(travel: Travel, object: number): Node {
  return {
    named: SHOWN.length + 3,
    indexed: wordsOf(travel, object),
    namedItems: () => [
      ...SHOWN.map((name) => attributeItem(travel, object, name)),
      { name: 'what happens to it', value: '', open: happeningsNode(travel, object) },
      { name: 'kept alive by', value: '', open: keepersNode(travel, object) },
      { name: 'referred to by', value: '', open: referrersNode(travel, object) },
    ],
    indexedItems: (start, count) =>
      many(travel, count, () =>
        Array.from({ length: count }, (_, i) => wordItem(travel, object, start + i)),
      ),
  };
}

function attributeItem(travel: Travel, object: number, name: (typeof SHOWN)[number]): Item {
  const expression = `#${object}.${name}`;
  const value = read(travel.moment(), object, name);
  return { name, value: attributeText(name, value), expression };
}

function attributeText(name: (typeof SHOWN)[number], value: Value): string {
  if (value === null) return 'nil';
  if (typeof value !== 'number') return clean(String(value));
  if (name === 'addr') return hex(value);
  return name === 'size' || name === 'requested' ? size(value) : String(value);
}

/** Pointer words that an object has room for; 0 where it is not there or holds no pointers. */
function wordsOf({ world: w, facts }: Travel, object: number): number {
  if (!facts.owners.isThere(w, object)) return 0;
  const first = w.objects.wordOf(object);
  const page = w.spanAtWord(first);
  if ((w.spanClass[page] & 1) === 1) return 0;
  const words = slotBytes(w, page) / 8;
  const end = (page << 10) + (slotOfWord(w, page, first) + 1) * words;
  const scanned = Math.ceil(w.siteScan[w.objects.siteOf(object)] / 8);
  return Math.max(0, Math.min(end - first, scanned));
}

function wordItem(travel: Travel, object: number, word: number): Item {
  const expression = `#${object}[${word}]`;
  const value = pointerIn(travel.moment(), object, word);
  const name = `[${word}]`;
  if (typeof value !== 'number') return { name, value: 'nil', expression };
  return objectItem(travel, value, name, expression);
}

const HAPPENING_TEXT: Readonly<Record<Happening, string>> = {
  allocated: 'its birth',
  reached: 'marking comes to it',
  greyed: 'turns grey',
  blackened: 'turns black',
  dead: 'is found dead when marking ends',
  freed: 'its sweep',
  moved: 'gets another address',
  changed: 'any of these',
  touched: 'an event of the program names it',
};

/** Each can be watched: a data breakpoint on it stops there. */
function happeningsNode(travel: Travel, object: number): Node {
  const items = (): Item[] =>
    HAPPENINGS.map((name) => ({
      name,
      value: HAPPENING_TEXT[name],
      watch: `#${object} ${name}`,
    }));
  return list(
    () => [
      ...items(),
      {
        name: 'state',
        value: String(read(travel.moment(), object, 'state')),
        expression: `#${object}.state`,
      },
    ],
    HAPPENINGS.length + 1,
  );
}

function inspected(travel: Travel, object: number): ReturnType<typeof inspectObject> {
  const roots = travel.facts.rootNamesAt(travel.position.event);
  return inspectObject(travel.world, object, { roots, addresses: travel.facts.addresses() });
}

const isBorn = (travel: Travel, object: number): boolean =>
  read(travel.moment(), object, 'type') !== null;

/** The path from a root, its dominator, and what would be free without it. */
function keepersNode(travel: Travel, object: number): Node {
  return list(() => {
    if (!isBorn(travel, object)) return [];
    const { root, retainers, dominator, retainedBytes } = inspected(travel, object);
    if (root === null) return [{ name: 'root', value: 'no root leads to it' }];
    return [
      { name: 'root', value: clean(root) },
      ...retainers.map(({ id, word }, i) => {
        const by = word === null ? '' : ` word ${word}`;
        return objectItem(travel, id, `step ${i + 1}${by}`);
      }),
      dominator === null
        ? { name: 'dominator', value: 'roots only' }
        : objectItem(travel, dominator.id, 'dominator'),
      { name: 'retains', value: size(retainedBytes), expression: `#${object}.retained` },
    ];
  }, 0);
}

function referrersNode(travel: Travel, object: number): Node {
  return list(() => {
    if (!isBorn(travel, object)) return [];
    return inspected(travel, object).referrers.map((text, i) => {
      const id = /^#(\d+) /.exec(text)?.[1];
      const name = `${i + 1}`;
      if (id === undefined) return { name, value: clean(text) };
      return { ...objectItem(travel, Number(id), name), value: clean(text) };
    });
  }, 0);
}
