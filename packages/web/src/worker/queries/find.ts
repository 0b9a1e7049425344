/** The object that a text names here: `#12`, an address, or an expression such as `#12[0]` or `root("global x")`. */
import { ordinalOf, parseObjectName } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import type { Query } from '../query.ts';

export interface Found {
  readonly text: string;
  /** 0: nothing was asked for. */
  readonly object: number;
}

const HINT = 'type #12, an address such as 0xc000012340, or an expression such as #12[0]';

export const find: Query<{ readonly text: string }, Found> = ({ travel }, { text }) => {
  if (text === '') return { text, object: 0 };
  if (/^#\d{1,10}$/.test(text)) {
    // An object that is not born yet has a birth to jump to.
    const object = Number(text.slice(1));
    if (travel.facts.bornOf(object) > 0) return { text, object };
    throw new HeaptapeError('not-found', `no event of the tape allocates ${text}`);
  }
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) {
    return { text, object: ordinalOf(travel.world, parseObjectName(text)) };
  }
  const { expression, value } = travel.evaluate(text);
  if (typeof value !== 'number' || value <= 0) {
    throw new HeaptapeError('not-found', `${text} is ${value === null ? 'nil' : String(value)}`);
  }
  if (expression.type.of === 'object') return { text, object: value };
  const isAddress = expression.type.of === 'number' && expression.type.unit === 'addr';
  if (isAddress) return { text, object: ordinalOf(travel.world, { addr: value }) };
  throw new HeaptapeError('bad-usage', `${text} is no object`, HINT);
};
