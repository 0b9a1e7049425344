/**
 * One object here: what it is, where it lies, its pointer words, what is attached to it. What needs the whole
 * graph is another question (`keepers.ts`), what needs the whole tape a job (`jobs/history.ts`).
 */
import { SCALAR, SPECIAL_STATE, sizeClasses, type World } from '@heaptape/core';
import { addressOf, type Value } from '@heaptape/replay';
import type { NamedObject } from '../heap/keepers.ts';
import type { Query } from '../query.ts';
import type { Session } from '../session.ts';
import { slotAround, targetsOf } from '../slots.ts';
import { namedObject, type SpecialView, specialView } from '../specials.ts';

/** `dead`: found dead, and not swept yet. */
export type ObjectState = 'unborn' | 'white' | 'grey' | 'black' | 'dead' | 'freed';

export interface Field extends NamedObject {
  /** Which word of the object holds the pointer. */
  readonly word: number;
}

export interface ObjectAnswer {
  readonly id: number;
  readonly state: ObjectState;
  readonly type: string;
  /** Where it lies, or lay last; empty where that is not known. */
  readonly addr: string;
  /** Bytes of its slot, and as asked for. */
  readonly size: number;
  readonly requested: number;
  /** Go's span class, and what it means. */
  readonly spanClass: number;
  readonly classText: string;
  /** The event that allocated it; 0 where no event of the tape did. */
  readonly born: number;
  /** A root of its own, as objects of recordings are. */
  readonly held: boolean;
  /** Its pointer words that hold something, the first ones; how many do; how many words may. */
  readonly fields: readonly Field[];
  readonly fieldCount: number;
  readonly pointerWords: number;
  readonly specials: readonly SpecialView[];
  /** Specials of other objects that this one serves: as a closure, an argument or a weak handle. */
  readonly serves: readonly SpecialView[];
  /** The P whose current tiny block it is; -1 is none. */
  readonly tinyOfP: number;
  /** Marking is under way; the running or last cycle; spans that it has still to sweep. */
  readonly marking: boolean;
  readonly cycle: number;
  readonly unswept: number;
}

const MOST_FIELDS = 200;
const MOST_SPECIALS = 50;
const PAGE_WORDS_SHIFT = 10;
const NO_PLACE = -0x80000000;

type FieldPart = Pick<ObjectAnswer, 'fields' | 'fieldCount' | 'pointerWords'>;

/** The pointer words of an object that is there. */
function fieldsOf(w: World, id: number): FieldPart {
  const first = w.objects.wordOf(id);
  const slot = slotAround(w, first);
  const page = w.spanOf[first >> PAGE_WORDS_SHIFT] - 1;
  if (slot === null || (w.spanClass[page] & 1) === 1) return NO_FIELDS;
  const pointerWords = Math.floor(w.siteScan[w.objects.siteOf(id)] / 8);
  const end = Math.min(slot.to, w.words.length);
  const holding: number[] = [];
  let fieldCount = 0;
  for (let at = first; at < end; at += 1) {
    if (w.words[at] === 0) continue;
    fieldCount += 1;
    if (holding.length < MOST_FIELDS) holding.push(at);
  }
  const targets = targetsOf(
    w,
    holding.map((at) => w.words[at]),
  );
  const fields = holding.map((at, i) => ({ word: at - first, ...namedObject(w, targets[i]) }));
  return { fields, fieldCount, pointerWords };
}

const NO_FIELDS: FieldPart = { fields: [], fieldCount: 0, pointerWords: 0 };

function specialsOf(w: World, id: number): Pick<ObjectAnswer, 'specials' | 'serves'> {
  const { count, state, object, closure, arg } = w.specials;
  const specials: SpecialView[] = [];
  const serves: SpecialView[] = [];
  for (let special = 1; special <= count; special += 1) {
    if (state[special] === SPECIAL_STATE.gone) continue;
    const list = object[special] === id ? specials : serves;
    const about = list === specials || closure[special] === id || arg[special] === id;
    if (about && list.length < MOST_SPECIALS) list.push(specialView(w, special));
  }
  return { specials, serves };
}

function classText(spanClass: number): string {
  const pointers = (spanClass & 1) === 1 ? 'without pointers' : 'with pointers';
  const size = sizeClasses[spanClass >> 1]?.bytes ?? 0;
  return spanClass < 2 ? `large, ${pointers}` : `slots of ${size} B, ${pointers}`;
}

/** Reads attributes of the expression language, which know of places inside coarse events. */
const attributes =
  ({ travel }: Session, id: number) =>
  (name: string): Value =>
    travel.evaluate(`#${id}.${name}`).value;

export const object: Query<{ readonly object: number }, ObjectAnswer | null> = (
  session,
  { object: id },
) => {
  if (id === 0) return null;
  const { travel } = session;
  const { world: w } = travel;
  const read = attributes(session, id);
  const state = String(read('state')) as ObjectState;
  const born = travel.facts.bornOf(id);
  const isBorn = state !== 'unborn';
  const there = isBorn && state !== 'freed';
  const spanClass = Number(read('class') ?? 0);
  const placed = isBorn && w.objects.wordOf(id) !== NO_PLACE;
  return {
    id,
    state,
    type: String(read('type') ?? ''),
    addr: placed ? `0x${addressOf(w, id).toString(16)}` : '',
    size: Number(read('size') ?? 0),
    requested: Number(read('requested') ?? 0),
    spanClass,
    classText: classText(spanClass),
    born,
    held: there && read('held') === true,
    ...(there ? fieldsOf(w, id) : NO_FIELDS),
    ...specialsOf(w, id),
    tinyOfP: w.tinyBlock.indexOf(id),
    marking: w.scalars[SCALAR.gcphase] === 1,
    cycle: w.control.cycle.n,
    unswept: w.scalars[SCALAR.unswept],
  };
};
