/**
 * Moves: where the page may ask to go, as plain values, and the way there.
 *
 * A place in words is an event number, `120.3`, `start`, `end`, `+5`, `-5`, `cycle:3` (the end of its
 * marking), `born #12`, or `died #12`.
 */
import {
  type Arrival,
  ordinalOf,
  type Position,
  parseObjectName,
  parsePosition,
  positionOf,
  type StepUnit,
  type Travel,
} from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import type { Task } from './serve.ts';

export type Move =
  | { readonly go: 'at'; readonly position: Position }
  | {
      readonly go: 'step';
      readonly unit: StepUnit;
      readonly count: number;
      readonly back: boolean;
    }
  /** To the next or last event after which a condition holds. */
  | { readonly go: 'until'; readonly condition: string; readonly back: boolean }
  /** To a place in words. */
  | { readonly go: 'place'; readonly text: string };

type OnProgress = Task['onProgress'];

/** Goes there. What stops it on the way leaves the traveller at a whole event. */
export function move(travel: Travel, to: Move, onProgress: OnProgress): Arrival['why'] {
  try {
    return went(travel, to, onProgress);
  } catch (error) {
    travel.at({ event: travel.position.event, inside: 0 });
    throw error;
  }
}

function went(travel: Travel, to: Move, onProgress: OnProgress): Arrival['why'] {
  switch (to.go) {
    case 'at':
      travel.at(to.position, onProgress);
      return 'there';
    case 'step':
      return (to.back ? travel.stepBack(to.unit, to.count) : travel.step(to.unit, to.count)).why;
    case 'until':
      return (
        to.back
          ? travel.runBackUntil(to.condition, onProgress)
          : travel.runUntil(to.condition, onProgress)
      ).why;
    case 'place':
      travel.at(placeOf(travel, to.text), onProgress);
      return 'there';
  }
}

const HINT = 'use an event number, start, end, +5, -5, cycle:3, born #12 or died #12';

/** The position that a text names. Throws `bad-usage` or `not-found`. */
function placeOf(travel: Travel, text: string): Position {
  const words = text.trim();
  const { reader, position } = travel;
  if (words === 'start') return { event: travel.begin, inside: 0 };
  if (words === 'end' || words.startsWith('cycle:')) {
    return { event: positionOf(reader, words), inside: 0 };
  }
  if (/^[+-]\d+$/.test(words)) {
    const event = Math.min(reader.events, Math.max(travel.begin, position.event + Number(words)));
    return { event, inside: 0 };
  }
  const life = /^(born|died)\s+(\S+)$/.exec(words);
  if (life !== null) return lifeOf(travel, life[2], life[1] === 'born');
  if (!/^[\d.]+$/.test(words)) throw new HeaptapeError('bad-usage', `'${words}' is no place`, HINT);
  const at = parsePosition(words);
  if (at.event <= reader.events) return at;
  throw new HeaptapeError('not-found', `no event ${at.event}: the tape has ${reader.events}`);
}

function lifeOf({ facts, world }: Travel, name: string, born: boolean): Position {
  const parsed = parseObjectName(name);
  const object = 'id' in parsed ? parsed.id : ordinalOf(world, parsed);
  const event = born ? facts.bornOf(object) : facts.diedOf(object);
  if (event > 0) return { event, inside: 0 };
  const what = born ? 'allocates' : 'frees';
  throw new HeaptapeError('not-found', `no event of the tape ${what} #${object}`);
}
