/** What can be asked of an object: `#12.color`, `#12[0]`, `global.cache.retained`. */
import { SCALAR, slotOfWord, type World } from '@heaptape/core';
import type { Colour } from '../colour.ts';
import { slotBytesOf } from '../fromtape.ts';
import { NONE } from '../graph/graph.ts';
import { addressOf } from '../objects.ts';
import { spanPageOf } from '../slotowners.ts';
import { kindsOf } from './kinds.ts';
import { ALL_KINDS, combined, eitherKinds, NO_KINDS, type Node } from './node.ts';
import {
  ADDR,
  BOOLEAN,
  BYTES,
  COUNT,
  type Moment,
  OBJECT,
  STRING,
  type Value,
  type ValueType,
} from './values.ts';

/** Events that can change colours, and who lives. */
const COLOURING = kindsOf(
  'ObjectAllocated',
  'SpanAllocated',
  'SpanMarked',
  'ObjectGreyed',
  'ObjectBlackened',
  'GCMarkTerminated',
  'SpanSwept',
  'HeapCompacted',
  'MarkDetailSet',
  'FinalizerQueued',
  'FinalizerStarted',
  'FinalizerSet',
  'FinalizerCleared',
);
const BIRTH = kindsOf('ObjectAllocated');
const PLACE = kindsOf('ObjectAllocated', 'HeapCompacted');
const STORING = eitherKinds(COLOURING, kindsOf('PointerStored'));

interface Attribute {
  readonly type: ValueType;
  readonly doc: string;
  readonly changedBy: Uint8Array;
  read(moment: Moment, ordinal: number): Value;
}

const isBorn = (w: World, ordinal: number): boolean =>
  ordinal > 0 && ordinal < w.scalars[SCALAR.nextOrdinal];

/** The colour of an object; one that a coarse event has come to already, at a place inside that event. */
function colourIn({ world, facts, ahead }: Moment, ordinal: number): Colour {
  return ahead?.get(ordinal) ?? facts.owners.colourOf(world, ordinal);
}

/** Whether an object has its slot; a coarse event may have swept it already. */
const isThere = ({ world, facts, ahead }: Moment, ordinal: number): boolean =>
  ahead?.get(ordinal) !== 'free' && facts.owners.isThere(world, ordinal);

/** An attribute of every object that has been allocated, whether or not it is still there. */
const ofBorn = (
  type: ValueType,
  doc: string,
  changedBy: Uint8Array,
  read: (w: World, ordinal: number) => Value,
): Attribute => ({
  type,
  doc,
  changedBy,
  read: ({ world }, ordinal) => (isBorn(world, ordinal) ? read(world, ordinal) : null),
});

const BITMAP_WORDS = 32;

function isHeld({ world, facts }: Moment, ordinal: number): boolean {
  if (!facts.owners.isThere(world, ordinal)) return false;
  const word = world.objects.wordOf(ordinal);
  const page = spanPageOf(world, word);
  const index = slotOfWord(world, page, word);
  return (world.heldBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
}

/** Bytes that an object retains; 0 where no root leads to it. */
function retained({ world, facts }: Moment, ordinal: number): number {
  const found = facts.graphOf(world);
  const object = found.graph.ordinals.indexOf(ordinal);
  return object === NONE ? 0 : found.retained[object];
}

const colour: Attribute = {
  type: STRING,
  doc: 'white, grey, black or free',
  changedBy: COLOURING,
  read: colourIn,
};

export const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  color: colour,
  colour,
  state: {
    type: STRING,
    doc: 'its colour, or unborn, dead (found dead, not swept yet) or freed',
    changedBy: COLOURING,
    read: (moment, ordinal) => {
      const found = colourIn(moment, ordinal);
      if (found !== 'free') return found;
      if (!isBorn(moment.world, ordinal)) return 'unborn';
      return isThere(moment, ordinal) ? 'dead' : 'freed';
    },
  },
  alive: {
    type: BOOLEAN,
    doc: 'allocated and, as far as the collector knows, not dead',
    changedBy: COLOURING,
    read: (moment, ordinal) => colourIn(moment, ordinal) !== 'free',
  },
  there: {
    type: BOOLEAN,
    doc: 'allocated and not freed by a sweep yet',
    changedBy: COLOURING,
    read: isThere,
  },
  marked: {
    type: BOOLEAN,
    doc: 'grey or black',
    changedBy: COLOURING,
    read: (moment, ordinal) => {
      const found = colourIn(moment, ordinal);
      return found === 'grey' || found === 'black';
    },
  },
  reachable: {
    type: BOOLEAN,
    doc: 'some root leads to it; walks the heap',
    changedBy: ALL_KINDS,
    read: (moment, ordinal) => retained(moment, ordinal) > 0,
  },
  retained: {
    type: BYTES,
    doc: 'what would be free without it; walks the heap',
    changedBy: ALL_KINDS,
    read: retained,
  },
  held: {
    type: BOOLEAN,
    doc: 'a root of its own',
    changedBy: eitherKinds(COLOURING, kindsOf('ObjectReleased')),
    read: isHeld,
  },
  id: ofBorn(COUNT, 'its ordinal', BIRTH, (_, ordinal) => ordinal),
  type: ofBorn(STRING, 'its type', BIRTH, (w, ordinal) => w.siteNames[w.objects.siteOf(ordinal)]),
  class: ofBorn(
    COUNT,
    'its span class',
    BIRTH,
    (w, ordinal) => w.siteClass[w.objects.siteOf(ordinal)],
  ),
  requested: ofBorn(
    BYTES,
    'bytes asked for',
    BIRTH,
    (w, ordinal) => w.siteBytes[w.objects.siteOf(ordinal)],
  ),
  size: ofBorn(BYTES, 'bytes of its slot', BIRTH, (w, ordinal) => {
    const site = w.objects.siteOf(ordinal);
    return slotBytesOf(w.siteClass[site], w.siteBytes[site]);
  }),
  addr: ofBorn(ADDR, 'its address', PLACE, addressOf),
  born: {
    type: COUNT,
    doc: 'the event that allocated it',
    changedBy: NO_KINDS,
    read: ({ facts }, ordinal) => facts.bornOf(ordinal) || null,
  },
  died: {
    type: COUNT,
    doc: 'the event whose sweep freed it; folds the whole tape once',
    changedBy: NO_KINDS,
    read: ({ facts }, ordinal) => facts.diedOf(ordinal) || null,
  },
};

/** The node of `OBJECT.name`; undefined where there is no such attribute. */
export function attributeNode(object: Node, name: string): Node | undefined {
  if (!Object.hasOwn(ATTRIBUTES, name)) return undefined;
  const { type, changedBy, read } = ATTRIBUTES[name];
  const parts = combined([object]);
  const timeless = changedBy === NO_KINDS;
  return {
    ...parts,
    type,
    changedBy: eitherKinds(parts.changedBy, changedBy),
    ofState: parts.ofState || !timeless,
    constant: false,
    grows: false,
    known: (tag) => (object.known(tag) === null ? null : undefined),
    read: (moment) => {
      const ordinal = object.read(moment);
      return typeof ordinal === 'number' ? read(moment, ordinal) : null;
    },
  };
}

/** The node of `OBJECT[index]`: the object that a pointer word leads to. */
export function wordNode(object: Node, index: Node): Node {
  const parts = combined([object, index]);
  return {
    ...parts,
    type: OBJECT,
    changedBy: eitherKinds(parts.changedBy, STORING),
    ofState: true,
    constant: false,
    grows: false,
    known: (tag) => (object.known(tag) === null ? null : undefined),
    read: (moment) => {
      const ordinal = object.read(moment);
      const word = index.read(moment);
      if (typeof ordinal !== 'number' || typeof word !== 'number') return null;
      return pointerIn(moment, ordinal, word);
    },
  };
}

/** The object that word `word` of an object that is there points to; null for nil and for no such word. */
export function pointerIn({ world, facts }: Moment, ordinal: number, word: number): Value {
  if (!facts.owners.isThere(world, ordinal)) return null;
  const first = world.objects.wordOf(ordinal);
  const page = spanPageOf(world, first);
  if ((world.spanClass[page] & 1) === 1 || !Number.isInteger(word) || word < 0) return null;
  const at = first + word;
  if (at >= world.words.length || spanPageOf(world, at) !== page) return null;
  if (slotOfWord(world, page, at) !== slotOfWord(world, page, first)) return null;
  return facts.owners.target(world, world.words[at]) || null;
}
