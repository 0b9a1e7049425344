/**
 * What differs between two positions of a tape, as a plain value.
 *
 * What can be compared is taken down at the first position, then at the second: every figure that the
 * condition language has a name for, the colour of every object, every root, every goroutine.
 */
import { SCALAR, slotOfWord, type World, wordAlive } from '@heaptape/core';
import { EVENT_NAMES } from '@heaptape/schema';
import { type Colour, colourOfWord } from '../colour.ts';
import { STATE_NAMES } from '../lang/names.ts';
import type { Value } from '../lang/values.ts';
import { spanPageOf } from '../slotowners.ts';
import type { Position } from './position.ts';
import type { Travel } from './travel.ts';

export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

export interface Difference {
  readonly from: Position;
  readonly to: Position;
  /** Events between the two, by kind. */
  readonly events: Readonly<Record<string, number>>;
  /** Figures that differ, by the name they have in conditions. */
  readonly figures: Readonly<Record<string, Change<Value>>>;
  /** How many objects were allocated between the two, whichever comes first. */
  readonly allocated: number;
  /** Objects whose colour differs: the first thousand, and how many there are. */
  readonly objects: readonly (Change<Colour> & { readonly object: number })[];
  readonly objectCount: number;
  /** Roots that lead to another object; 0 is nil. */
  readonly roots: readonly (Change<number> & {
    readonly root: number;
    readonly name: string | null;
  })[];
  readonly goroutines: { readonly started: readonly number[]; readonly ended: readonly number[] };
}

const MOST_OBJECTS = 1000;
const COLOURS: readonly Colour[] = ['free', 'white', 'grey', 'black'];

interface Notes {
  readonly position: Position;
  readonly figures: ReadonlyMap<string, Value>;
  readonly nextOrdinal: number;
  /** By ordinal: index into `COLOURS`. */
  readonly colours: Uint8Array;
  /** By root: the ordinal of what it leads to. */
  readonly roots: readonly number[];
  readonly names: ReadonlyMap<number, string>;
  readonly goroutines: readonly number[];
}

function notesOf(travel: Travel): Notes {
  const moment = travel.moment();
  const { world, facts, ahead } = moment;
  const colours = coloursOf(world);
  for (const [object, colour] of ahead ?? []) colours[object] = COLOURS.indexOf(colour);
  const roots: number[] = [];
  for (let root = 0; root < world.rootCount; root += 1) {
    roots.push(facts.owners.target(world, world.roots[root]));
  }
  const { goroutines } = world;
  return {
    position: travel.position,
    figures: new Map([...STATE_NAMES].map(([name, { read }]) => [name, read(world)])),
    nextOrdinal: world.scalars[SCALAR.nextOrdinal],
    colours,
    roots,
    names: facts.rootNamesAt(moment.seq),
    goroutines: [...goroutines.number.subarray(0, goroutines.rows)].filter((g) => g > 0),
  };
}

/** The colour of every object, by ordinal, as an index into `COLOURS`. */
function coloursOf(w: World): Uint8Array {
  const next = w.scalars[SCALAR.nextOrdinal];
  const colours = new Uint8Array(next);
  const first = new Int32Array(w.pages + 1);
  for (let page = 0; page < w.pages; page += 1) first[page + 1] = first[page] + w.nelems[page];
  const taken = new Uint8Array(first[w.pages]);
  for (let ordinal = next - 1; ordinal > 0; ordinal -= 1) {
    const word = w.objects.wordOf(ordinal);
    const page = spanPageOf(w, word);
    if (page < 0) continue;
    const slot = first[page] + slotOfWord(w, page, word);
    if (taken[slot] === 1) continue;
    taken[slot] = 1;
    if (wordAlive(w, word)) colours[ordinal] = COLOURS.indexOf(colourOfWord(w, word));
  }
  return colours;
}

/** What differs from one position to another. The traveller stays where he is. */
export function differenceBetween(travel: Travel, from: Position, to: Position): Difference {
  const here = travel.position;
  try {
    travel.at(from);
    const before = notesOf(travel);
    travel.at(to);
    return compared(before, notesOf(travel), travel);
  } finally {
    travel.at(here);
  }
}

function compared(before: Notes, after: Notes, travel: Travel): Difference {
  const figures: Record<string, Change<Value>> = {};
  for (const [name, value] of after.figures) {
    const old = before.figures.get(name) ?? null;
    if (old !== value) figures[name] = { before: old, after: value };
  }
  const objects: (Change<Colour> & { object: number })[] = [];
  let objectCount = 0;
  const count = Math.max(before.colours.length, after.colours.length);
  for (let object = 1; object < count; object += 1) {
    const [a, b] = [before.colours[object] ?? 0, after.colours[object] ?? 0];
    if (a === b) continue;
    objectCount += 1;
    if (objects.length < MOST_OBJECTS) {
      objects.push({ object, before: COLOURS[a], after: COLOURS[b] });
    }
  }
  return {
    from: before.position,
    to: after.position,
    events: eventsBetween(before.position.event, after.position.event, travel),
    figures,
    allocated: Math.abs(after.nextOrdinal - before.nextOrdinal),
    objects,
    objectCount,
    roots: rootChanges(before, after),
    goroutines: {
      started: after.goroutines.filter((g) => !before.goroutines.includes(g)),
      ended: before.goroutines.filter((g) => !after.goroutines.includes(g)),
    },
  };
}

function rootChanges(before: Notes, after: Notes): Difference['roots'] {
  const changes: (Change<number> & { root: number; name: string | null })[] = [];
  for (let root = 0; root < Math.max(before.roots.length, after.roots.length); root += 1) {
    const [a, b] = [before.roots[root] ?? 0, after.roots[root] ?? 0];
    const name = after.names.get(root) ?? before.names.get(root) ?? null;
    if (a !== b) changes.push({ root, name, before: a, after: b });
  }
  return changes;
}

function eventsBetween(a: number, b: number, travel: Travel): Record<string, number> {
  const counts: Record<string, number> = {};
  travel.eachEvent(Math.min(a, b) + 1, Math.max(a, b), (kind) => {
    counts[EVENT_NAMES[kind]] = (counts[EVENT_NAMES[kind]] ?? 0) + 1;
    return false;
  });
  return counts;
}
