/**
 * One object at one moment: what it is, what colour it has, who keeps it alive, how much hangs on it.
 *
 * Who keeps it alive is a shortest path of pointers from a root. Its dominator is the last object that
 * every path from a root goes through; what it retains is itself and all that it dominates: what would
 * be free if it were gone.
 *
 * Objects that are dead can be asked for as well, in a world that keeps them (`TimelineOptions.keepDead`).
 */
import {
  HEAP_BASE,
  SCALAR,
  SPECIAL_KIND,
  SPECIAL_STATE,
  slotBytes,
  slotOfWord,
  type World,
  wordAlive,
} from '@heaptape/core';
import { HeaptapeError } from '@heaptape/schema';
import { type Colour, colourOfWord } from './colour.ts';
import { slotBytesOf } from './fromtape.ts';
import { dominatorsOf, OUTSIDE } from './graph/dominators.ts';
import { NONE, referrersOf, reverseOf } from './graph/graph.ts';
import { retainingPath, shortestPaths } from './graph/paths.ts';
import { retainedSizes } from './graph/retained.ts';
import { graphOfWorld, WORLD_ROOT_KINDS, type WorldGraph } from './graph/world.ts';
import { addressOf, lastWordOf } from './objects.ts';
import type { RootNames } from './rootnames.ts';

/** An object as a step of a path. */
export interface ObjectStep {
  readonly id: number;
  readonly addr: string;
  readonly type: string;
  /** Index of the 8-byte word that leads to the next step; null in the last. */
  readonly word: number | null;
}

export interface ObjectView {
  readonly id: number;
  readonly addr: string;
  readonly type: string;
  /** Where it lay in the process that was recorded; null where that is not known. */
  readonly recordedAddr: string | null;
  /** Bytes of its slot, and as asked for. */
  readonly size: number;
  readonly requested: number;
  readonly spanClass: number;
  readonly color: Colour;
  /** The root that the shortest path begins at; null where none leads to it. */
  readonly root: string | null;
  /** From the object that the root holds to the object itself; empty where none leads to it. */
  readonly retainers: readonly ObjectStep[];
  /** What points to it directly: roots by name, then objects; the first hundred. */
  readonly referrers: readonly string[];
  readonly dominator: ObjectStep | null;
  /** Bytes that would be free without it, itself included; 0 where nothing keeps it alive. */
  readonly retainedBytes: number;
}

/** How a user names an object: `#12`, or an address such as `0xc000012340`. */
export type ObjectName = { readonly id: number } | { readonly addr: number };

const MOST_REFERRERS = 100;
const SPAN_IN_USE = 1;

/** Reads `#12` or an address. Throws `bad-usage`. */
export function parseObjectName(text: string): ObjectName {
  if (/^#\d+$/.test(text)) return { id: Number(text.slice(1)) };
  if (/^0x[0-9a-f]+$/i.test(text) || /^\d+$/.test(text)) return { addr: Number(text) };
  const hint = 'use #12 for the twelfth allocation, or an address such as 0xc000012340';
  throw new HeaptapeError('bad-usage', `${text} names no object`, hint);
}

/**
 * Ordinal of an object by its name: the object that lies at an address or, where its slot is free, the
 * last one that did. Throws `not-found`.
 */
export function ordinalOf(world: World, name: ObjectName): number {
  const next = world.scalars[SCALAR.nextOrdinal];
  if ('id' in name) {
    if (name.id > 0 && name.id < next) return name.id;
    throw new HeaptapeError(
      'not-found',
      `no object #${name.id}: ${next - 1} were allocated so far`,
    );
  }
  const word = Math.floor((name.addr - HEAP_BASE) / 8);
  const found = word >= 0 && word < world.pages << 10 ? objectAtWord(world, word) : 0;
  if (found > 0) return found;
  throw new HeaptapeError('not-found', `no object at ${hex(name.addr)}`);
}

/** The object that holds a word; where its slot is free, the last one that did; 0 is none. */
function objectAtWord(w: World, word: number): number {
  const page = w.spanOf[word >> 10] - 1;
  const owner = page < 0 ? 0 : newestAt(w, page, word);
  if (owner > 0 && isCurrent(w, owner)) return owner;
  for (let ordinal = w.scalars[SCALAR.nextOrdinal] - 1; ordinal > 0; ordinal -= 1) {
    const site = w.objects.siteOf(ordinal);
    const at = word - lastWordOf(w, ordinal);
    if (at >= 0 && at * 8 < slotBytesOf(w.siteClass[site], w.siteBytes[site])) return ordinal;
  }
  return 0;
}

/** The newest object whose word lies in the slot that holds `word`, in the span at `page`; 0 is none. */
function newestAt(w: World, page: number, word: number): number {
  if (w.spanState[page] !== SPAN_IN_USE) return 0;
  const size = slotBytes(w, page) / 8;
  const start = (page << 10) + slotOfWord(w, page, word) * size;
  for (const ordinal of w.objects.ordinals().reverse()) {
    const at = w.objects.wordOf(ordinal) - start;
    if (at >= 0 && at < size) return ordinal;
  }
  return 0;
}

const hex = (addr: number): string => `0x${addr.toString(16)}`;

/** What the tape says of the recorded program. */
export interface RecordedNames {
  readonly roots: RootNames;
  /** By ordinal; 0 or missing is unknown. */
  readonly addresses: Float64Array;
}

/** The object's own part of the answer, and its graph's. */
export function inspectObject(w: World, ordinal: number, names: RecordedNames): ObjectView {
  const site = w.objects.siteOf(ordinal);
  const colour = colourOf(w, ordinal);
  const word = wordOf(w, ordinal);
  const page = colour === 'free' ? NONE : w.spanAtWord(word);
  const recorded = names.addresses[ordinal] ?? 0;
  return {
    ...stepOf(w, ordinal),
    recordedAddr: recorded === 0 ? null : hex(recorded),
    size: page === NONE ? 0 : slotBytes(w, page),
    requested: w.siteBytes[site],
    spanClass: w.siteClass[site],
    color: colour,
    ...(colour === 'free' ? UNREACHED_PART : keepersOf(w, ordinal, names.roots)),
  };
}

type KeeperPart = Pick<
  ObjectView,
  'root' | 'retainers' | 'referrers' | 'dominator' | 'retainedBytes'
>;

const UNREACHED_PART: KeeperPart = {
  root: null,
  retainers: [],
  referrers: [],
  dominator: null,
  retainedBytes: 0,
};

const wordOf = (w: World, ordinal: number): number => w.objects.wordOf(ordinal);

function stepOf(w: World, ordinal: number): Omit<ObjectStep, 'word'> {
  return {
    id: ordinal,
    addr: hex(addressOf(w, ordinal)),
    type: w.siteNames[w.objects.siteOf(ordinal)],
  };
}

function colourOf(w: World, ordinal: number): Colour {
  return isCurrent(w, ordinal) ? colourOfWord(w, wordOf(w, ordinal)) : 'free';
}

/**
 * Whether an object is the one that lies in its slot, and has not been found dead for good. A newer one
 * may have the slot, or a larger one that covers it, in a span made of the same pages later.
 */
function isCurrent(w: World, ordinal: number): boolean {
  const word = wordOf(w, ordinal);
  if (word < 0 || !(wordAlive(w, word) || hasFinalizer(w, ordinal))) return false;
  return newestAt(w, w.spanAtWord(word), word) === ordinal;
}

/** With a finalizer an object that was found dead lives once more, as soon as its span is swept. */
function hasFinalizer({ specials }: World, ordinal: number): boolean {
  const { count, object, kind, state } = specials;
  for (let special = 1; special <= count; special += 1) {
    if (object[special] !== ordinal || kind[special] !== SPECIAL_KIND.finalizer) continue;
    if (state[special] === SPECIAL_STATE.attached) return true;
  }
  return false;
}

function keepersOf(w: World, ordinal: number, names: RootNames): KeeperPart {
  const graph = graphOfWorld(w);
  const object = graph.ordinals.indexOf(ordinal);
  if (object === NONE) return UNREACHED_PART;
  const reverse = reverseOf(graph);
  const path = retainingPath(graph, shortestPaths(graph), object);
  const dominators = dominatorsOf(graph, reverse);
  const dominator = path === undefined ? OUTSIDE : dominators.dominator[object];
  const above = dominator < 0 ? null : { ...stepOf(w, graph.ordinals[dominator]), word: null };
  const { objects, words, roots } = referrersOf(graph, reverse, object);
  const referrers = [
    ...Array.from(roots, (root) => rootName(w, graph, root, names)),
    ...Array.from(objects, (from, i) => {
      const step = stepOf(w, graph.ordinals[from]);
      const type = step.type === '' ? '' : ` ${step.type}`;
      return `#${step.id}${type} word ${words[i]}`;
    }),
  ];
  return {
    root: path === undefined ? null : rootName(w, graph, path.root, names),
    retainers: (path?.objects ?? []).map((one, i) => ({
      ...stepOf(w, graph.ordinals[one]),
      word: path?.words[i] ?? null,
    })),
    referrers: referrers.slice(0, MOST_REFERRERS),
    dominator: above,
    retainedBytes: path === undefined ? 0 : retainedSizes(graph, dominators)[object],
  };
}

/** What a root is, in words: `global cache`, `root 12`, `held #7`, `tiny block of P 0`. */
export function rootName(w: World, graph: WorldGraph, root: number, names: RootNames): string {
  const index = graph.rootIndex[root];
  switch (WORLD_ROOT_KINDS[graph.rootKind[root]]) {
    case 'root':
      return names.get(index) ?? `root ${index}`;
    case 'held':
      return `held #${index}`;
    case 'special':
      return specialName(w, index);
    default:
      return `tiny block of P ${index}`;
  }
}

function specialName({ specials }: World, special: number): string {
  const queued = specials.state[special] === SPECIAL_STATE.attached ? '' : 'queued ';
  const kind = SPECIAL_NAMES.get(specials.kind[special]) ?? 'special';
  return `${queued}${kind} of #${specials.object[special]}`;
}

const SPECIAL_NAMES: ReadonlyMap<number, string> = new Map([
  [SPECIAL_KIND.finalizer, 'finalizer'],
  [SPECIAL_KIND.weakHandle, 'weak handle'],
  [SPECIAL_KIND.cleanup, 'cleanup'],
]);
