/**
 * Small traces: one cut down from a large one, and one with every kind of event that the reader knows.
 */
import { entriesOf, parseTrace, printTrace, tableOf, withEntries } from './exectrace.mjs';
import { putUint } from './numbers.mjs';

const NO_THREAD = (1n << 64n) - 1n;

/** A trace with few objects of the one given, and what they refer to: the tables and the rest of the events. */
export function thinned(bytes, keepOneIn) {
  const trace = parseTrace(bytes);
  const pages = new Set();
  const types = new Set();
  let seen = 0;
  const kept = trace.items.map((item) => {
    if (tableOf(item) !== 'events') return item;
    const entries = entriesOf(item).filter(([kind, , number, type]) => {
      const plentiful = kind === 16 || kind === 19 || (kind > 130 && kind < 134);
      if (plentiful) seen += 1;
      if (kind < 131 || kind > 133) return !plentiful || seen % (8 * keepOneIn) === 0;
      const whole = Math.floor(Number(number) / 1024) % 8 === 0;
      if (!whole && seen % keepOneIn !== 0) return false;
      pages.add(Math.floor(Number(number) / 1024));
      if (kind !== 133) types.add(Number(type));
      return true;
    });
    return withEntries(item, entries);
  });
  const covers = (page, length) => {
    for (let i = 0; i < Math.min(length, 64); i += 1) if (pages.has(page + i)) return true;
    return false;
  };
  const items = kept.map((item) => {
    const table = tableOf(item);
    const keep = {
      events: ([kind, , page, length]) =>
        kind < 128 || kind > 130 || covers(Number(page), kind === 130 ? 1 : Number(length)),
      types: ([id]) => types.has(Number(id)),
      stacks: ([, id]) => id <= 12,
      strings: ([, id]) => id <= 60,
    }[table];
    return keep === undefined ? item : withEntries(item, entriesOf(item).filter(keep));
  });
  return printTrace({ ...trace, items });
}

/** A short trace of every kind of event that the reader knows, in a version of the format. */
export function madeTrace(version) {
  const items = [];
  const batch = (gen, m, time, bytes, experiment = 0) =>
    items.push({ experiment, gen, m, time, bytes: Buffer.from(bytes) });
  const text = (value) => [...leb128(value.length), ...Buffer.from(value)];
  const strings = ['GC sweep termination', 'GC mark termination', 'main.f', 'runtime.GC', 'f.go'];
  const M = 12345n;
  let time = 1000;
  for (let gen = 1; gen <= 3; gen += 1) {
    if (version !== '1.23')
      batch(gen, NO_THREAD, time, [50, 8, ...leb128(15_625_000), 51, 5, 6, 7, 8]);
    if (gen === 1)
      batch(gen, NO_THREAD, time, [1, ...leb128(0xc000000000), ...leb128(8192), 8, 24], 1);
    for (let thread = 0n; thread < 2n; thread += 1n) {
      const item = { experiment: 0, gen, m: M + thread, time, bytes: Buffer.from([9]) };
      items.push(withEntries(item, eventsOf(gen, Number(thread))));
    }
    time += 20_000;
    if (version === '1.23') batch(gen, NO_THREAD, time, [8, ...leb128(15_625_000)]);
    batch(gen, NO_THREAD, time, [2, 3, 1, 2, ...leb128(0x400000), 3, 5, 9, 1, 4, 5, 9]);
    const type = (id, size, pointers, name) => [
      id,
      ...leb128(0x500000 + id),
      size,
      pointers,
      ...text(name),
    ];
    batch(gen, NO_THREAD, time, [0, ...type(1, 48, 16, 'main.T'), ...type(2, 8, 0, 'int')], 1);
    const table = strings.flatMap((value, i) => [5, i + 1, ...text(value)]);
    batch(gen, NO_THREAD, time, [4, ...table]);
    if (version === '1.26') items.push({ end: true });
  }
  return printTrace({ head: Buffer.from(`go ${version} trace\0\0\0`), items });
}

function leb128(value) {
  const out = [];
  putUint(out, value);
  return out;
}

/** A generation's events of one of two threads: spans, objects, tiny blocks, a cycle, scheduling. */
function eventsOf(gen, thread) {
  const page = gen * 64 + thread * 16;
  const cycle = (gen - 1) * 2;
  const at = (slot, units) => page * 1024 + slot * units;
  const events = [
    ...(gen === 1
      ? [
          [9, 1, 4, 0],
          [128, 1, page + 8, 1, 5 * 4],
          [131, 1, (page + 8) * 1024, 1],
        ]
      : []),
    [13, 1, thread, 1],
    [25, 1, 20 + thread, M_OF(thread), 2],
    [10, 3, thread, gen],
    [14, 2, 30 + gen * 2 + thread, 1, 1],
    [16, 1, 30 + gen * 2 + thread, 1],
    [129, 1, page, 1, 5 * 2 * 2],
    [129, 1, page + 1, 1, 5 * 2],
    [129, 1, page + 2, 3, 0],
  ];
  for (let slot = 0; slot < 6; slot += 1) events.push([132, 9, at(slot, 6), 1 + (slot % 2)]);
  for (let slot = 0; slot < 3; slot += 1) {
    events.push(
      [132, 9, at(0, 1) + 1024 + slot * 2, 0],
      [132, 1, at(0, 1) + 1024 + slot * 2 + 1, 2],
    );
  }
  events.push([132, 9, (page + 2) * 1024, 2], [37, 5, 1 << 20], [38, 5, 1 << 22]);
  if (thread === 0) {
    events.push(
      [26, 4, 1, 1],
      [29, 4, cycle + 1, 1],
      [27, 4],
      [35, 3, 1],
      [37, 5, 1 << 21],
      [36, 8],
      [26, 900, 2, 1],
      [30, 9, cycle + 2],
      [38, 5, 1 << 23],
      [27, 9],
      [32, 4, 1],
      [133, 1, at(1, 6)],
      [133, 1, at(2, 6)],
      [130, 1, page + 2],
      [33, 4, 8192, 8192],
    );
  }
  events.push([20, 2, 3, 1], [11, 1]);
  return events;
}

const M_OF = (thread) => 12345 + thread;
