import { readMemStats, SCALAR, slotBytes, slotOfWord, type World } from '@heaptape/core';
import { configs, programs } from '@heaptape/core/testkit';
import { type Colour, type Position, Travel } from '@heaptape/replay';
import { EVENTS } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLOURINGS, type Colouring } from '../../model/heapmap.ts';
import { SourceReader, type TapeSource } from '../../wire/source.ts';
import { type HeapMapArgs, type HeapMapView, heapmap } from '../queries/heapmap.ts';
import { Session } from '../session.ts';
import { programSource } from '../source.testkit.ts';
import { Births } from './births.ts';

const FAR: HeapMapArgs = {
  rows: 16,
  perRow: 0,
  top: 0,
  width: 400,
  by: 'mark',
  starts: [],
  selected: 0,
  turn: 0,
};
/** So near that slots are seen, with rows enough for the whole heap. */
const NEAR: HeapMapArgs = { ...FAR, rows: 1 << 20, perRow: 8192 };

const sources = fc
  .tuple(configs(), programs(60))
  .map(([config, operations]) => programSource(config, operations));

/** Some place on the tape, in the midst of marking or sweeping if it can be, and inside an event where `inner` says so. */
function placed(source: TapeSource, pick: number, inner: boolean): Session {
  const session = new Session(source);
  const { travel } = session;
  travel.at({ event: pick % (travel.reader.events + 1), inside: 0 });
  if (pick % 4 > 0) travel.runUntil('phase == "_GCmark"');
  if (pick % 4 > 0) travel.step('event', pick % 97);
  if (pick % 4 === 2) travel.runUntil('event.kind == GCMarkTerminated');
  if (inner) travel.step('micro');
  return session;
}

const rowIds = ({ rows }: HeapMapView): string[] => rows.map(({ id }) => id);

function live(w: World, colourOf: (object: number) => Colour): Map<number, Colour> {
  const found = new Map<number, Colour>();
  for (let object = 1; object < w.scalars[SCALAR.nextOrdinal]; object += 1) {
    const colour = colourOf(object);
    if (colour !== 'free') found.set(object, colour);
  }
  return found;
}

/** Colours at a place by what replay says of each object. */
function coloursAt({ travel }: Session): Map<number, Colour> {
  const { ahead, facts } = travel.moment();
  return live(
    travel.world,
    (object) => ahead?.get(object) ?? facts.owners.colourOf(travel.world, object),
  );
}

/** The row of every live object that a near view shows. */
function shown(view: HeapMapView): Map<number, string> {
  const ids = rowIds(view);
  const found = new Map<number, string>();
  view.slots?.row.forEach((row, slot) => {
    if (row >= view.base) found.set(view.slots?.object[slot] ?? 0, ids[row]);
  });
  return found;
}

describe('the heap map', () => {
  test('shows every live object in the colour that replay says it has, wherever one stands', () => {
    fc.assert(
      fc.property(sources, fc.nat(), fc.boolean(), (source, pick, inner) => {
        const session = placed(source, pick, inner);
        const view = heapmap(session, NEAR);
        const plain = new Map(
          [...shown(view)].map(([at, id]) => [at, id.replace('fresh', 'black')]),
        );
        expect(plain).toEqual(coloursAt(session));
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  test('says of black objects whether they were allocated so', () => {
    let fresh = 0;
    fc.assert(
      fc.property(sources, fc.nat(), (source, pick) => {
        const session = placed(source, pick, false);
        const { travel, births } = session;
        let start = travel.position.event;
        while (start > 0 && travel.kindAt(start) !== EVENTS.GCStarted.tag) start -= 1;
        for (const [object, id] of shown(heapmap(session, NEAR))) {
          if (id !== 'black' && id !== 'fresh') continue;
          expect(id === 'fresh').toBe(births.bornOf(object) > start);
          if (id === 'fresh') fresh += 1;
        }
      }),
      { seed: 42, numRuns: 25 },
    );
    expect(fresh).toBeGreaterThan(0);
  });

  test.each(COLOURINGS)('counts every page once, far and near alike, by %s', (by: Colouring) => {
    fc.assert(
      fc.property(sources, fc.nat(), fc.boolean(), (source, pick, inner) => {
        const session = placed(source, pick, inner);
        const starts = [{ ago: 1, event: Math.floor(session.travel.position.event / 2) }];
        const view = heapmap(session, { ...FAR, by, starts });
        const { world } = session.travel;
        const sum = view.rows.reduce((bytes, row) => bytes + row.bytes, 0);
        expect(sum).toBe(world.pages * 8192);
        const objects = coloursAt(session);
        const alive = view.rows.slice(view.base);
        expect(alive.reduce((count, row) => count + row.count, 0)).toBe(objects.size);
        expect(view.ready).toBe(1);
        const near = heapmap(session, { ...NEAR, by, starts });
        expect(near.rows).toEqual(view.rows);
        const byRow = new Map<string, number>();
        for (const id of shown(near).values()) byRow.set(id, (byRow.get(id) ?? 0) + 1);
        for (const { id, count } of alive) expect(byRow.get(id) ?? 0).toBe(count);
      }),
      { seed: 42, numRuns: 10 },
    );
  });

  test('has the figures of pages that MemStats has', () => {
    fc.assert(
      fc.property(sources, fc.nat(), (source, pick) => {
        const session = placed(source, pick, false);
        const w = session.travel.world;
        const { HeapReleased, HeapIdle, HeapInuse } = readMemStats(w);
        const view = heapmap(session, FAR);
        const bytes = Object.fromEntries(view.rows.map((row) => [row.id, row.bytes]));
        expect(bytes['released']).toBe(HeapReleased);
        expect(bytes['released'] + bytes['idle']).toBe(HeapIdle);
        expect(bytes['stack']).toBe(w.scalars[SCALAR.stackInUse]);
        const inUse = view.rows.filter(({ id }) => !['released', 'idle', 'stack'].includes(id));
        expect(inUse.reduce((sum, row) => sum + row.bytes, 0)).toBe(HeapInuse);
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  test('names types and goroutines, and puts objects where they are', () => {
    fc.assert(
      fc.property(sources, fc.nat(), (source, pick) => {
        const session = placed(source, pick, false);
        const w = session.travel.world;
        const view = heapmap(session, { ...NEAR, by: 'type' });
        const { spans, slots } = view;
        if (slots === null) throw new Error('the slots are missing');
        spans.page.forEach((page, i) => {
          for (let at = spans.firstSlot[i]; at < spans.firstSlot[i + 1]; at += 1) {
            const object = slots.object[at];
            if (object === 0) continue;
            const word = w.objects.wordOf(object);
            expect(w.spanAtWord(word)).toBe(page);
            expect(slotOfWord(w, page, word)).toBe(at - spans.firstSlot[i]);
            expect(slots.site[at]).toBe(w.objects.siteOf(object));
            if (slots.row[at] < view.base) continue;
            const { selected } = heapmap(session, { ...FAR, selected: object });
            const from = page * 8192 + (at - spans.firstSlot[i]) * slotBytes(w, page);
            expect(selected).toEqual({ from, to: from + slotBytes(w, page) });
            break;
          }
        });
      }),
      { seed: 42, numRuns: 8 },
    );
  });

  test('shows the same wherever one comes from', () => {
    fc.assert(
      fc.property(sources, fc.array(fc.nat(), { minLength: 2, maxLength: 8 }), (source, picks) => {
        const session = new Session(source);
        for (const pick of picks) {
          const position = { event: pick % (session.travel.reader.events + 1), inside: 0 };
          session.travel.at(position);
          const fresh = new Session(source);
          fresh.travel.at(position);
          const args = { ...(pick % 3 === 0 ? FAR : NEAR), by: COLOURINGS[pick % 6] };
          expect(heapmap(session, args)).toEqual(heapmap(fresh, args));
        }
      }),
      { seed: 42, numRuns: 12 },
    );
  });

  test('does not move the session', () => {
    const session = placed(someSource(), 300, true);
    const before: Position = session.travel.position;
    for (const by of COLOURINGS) heapmap(session, { ...NEAR, by });
    expect(session.travel.position).toEqual(before);
  });
});

const someSource = (): TapeSource => fc.sample(sources, { seed: 7, numRuns: 1 })[0];

test('births are where the events are', () => {
  fc.assert(
    fc.property(sources, (source) => {
      const reader = new SourceReader(source);
      const births = new Births(reader);
      const travel = new Travel(reader);
      let next = 1;
      let running = 0;
      const goroutines: number[] = [0];
      for (let seq = 1; seq <= reader.events; seq += 1) {
        const row = travel.eventAt(seq);
        if (row.event === 'ProcSwitched') running = Number(row['g']);
        if (row.event === 'ObjectAllocated') {
          expect(births.bornOf(next)).toBe(seq);
          goroutines.push(running);
          next += 1;
        }
        expect(births.nextAfter(seq)).toBe(next);
      }
      expect(births.nextAfter(0)).toBe(1);
      expect(births.bornOf(next)).toBe(0);
      expect(births.readGoroutines(next)).toBe(1);
      expect(goroutines.map((_, object) => births.goroutineOf(object))).toEqual(goroutines);
    }),
    { seed: 42, numRuns: 10 },
  );
});
