/**
 * What live objects are told apart by: mark colours, size classes, ages, types, goroutines.
 *
 * A colouring has rows, as the legend shows them, and says of every live slot to which row it belongs. Types and
 * goroutines can be any number, so those with most bytes have a row each and the others share the last one.
 */
import { SCALAR, sizeClasses, slotBytes, type World } from '@heaptape/core';
import type { Colouring } from '../../model/heapmap.ts';
import type { Session } from '../session.ts';
import type { SlotBits } from './bits.ts';
import type { Owners } from './owners.ts';

/** A row of the legend. */
export interface MapRow {
  /** What stays the same while one moves: `white`, `type 12`. */
  readonly id: string;
  readonly name: string;
}

export interface Colours {
  readonly rows: readonly MapRow[];
  /** Adds the live slots that `bits` has just read (from slot `first` of the span at `page` on) to the rows. */
  count(page: number, first: number, bits: SlotBits, ones: (value: number) => number): void;
  /** Row of a live slot; `bit` is its own in what `bits` has just read. */
  rowOf(page: number, index: number, bits: SlotBits, bit: number): number;
  /** Slots that were counted by row, since this was last emptied. */
  readonly counted: Float64Array;
}

/** Types and goroutines with a row of their own. */
const MOST_ROWS = 11;
const SPAN_IN_USE = 1;

const MARK_ROWS: readonly MapRow[] = [
  { id: 'white', name: 'white' },
  { id: 'grey', name: 'grey' },
  { id: 'black', name: 'black' },
  { id: 'fresh', name: 'black from birth' },
];

function byMark(): Colours {
  const counted = new Float64Array(MARK_ROWS.length);
  return {
    rows: MARK_ROWS,
    counted,
    count: (_page, _first, { live, marked, grey, fresh }, ones) => {
      counted[0] += ones(live & ~marked);
      counted[1] += ones(live & grey);
      counted[2] += ones(live & marked & ~grey & ~fresh);
      counted[3] += ones(live & fresh);
    },
    rowOf: (_page, _index, { marked, grey, fresh }, bit) => {
      if ((marked & bit) === 0) return 0;
      if ((grey & bit) !== 0) return 1;
      return (fresh & bit) === 0 ? 2 : 3;
    },
  };
}

function byClass(w: World): Colours {
  const rows = sizeClasses.map((row): MapRow => {
    const name = row.class === 0 ? 'large objects' : `class ${row.class}: ${row.bytes} B`;
    return { id: `class ${row.class}`, name };
  });
  const counted = new Float64Array(rows.length);
  return {
    rows,
    counted,
    count: (page, _first, { live }, ones) => {
      counted[w.spanClass[page] >> 1] += ones(live);
    },
    rowOf: (page) => w.spanClass[page] >> 1,
  };
}

/** A colouring by the object that is in a slot. */
function byOwner(rows: readonly MapRow[], rowAt: (page: number, index: number) => number): Colours {
  const counted = new Float64Array(rows.length);
  return {
    rows,
    counted,
    count: (page, first, { live }) => {
      for (let rest = live; rest !== 0; rest &= rest - 1) {
        const index = first + 31 - Math.clz32(rest & -rest);
        counted[rowAt(page, index)] += 1;
      }
    },
    rowOf: rowAt,
  };
}

/** Ages of rows: events, each ten times the one before. */
const AGES = [10, 100, 1000, 10_000, 100_000, 1_000_000];

const plain = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

function byAge({ travel, births, owners }: Session): Colours {
  const { event } = travel.position;
  const rows = [...AGES, 0].map((age, i): MapRow => {
    const name = age === 0 ? `${plain(AGES[i - 1])} events or more ago` : `less than ${plain(age)}`;
    return { id: `age ${i}`, name };
  });
  const edges = AGES.map((age) => (age > event ? 0 : births.nextAfter(event - age)));
  return byBirth(rows, edges, owners);
}

/** `starts`: events at which the latest cycles started, the last one first. */
function byCycles(
  { births, owners }: Session,
  starts: readonly { readonly ago: number; readonly event: number }[],
): Colours {
  const rows = starts.map(({ ago }, i): MapRow => {
    const cycles = ago === 1 ? 'cycle' : 'cycles';
    const name = i === 0 ? 'since the last cycle began' : `at most ${ago} ${cycles} before that`;
    return { id: `cycles ${i}`, name };
  });
  rows.push({ id: 'cycles old', name: starts.length === 0 ? 'no cycle yet' : 'before' });
  return byBirth(
    rows,
    starts.map(({ event }) => births.nextAfter(event)),
    owners,
  );
}

/** Rows by ordinal: at or above the first edge, at or above the second, and so on; the last is the rest. */
function byBirth(rows: readonly MapRow[], edges: readonly number[], owners: Owners): Colours {
  return byOwner(rows, (page, index) => {
    const ordinal = owners.of(page, index);
    let row = 0;
    while (row < edges.length && ordinal < edges[row]) row += 1;
    return row;
  });
}

function byType(w: World, owners: Owners, bits: SlotBits): Colours {
  return byRank(w, bits, {
    keyAt: (page, index) => w.objects.siteOf(owners.of(page, index)),
    keys: w.siteCount + 1,
    rowOf: (site) => ({
      id: `type ${site}`,
      name: w.siteNames[site] || (site === 0 ? 'unknown type' : `site ${site}`),
    }),
    others: 'other types',
  });
}

function byGoroutine({ births, owners, travel }: Session, bits: SlotBits): Colours {
  const w = travel.world;
  const indexOf = new Map<number, number>();
  const numbers: number[] = [];
  const keyAt = (page: number, index: number): number => {
    const g = births.goroutineOf(owners.of(page, index));
    let key = indexOf.get(g);
    if (key === undefined) {
      key = numbers.push(g) - 1;
      indexOf.set(g, key);
    }
    return key;
  };
  return byRank(w, bits, {
    keyAt,
    keys: 1024,
    rowOf: (key) => {
      const g = numbers[key];
      return { id: `g ${g}`, name: g === 0 ? 'not known' : `goroutine ${g}` };
    },
    others: 'other goroutines',
  });
}

interface Ranking {
  readonly keyAt: (page: number, index: number) => number;
  /** Keys that are expected. */
  readonly keys: number;
  readonly rowOf: (key: number) => MapRow;
  readonly others: string;
}

function byRank(w: World, bits: SlotBits, { keyAt, keys, rowOf, others }: Ranking): Colours {
  let bytes = new Float64Array(keys);
  eachLive(w, bits, (page, index) => {
    const key = keyAt(page, index);
    if (key >= bytes.length) {
      const larger = new Float64Array(key * 2);
      larger.set(bytes);
      bytes = larger;
    }
    bytes[key] += slotBytes(w, page);
  });
  const most = Array.from(bytes.keys())
    .filter((key) => bytes[key] > 0)
    .sort((a, b) => bytes[b] - bytes[a] || a - b);
  const few = most.length <= MOST_ROWS + 1;
  const shown = few ? most : most.slice(0, MOST_ROWS);
  const ranks = new Uint8Array(bytes.length).fill(shown.length);
  for (const [rank, key] of shown.entries()) ranks[key] = rank;
  const rows = shown.map(rowOf);
  if (!few) rows.push({ id: 'others', name: `${plain(most.length - MOST_ROWS)} ${others}` });
  return byOwner(rows, (page, index) => ranks[keyAt(page, index)]);
}

function eachLive(w: World, bits: SlotBits, take: (page: number, index: number) => void): void {
  for (let page = 0; page < w.pages; page += Math.max(1, w.spanPages[page])) {
    if (w.spanState[page] !== SPAN_IN_USE) continue;
    const words = bits.open(page);
    for (let i = 0; i < words; i += 1) {
      bits.read(i);
      for (let rest = bits.live; rest !== 0; rest &= rest - 1) {
        take(page, i * 32 + 31 - Math.clz32(rest & -rest));
      }
    }
  }
}

export interface ColouringNeeds {
  readonly by: Colouring;
  readonly starts: readonly { readonly ago: number; readonly event: number }[];
}

/** The colouring that somebody asks for. */
export function coloursOf(
  session: Session,
  { by, starts }: ColouringNeeds,
  bits: SlotBits,
): Colours {
  const { owners, travel } = session;
  const { world } = travel;
  if (by === 'mark') return byMark();
  if (by === 'class') return byClass(world);
  owners.look(world, bits, 0, world.pages);
  if (by === 'age') return byAge(session);
  if (by === 'cycles') return byCycles(session, starts);
  return by === 'type' ? byType(world, owners, bits) : byGoroutine(session, bits);
}

/** Whether the collector has marked anything that is not swept. */
export const isMarking = ({ scalars }: World): boolean =>
  scalars[SCALAR.gcphase] !== 0 || scalars[SCALAR.sweeping] === 1;
