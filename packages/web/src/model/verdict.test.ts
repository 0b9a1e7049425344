import { describe, expect, test } from 'vitest';
import type { Keepers } from '../worker/heap/keepers.ts';
import type { History } from '../worker/jobs/history.ts';
import type { ObjectAnswer } from '../worker/queries/object.ts';
import { verdictOf } from './verdict.ts';

const OBJECT: ObjectAnswer = {
  id: 7,
  state: 'white',
  type: 'main.T',
  addr: '0xc000010000',
  size: 16,
  requested: 16,
  spanClass: 4,
  classText: '',
  born: 20,
  held: false,
  fields: [],
  fieldCount: 0,
  pointerWords: 2,
  specials: [],
  serves: [],
  tinyOfP: -1,
  marking: false,
  cycle: 3,
  unswept: 5,
};
const UNKEPT: Keepers = {
  object: 7,
  event: 100,
  live: 10,
  pointers: 4,
  root: null,
  path: [],
  cut: 0,
  leftOut: 0,
  dominator: null,
  retained: 0,
  rootReferrers: [],
  referrers: [],
  rootReferrerCount: 0,
  referrerCount: 0,
};
const step = (id: number): Keepers['path'][number] => ({ id, type: '', word: 0 });
const HISTORY: History = {
  object: 7,
  born: 20,
  died: 90,
  bornNs: 0,
  entries: [{ event: 50, timeNs: 0, what: 'marked', text: '' }],
  leftOut: 0,
  neighbours: [],
  neighbourCount: 0,
  recordedAddr: '',
};

interface Case {
  readonly says: RegExp;
  readonly object?: Partial<ObjectAnswer>;
  readonly keepers?: Partial<Keepers>;
  readonly history?: Partial<History>;
}

const CASES: readonly Case[] = [
  { object: { state: 'unborn' }, says: /^Not there yet It is allocated by event 20/ },
  { object: { state: 'unborn', born: 0 }, says: /No event of the tape allocates it/ },
  {
    object: { state: 'dead' },
    says: /^Why not free yet\? Cycle 3 did not reach it.*\(5 spans left\)/,
  },
  { object: { state: 'freed' }, says: /^Why free\? A sweep has freed its slot/ },
  {
    object: { state: 'freed' },
    history: {},
    says: /The sweep at event 90 found it white: the last cycle that reached it marked it at event 50/,
  },
  { object: { state: 'freed' }, history: { entries: [] }, says: /no cycle ever reached it/ },
  { says: /^Why alive\? Looking/ },
  { keepers: { root: 'global x', path: [step(7)] }, says: /global x keeps it alive, directly/ },
  {
    keepers: { root: 'global x', path: [step(1), step(7)], leftOut: 4 },
    says: /through 5 objects/,
  },
  { keepers: { root: 'held #7', path: [step(7)] }, says: /The recording holds it/ },
  {
    keepers: {},
    says: /^Why not free yet\? No root leads to it; the next cycle will not reach it/,
  },
  { keepers: { event: 20 }, says: /^Why alive\? It has just been allocated/ },
  { object: { marking: true }, keepers: {}, says: /unless cycle 3 marks it still/ },
  { object: { marking: true, state: 'black' }, keepers: {}, says: /floats until the next cycle/ },
];

describe('in one sentence', () => {
  test.each(CASES)('$says', ({ object, keepers, history, says }) => {
    const { question, answer } = verdictOf({
      object: { ...OBJECT, ...object },
      keepers: keepers && { ...UNKEPT, ...keepers },
      history: history && { ...HISTORY, ...history },
    });
    expect(`${question} ${answer}`).toMatch(says);
  });
});
