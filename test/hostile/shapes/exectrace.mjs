/**
 * Execution traces by their structure: taken apart, altered and put together again.
 *
 * A trace is `{ head, items }`. An item is a batch `{ experiment, gen, m, time, bytes, size? }`, where `size` is a
 * length that lies, or `{ end: true }`, the mark behind a generation. A batch's payload is taken apart when it is
 * altered: events `[kind, delta, ...arguments]`, or the entries of a table.
 */
import { ByteReader, EXTREMES, otherNumber, putUint } from './numbers.mjs';

const EVENTS_49 = [
  2, 2, 0, 3, 2, 3, 1, 2, 0, 0, 2, 2, 3, 2, 0, 0, 3, 2, 0, 1, 2, 1, 1, 1, 2, 1, 1, 0, 1, 1, 1, 4, 2,
  3, 3, 4, 2, 2, 3, 4,
];
const ALLOC_FREE = [3, 3, 1, 2, 2, 1, 2, 2, 1];
/** Arguments of each timed event behind its time delta. */
const ARGUMENTS = new Map([
  ...EVENTS_49.map((count, i) => [9 + i, count]),
  ...ALLOC_FREE.map((count, i) => [128 + i, count]),
]);
const TIMED = [...ARGUMENTS.keys()];
const MOST_BYTES = 15_000_000;
const EXPERIMENTAL = 49;
const END = 52;

export function parseTrace(bytes) {
  const reader = new ByteReader(bytes);
  const head = reader.take(Math.min(16, bytes.length));
  const items = [];
  while (!reader.done) {
    const type = reader.byte();
    if (type === END) items.push({ end: true });
    else {
      const experiment = type === EXPERIMENTAL ? reader.byte() : 0;
      const [gen, m, time] = [reader.uint(), reader.uint(), reader.uint()];
      items.push({ experiment, gen, m, time, bytes: reader.take(reader.uint()) });
    }
  }
  return { head, items };
}

export function printTrace({ head, items }) {
  const parts = [head];
  let total = 0;
  for (const item of items) {
    const out = [];
    if (item.end) out.push(END);
    else {
      if (item.experiment === 0) out.push(1);
      else out.push(EXPERIMENTAL, item.experiment);
      for (const value of [item.gen, item.m, item.time]) putUint(out, value);
      putUint(out, item.size ?? item.bytes.length);
    }
    parts.push(Buffer.from(out));
    if (!item.end) parts.push(item.bytes);
    total += item.end ? 1 : item.bytes.length;
    if (total > MOST_BYTES) break;
  }
  return Buffer.concat(parts);
}

/** What a batch holds: the name of its kind of table, or `events`; undefined if that cannot be told. */
export function tableOf({ end, experiment, bytes }) {
  if (end || bytes.length === 0) return undefined;
  if (experiment === 1) return ['types', 'info'][bytes[0]];
  if (experiment !== 0) return undefined;
  const known = { 2: 'stacks', 4: 'strings', 6: 'samples', 8: 'clock', 50: 'sync' }[bytes[0]];
  return known ?? 'events';
}

const ENTRY = {
  events: (reader) => {
    const kind = reader.byte();
    const count = ARGUMENTS.get(kind);
    if (count === undefined) throw new RangeError('no such event');
    return [kind, ...Array.from({ length: count + 1 }, () => reader.uint())];
  },
  strings: (reader) => [reader.byte(), reader.uint(), reader.take(reader.uint())],
  stacks: (reader) => {
    const start = [reader.byte(), reader.uint(), reader.uint()];
    return [...start, ...Array.from({ length: Number(start[2]) * 4 }, () => reader.uint())];
  },
  types: (reader) => [
    ...Array.from({ length: 4 }, () => reader.uint()),
    reader.take(reader.uint()),
  ],
  info: (reader) => [reader.uint()],
  clock: (reader) => [reader.byte(), reader.uint()],
  sync: (reader) => {
    const kind = reader.byte();
    return [kind, ...Array.from({ length: kind === 8 ? 1 : 4 }, () => reader.uint())];
  },
  samples: (reader) => [reader.byte(), ...Array.from({ length: 5 }, () => reader.uint())],
};
/** Tables that begin with a byte of their own. */
const LED = new Set(['stacks', 'strings', 'samples', 'sync', 'types', 'info']);

/** The entries of a batch, as lists of numbers and byte strings. */
export function entriesOf(item) {
  const table = tableOf(item);
  const entries = [];
  if (table === undefined) return entries;
  const reader = new ByteReader(item.bytes, LED.has(table) ? 1 : 0);
  while (!reader.done) entries.push(ENTRY[table](reader));
  return entries;
}

/** A batch like `item` with these entries. */
export function withEntries(item, entries) {
  const table = tableOf(item);
  const out = LED.has(table) ? [item.bytes[0]] : [];
  for (const entry of entries) {
    // The number of an event is a byte, whatever its value.
    if (table === 'events') out.push(Number(entry[0]) & 255);
    for (const value of table === 'events' ? entry.slice(1) : entry) {
      if (typeof value === 'number' || typeof value === 'bigint') putUint(out, value);
      else {
        putUint(out, value.lie ?? value.length);
        for (const byte of value) out.push(byte);
      }
    }
    if (out.length > 1 << 20) break;
  }
  return { ...item, bytes: Buffer.from(out) };
}

const batches = (items) => items.filter(({ end }) => !end);
const pick = (list, draw) => list[draw(list.length)];

/** Replaces one batch whose table is among `tables` by what `alter` makes of its entries. */
function alterEntries(trace, draw, tables, alter) {
  const places = trace.items.flatMap((item, i) => (tables.includes(tableOf(item)) ? [i] : []));
  if (places.length === 0) return trace;
  const at = pick(places, draw);
  const entries = entriesOf(trace.items[at]);
  if (entries.length === 0) return trace;
  const items = trace.items.slice();
  items[at] = withEntries(items[at], alter(entries, items[at]));
  return { ...trace, items };
}

const OF_TABLES = ['strings', 'stacks', 'types', 'info', 'clock', 'sync'];

function alterNumber(entries, draw) {
  const copy = entries.slice();
  const at = draw(copy.length);
  const entry = copy[at].slice();
  const other = pick(copy, draw);
  const cell = draw(entry.length);
  if (entry[cell] instanceof Uint8Array) {
    const text = Buffer.from(entry[cell]);
    if (draw(2) === 0) text.lie = pick(EXTREMES, draw);
    else if (text.length > 0) text[draw(text.length)] = draw(256);
    entry[cell] = text;
  } else {
    const numbers = other.filter((value) => !(value instanceof Uint8Array));
    entry[cell] = otherNumber(entry[cell], draw, numbers);
  }
  copy[at] = entry;
  return copy;
}

function moved(list, draw) {
  const copy = list.slice();
  const [one] = copy.splice(draw(copy.length), 1);
  copy.splice(draw(copy.length + 1), 0, one);
  return copy;
}

function withoutRange(list, draw) {
  const from = draw(list.length);
  return [...list.slice(0, from), ...list.slice(from + 1 + draw(8))];
}

function repeatedRange(list, draw) {
  const from = draw(list.length);
  const range = list.slice(from, from + 1 + draw(8));
  const to = draw(list.length + 1);
  return [...list.slice(0, to), ...range, ...list.slice(to)];
}

/** A made-up event of a random kind, with arguments from all over. */
function madeUp(entries, draw) {
  const kind = pick(TIMED, draw);
  const numbers = pick(entries, draw).slice(1);
  const args = Array.from({ length: ARGUMENTS.get(kind) + 1 }, () => otherNumber(1, draw, numbers));
  return [kind, ...args];
}

/** Cuts an event batch in two, whose second half begins when the first ends. */
function split(trace, draw) {
  const places = trace.items.flatMap((item, i) => (tableOf(item) === 'events' ? [i] : []));
  if (places.length === 0) return trace;
  const at = pick(places, draw);
  const item = trace.items[at];
  const entries = entriesOf(item);
  const cut = draw(entries.length + 1);
  const passed = entries.slice(0, cut).reduce((sum, [, delta]) => sum + BigInt(delta), 0n);
  const first = withEntries(item, entries.slice(0, cut));
  const time = BigInt.asUintN(64, BigInt(item.time) + (draw(4) === 0 ? 0n : passed));
  const second = { ...withEntries(item, entries.slice(cut)), time };
  return { ...trace, items: trace.items.toSpliced(at, 1, first, second) };
}

/** Joins an event batch and the next one of its thread. */
function joined(trace, draw) {
  const places = trace.items.flatMap((item, i) => (tableOf(item) === 'events' ? [i] : []));
  const at = places.length === 0 ? 0 : pick(places, draw);
  const { m } = trace.items[at] ?? {};
  const next = trace.items.findIndex(
    (item, i) => i > at && item.m === m && tableOf(item) === 'events',
  );
  if (next < 0) return trace;
  const both = [...entriesOf(trace.items[at]), ...entriesOf(trace.items[next])];
  const items = trace.items.slice();
  items[at] = withEntries(items[at], both);
  return { ...trace, items: items.toSpliced(next, 1) };
}

function alterBatch(trace, draw) {
  const items = trace.items.slice();
  const at = draw(items.length);
  const item = { ...items[at] };
  if (item.end) return { ...trace, items: items.toSpliced(at, 1) };
  const field = ['gen', 'm', 'time', 'size', 'experiment'][draw(5)];
  const others = batches(items).map((other) => other[field] ?? 0);
  if (field === 'experiment') item.experiment = draw(4);
  else item[field] = otherNumber(item[field] ?? item.bytes.length, draw, others);
  items[at] = item;
  return { ...trace, items };
}

/** The items of each generation, in the order of the file. */
function generations(items) {
  const list = [];
  let gen;
  for (const item of items) {
    if (!item.end && item.gen !== gen) {
      list.push([]);
      gen = item.gen;
    }
    list.at(-1)?.push(item);
  }
  return list;
}

function alterGenerations(trace, draw) {
  const list = generations(trace.items);
  if (list.length === 0) return trace;
  const kind = draw(5);
  let changed = list;
  if (kind === 0) changed = withoutRange(list, draw);
  else if (kind === 1) changed = repeatedRange(list, draw);
  else if (kind === 2) changed = moved(list, draw);
  else if (kind === 3) changed = list.map((items) => items.filter(({ end }) => !end));
  const step = kind === 4 ? pick(EXTREMES, draw) : undefined;
  const renumber = draw(2) === 0 || kind === 4;
  const items = changed.flatMap((part, i) =>
    renumber ? part.map((item) => (item.end ? item : { ...item, gen: step ?? i + 1 })) : part,
  );
  return { ...trace, items };
}

const VERSIONS = ['1.21', '1.22', '1.23', '1.25', '1.26', '1.27', '1.1e', '1.-5'];

/** What can be done to a trace. */
const ALTERATIONS = {
  dropBatches: (trace, draw) => ({ ...trace, items: withoutRange(trace.items, draw) }),
  repeatBatches: (trace, draw) => ({ ...trace, items: repeatedRange(trace.items, draw) }),
  moveBatch: (trace, draw) => ({ ...trace, items: moved(trace.items, draw) }),
  alterBatch,
  splitBatch: split,
  joinBatches: joined,
  alterGenerations,
  spliceTrace: (trace, draw, other) => ({
    ...trace,
    items: [
      ...trace.items.slice(0, draw(trace.items.length)),
      ...other.items.slice(draw(other.items.length)),
    ],
  }),
  alterVersion: (trace, draw) => ({
    ...trace,
    head: Buffer.from(`go ${pick(VERSIONS, draw)} trace\0\0\0`),
  }),
  alterArgument: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => alterNumber(entries, draw)),
  alterArguments: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => {
      let changed = entries;
      for (let i = draw(30); i >= 0; i -= 1) changed = alterNumber(changed, draw);
      return changed;
    }),
  alterKind: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => {
      const at = draw(entries.length);
      return entries.with(at, [pick(TIMED, draw), ...entries[at].slice(1)]);
    }),
  dropEvents: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => withoutRange(entries, draw)),
  repeatEvents: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => repeatedRange(entries, draw)),
  moveEvent: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => moved(entries, draw)),
  reverseEvents: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => entries.toReversed()),
  insertEvent: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) =>
      entries.toSpliced(draw(entries.length + 1), 0, madeUp(entries, draw)),
    ),
  /** Very many events of one kind, each with the next number: goroutines, objects, spans. */
  flood: (trace, draw) =>
    alterEntries(trace, draw, ['events'], (entries) => {
      const at = draw(entries.length);
      const model = entries[at];
      const cell = 2 + draw(Math.max(1, model.length - 2));
      const step = BigInt([1, 1, 2, 1024, 65536][draw(5)]);
      const count = Math.min(1 + draw(4000), Math.floor(60_000 / (model.length * 4)));
      const from = BigInt(model[cell] ?? 0);
      const many = Array.from({ length: count }, (_, i) =>
        cell < model.length ? model.with(cell, BigInt.asUintN(64, from + step * BigInt(i))) : model,
      );
      return [...entries.slice(0, at), ...many, ...entries.slice(at)].slice(0, 8000);
    }),
  alterTable: (trace, draw) =>
    alterEntries(trace, draw, OF_TABLES, (entries) => alterNumber(entries, draw)),
  dropFromTable: (trace, draw) =>
    alterEntries(trace, draw, OF_TABLES, (entries) => withoutRange(entries, draw)),
  repeatInTable: (trace, draw) =>
    alterEntries(trace, draw, OF_TABLES, (entries) => repeatedRange(entries, draw)),
};

const parsed = new WeakMap();

function parseOnce(bytes) {
  let trace = parsed.get(bytes);
  if (trace === undefined) {
    trace = parseTrace(bytes);
    parsed.set(bytes, trace);
  }
  return trace;
}

/** Alterations of bytes, as `mutate.mjs` has them. What is no trace any more stays as it is. */
export const TRACE_KINDS = Object.entries(ALTERATIONS).map(([name, alter]) => {
  const kind = (bytes, draw, others) => {
    try {
      const trace = parseOnce(bytes);
      if (trace.items.length === 0) return bytes;
      return printTrace(alter(trace, draw, parseOnce(pick(others, draw))));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return bytes;
    }
  };
  return Object.defineProperty(kind, 'name', { value: name });
});
