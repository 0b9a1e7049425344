import type { HistoryEntry, ObjectHistory, ObjectStep, ObjectView } from '@heaptape/replay';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectText } from './object.ts';

const step = (id: number, word: number | null): ObjectStep => ({
  id,
  addr: `0xc00000${id.toString(16).padStart(4, '0')}`,
  type: `main.T${id}`,
  word,
});

const view = (some: Partial<ObjectView> = {}): ObjectView => ({
  id: 7,
  addr: '0xc000012340',
  type: 'main.node',
  recordedAddr: null,
  size: 48,
  requested: 40,
  spanClass: 10,
  color: 'white',
  root: 'global cache',
  retainers: [step(3, 2), step(7, null)],
  referrers: ['#3 main.T3 word 2'],
  dominator: step(3, null),
  retainedBytes: 3 * 1024 * 1024,
  ...some,
});

const entry = (event: number, what: HistoryEntry['what'], text: string): HistoryEntry => ({
  event,
  timeNs: event * 1000,
  what,
  text,
});

const history = (some: Partial<ObjectHistory> = {}): ObjectHistory => ({
  born: 1200,
  died: 0,
  entries: [entry(1200, 'born', 'ObjectAllocated site=1'), entry(1201, 'named', 'RootStored')],
  leftOut: 0,
  ...some,
});

const FREE = {
  color: 'free',
  size: 0,
  root: null,
  retainers: [],
  referrers: [],
  dominator: null,
  retainedBytes: 0,
} as const;

describe('an object for people', () => {
  test('is a headline, who keeps it, who refers to it, and what happened', () => {
    expect(
      objectText(view(), history(), 100),
    ).toBe(`#7 main.node at 0xc000012340: white, slot of 48 B
born at event 1,200, never freed

kept alive by, on a shortest path:
  global cache
  → #3 main.T3 word 2
  → #7 main.T7
dominator: #3 main.T3
retains: 3.00 MiB

referred to by:
  #3 main.T3 word 2

event     time  what   by
1,200  1.20 ms  born   ObjectAllocated site=1
1,201  1.20 ms  named  RootStored
`);
  });

  test('that only roots keep says so, and where it lay in the recorded process', () => {
    const text = objectText(
      view({
        dominator: null,
        color: 'grey',
        type: '',
        recordedAddr: '0xc25082d2130',
        retainers: [{ ...step(3, 2), type: '' }, step(7, null)],
      }),
      history(),
      100,
    );
    expect(text).toContain(
      '#7 of unknown type at 0xc000012340, 0xc25082d2130 in the recorded process: grey, slot of 48 B\n',
    );
    expect(text).toContain('  → #3 word 2\n');
    expect(text).toContain('dominator: roots only\n');
  });

  test('that is free has its life and no keepers', () => {
    const died = history({
      died: 5000,
      entries: [...history().entries, entry(5000, 'died', 'SpanSwept page=3')],
    });
    const text = objectText(view(FREE), died, 100);
    expect(text).toMatch(/^#7 main\.node at 0xc000012340: no longer there\n/);
    expect(text).toContain('born at event 1,200, freed at event 5,000\n');
    expect(text).not.toMatch(/kept alive|retains|referred/);
    expect(text).toMatch(/5,000 +5\.00 ms +died +SpanSwept page=3\n$/);
  });

  test('that no root leads to says so', () => {
    const unreached = {
      ...FREE,
      color: 'white',
      size: 48,
      referrers: ['#9 main.T9 word 0'],
    } as const;
    const text = objectText(view(unreached), history(), 100);
    expect(text).toContain('\nkept alive by: nothing; no root leads to it\n');
    expect(text).toContain('referred to by:\n  #9 main.T9 word 0\n');
    expect(text).not.toContain('retains');
  });

  test('at the end of a long path shows both ends of it and counts the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (length) => {
        const retainers = Array.from({ length }, (_, i) =>
          step(i + 1, i === length - 1 ? null : i % 7),
        );
        const lines = objectText(view({ retainers }), history(), 100).split('\n');
        const from = lines.indexOf('  global cache') + 1;
        const path = lines.slice(from, lines.indexOf('dominator: #3 main.T3'));
        expect(path.length).toBe(Math.min(length, 41));
        const [first, last] = [path[0], path[path.length - 1]];
        expect(first).toMatch(/^ {2}→ #1 main\.T1( word 0)?$/);
        expect(last).toBe(`  → #${length} main.T${length}`);
        const shown = path.filter((line) => line.startsWith('  → #')).length;
        const more = path.find((line) => line.includes(' more …'));
        const counted = Number((more ?? '0').replace(/\D/g, ''));
        expect(shown + counted).toBe(length);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  test('with many referrers and events shows the first and counts the rest', () => {
    const referrers = Array.from({ length: 100 }, (_, i) => `#${i} main.T word 0`);
    const entries = Array.from({ length: 60 }, (_, i) => entry(i + 1, 'named', 'PointerStored'));
    const text = objectText(view({ referrers }), history({ entries, leftOut: 5000 }), 100);
    expect(text).toContain('  #9 main.T word 0\n  … 90 more\n');
    expect(text).not.toContain('#10 main.T');
    expect(text).toMatch(/\n *40 .*PointerStored\n… 5,020 more events\n$/);
  });

  test('has names that move no cursor', () => {
    const type = 'main.\u001b[2JT\n#8 main.U';
    const retainers = [{ ...step(3, 2), type }, step(7, null)];
    const text = objectText(
      view({ type, root: type, retainers, dominator: retainers[0], referrers: [type] }),
      history(),
      100,
    );
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/^#8/m);
    expect(text.split('main.\\u001b[2JT\\u000a#8 main.U').length).toBe(6);
  });

  test('one event too many is one more event', () => {
    const entries = Array.from({ length: 41 }, (_, i) => entry(i + 1, 'named', 'RootStored'));
    expect(objectText(view(), history({ entries }), 100)).toMatch(/\n… 1 more event\n$/);
  });

  test.each([40, 60, 80])('fits %d columns, as far as tables go', (width) => {
    const entries = [entry(123456, 'named', `PointerStored ${'object=1 '.repeat(20)}`)];
    const text = objectText(view(), history({ entries }), width);
    const table = text.slice(text.indexOf('event'));
    for (const line of table.split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  });
});
