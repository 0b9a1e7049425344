/**
 * What an event says, as `event.NAME`: a column of the event table, `kind`, or one of two figures of our
 * own, `object` and `type`, where the event is about an object without naming it by ordinal. Where the
 * event has no such column the value is nil.
 */
import { SCALAR } from '@heaptape/core';
import { cellsOf, decodeUtf8, EVENT_NAMES, EVENTS, fieldText, TAG_COUNT } from '@heaptape/schema';
import { NO_KINDS, type Node } from './node.ts';
import {
  BYTES,
  COUNT,
  type Moment,
  NS,
  OBJECT,
  STRING,
  type Value,
  type ValueType,
} from './values.ts';

interface Column {
  readonly type: ValueType;
  /** By tag: its cell, -1 where the event has no such column. */
  readonly cells: Int8Array;
}

const BYTE_COLUMNS: ReadonlySet<string> = new Set([
  ...[
    'bytes',
    'scanBytes',
    'heapLive',
    'heapGoal',
    'heapAtMarkEnd',
    'heapMarked',
    'nextGoal',
    'runway',
  ],
  ...['heapScanWork', 'stackScanWork', 'globalsScanWork', 'heapScan', 'expected', 'allocated'],
  ...['background', 'eager', 'released', 'debt', 'used', 'offset', 'l1Bytes', 'l2Bytes'],
]);

function typeOf(name: string, wire: string): ValueType {
  if (wire === 'bytes') return STRING;
  if (wire === 'object' || name === 'object') return OBJECT;
  if (/(^n|N)s$/.test(name)) return NS;
  return BYTE_COLUMNS.has(name) ? BYTES : COUNT;
}

const COLUMNS: ReadonlyMap<string, Column> = (() => {
  const columns = new Map<string, Column>();
  for (const { tag, fields } of Object.values(EVENTS)) {
    let cell = 0;
    for (const { name, wire } of fields) {
      const column = columns.get(name) ?? {
        type: typeOf(name, wire),
        cells: new Int8Array(TAG_COUNT).fill(-1),
      };
      column.cells[tag] = cell;
      columns.set(name, column);
      cell += cellsOf(wire);
    }
  }
  return columns;
})();

/** Every name that may stand behind `event.`. */
export const EVENT_COLUMNS: readonly string[] = ['kind', 'type', ...COLUMNS.keys()];

/** By tag: the cell that names a special, -1 for none. */
const SPECIAL_CELLS = COLUMNS.get('special')?.cells ?? new Int8Array(TAG_COUNT).fill(-1);
const SITE_CELLS = COLUMNS.get('site')?.cells ?? SPECIAL_CELLS;

const OF_EVENT = {
  changedBy: NO_KINDS,
  ofEvent: true,
  ofState: false,
  grows: false,
  constant: false,
} as const;

/** The node of `event.NAME`; undefined where there is no such column. */
export function columnNode(name: string): Node | undefined {
  if (name === 'kind') {
    const nameOf = (tag: number): Value => EVENT_NAMES[tag] ?? null;
    return { ...OF_EVENT, type: STRING, read: ({ kind }) => nameOf(kind), known: nameOf };
  }
  if (name === 'object') return objectNode();
  if (name === 'type') return typeNode();
  const column = COLUMNS.get(name);
  if (column === undefined) return undefined;
  const { type, cells } = column;
  const known = (tag: number): Value | undefined => (cells[tag] < 0 ? null : undefined);
  if (type.of === 'string')
    return { ...OF_EVENT, type, known, read: (m) => textOf(m, name, cells) };
  const isObject = type.of === 'object';
  const read = ({ kind, batch, at }: Moment): Value => {
    const cell = kind < 0 ? -1 : cells[kind];
    if (cell < 0) return null;
    const value = batch.args[at + cell];
    return isObject && value === 0 ? null : value;
  };
  return { ...OF_EVENT, type, known, read };
}

function textOf({ kind, batch, at }: Moment, name: string, cells: Int8Array): Value {
  const cell = kind < 0 ? -1 : cells[kind];
  if (cell < 0) return null;
  const from = batch.args[at + cell];
  const bytes = batch.blob.subarray(from, from + batch.args[at + cell + 1]);
  return name === 'config' || name === 'name' ? decodeUtf8(bytes) : fieldText(name, bytes);
}

const ALLOCATED = EVENTS.ObjectAllocated.tag;
const GREYED = EVENTS.ObjectGreyed.tag;
const BLACKENED = EVENTS.ObjectBlackened.tag;

/** The object that an event is about: named by ordinal, just allocated, at a word, or of a special. */
function objectNode(): Node {
  const cells = COLUMNS.get('object')?.cells ?? SPECIAL_CELLS;
  const about = (tag: number): boolean =>
    cells[tag] >= 0 ||
    SPECIAL_CELLS[tag] >= 0 ||
    tag === ALLOCATED ||
    tag === GREYED ||
    tag === BLACKENED;
  return {
    ...OF_EVENT,
    ofState: true,
    type: OBJECT,
    known: (tag) => (about(tag) ? undefined : null),
    read: ({ kind, batch, at, world, facts }) => {
      if (kind < 0) return null;
      const { args } = batch;
      if (cells[kind] >= 0) return args[at + cells[kind]] || null;
      if (kind === ALLOCATED) return world.scalars[SCALAR.nextOrdinal] - 1;
      if (kind === GREYED || kind === BLACKENED)
        return facts.owners.ownerOf(world, args[at]) || null;
      if (SPECIAL_CELLS[kind] < 0) return null;
      return world.specials.object[args[at + SPECIAL_CELLS[kind]]] || null;
    },
  };
}

/** The type of what an event allocates or defines. */
function typeNode(): Node {
  const names = COLUMNS.get('name')?.cells ?? SITE_CELLS;
  const defined = EVENTS.SiteDefined.tag;
  return {
    ...OF_EVENT,
    ofState: true,
    type: STRING,
    known: (tag) => (SITE_CELLS[tag] >= 0 || tag === defined ? undefined : null),
    read: (moment) => {
      const { kind, batch, at, world } = moment;
      if (kind < 0) return null;
      if (kind === defined) return textOf(moment, 'name', names);
      return SITE_CELLS[kind] < 0
        ? null
        : (world.siteNames[batch.args[at + SITE_CELLS[kind]]] ?? null);
    },
  };
}
