import { evolve, SCALAR, World } from '@heaptape/core';
import type { EventModel, Operation } from '@heaptape/core/testkit';
import { EVENTS, type EventRow, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourOfWord } from './colour.ts';
import { type HistoryKind, historyOf, type ObjectHistory } from './history.ts';
import { modelAt, modelTape, runs } from './modeltape.testkit.ts';
import { objectsOf } from './objects.ts';
import { eventsOf } from './tape.testkit.ts';
import { eachEvent } from './walk.ts';

/** Fields that hold the ordinal of an object, in any event. */
const ORDINALS = ['object', 'target', 'closure', 'arg', 'handle', 'result'];

/** Events that name each object, by themselves or by one of its specials. */
function naming(rows: readonly EventRow[], { specials }: EventModel): Map<number, number[]> {
  const named = new Map<number, number[]>();
  for (const row of rows) {
    const objects = ORDINALS.map((field) => row[field]).map((value) => Number(value ?? 0));
    if (row['special'] !== undefined) objects.push(specials[Number(row['special'])].object);
    for (const object of new Set(objects)) {
      if (object !== 0) named.set(object, [...(named.get(object) ?? []), row.seq]);
    }
  }
  return named;
}

/** Colours and places of every object as they are after every event, looked at where they may change. */
interface Change {
  readonly seq: number;
  readonly object: number;
  readonly kind: HistoryKind;
}

function changesOf(tape: TapeReader, died: Float64Array): Change[] {
  const w = new World();
  const changes: Change[] = [];
  const colours: string[] = [''];
  const words: number[] = [-1];
  const speaks = new Set<number>(
    [
      EVENTS.SpanMarked,
      EVENTS.ObjectGreyed,
      EVENTS.ObjectBlackened,
      EVENTS.HeapCompacted,
      EVENTS.SpanSwept,
      EVENTS.GCStarted,
      EVENTS.PointerStored,
      EVENTS.RootStored,
    ].map(({ tag }) => tag),
  );
  eachEvent(tape, (kind, batch, at, seq) => {
    evolve(w, kind, batch, at);
    const end = w.scalars[SCALAR.nextOrdinal];
    for (; colours.length < end; ) {
      words.push(w.objects.wordOf(colours.length));
      colours.push(colourOfWord(w, w.objects.wordOf(colours.length)));
    }
    if (!speaks.has(kind)) return;
    for (let object = 1; object < end; object += 1) {
      const word = w.objects.wordOf(object);
      if ((died[object] > 0 && died[object] <= seq) || word < 0) continue;
      const colour = colourOfWord(w, word);
      if (word !== words[object]) changes.push({ seq, object, kind: 'moved' });
      else if (colours[object] === 'white' && colour !== 'white') {
        changes.push({ seq, object, kind: 'marked' });
      } else if (colours[object] === 'grey' && colour === 'black') {
        changes.push({ seq, object, kind: 'scanned' });
      }
      colours[object] = colour;
      words[object] = word;
    }
  });
  return changes;
}

const seqsOf = ({ entries }: ObjectHistory, ...kinds: HistoryKind[]): number[] =>
  entries.filter(({ what }) => kinds.includes(what)).map(({ event }) => event);

/** Some objects of a tape: the first, the last, and others between. */
function some(count: number): number[] {
  const step = Math.max(1, Math.floor(count / 20));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => 1 + i * step);
}

describe('the history of an object', () => {
  test('has its birth, its death, and every event that names, marks, scans or moves it', () => {
    const seen = new Set<HistoryKind>();
    fc.assert(
      fc.property(runs(50), (run) => {
        const tape = modelTape(run);
        const rows = eventsOf(tape);
        const { count, born, died } = objectsOf(tape);
        const names = naming(rows, modelAt(tape, tape.events));
        const changes = changesOf(tape, died);
        for (const object of some(count)) {
          const history = historyOf(tape, object);
          expect([object, history.born, history.died]).toEqual([
            object,
            born[object],
            died[object],
          ]);
          const lives = (seq: number): boolean =>
            seq > born[object] && (died[object] === 0 || seq < died[object]);
          const wanted = new Map<number, HistoryKind>();
          for (const one of changes) if (one.object === object) wanted.set(one.seq, one.kind);
          for (const seq of names.get(object) ?? []) if (lives(seq)) wanted.set(seq, 'named');
          const found = history.entries
            .filter(({ what }) => what !== 'born' && what !== 'died')
            .map(({ event, what }) => [event, what]);
          const sorted = [...wanted].sort(([a], [b]) => a - b);
          expect([object, found]).toEqual([object, sorted]);
          for (const { what } of history.entries) seen.add(what);
        }
      }),
      { seed: 42, numRuns: 20 },
    );
    const all: HistoryKind[] = ['born', 'named', 'marked', 'scanned', 'moved', 'died'];
    expect([...seen].sort()).toEqual(all.sort());
  });

  test('says of every event what the tape says, in order, with the time it had', () => {
    fc.assert(
      fc.property(runs(30), fc.nat(), (run, pick) => {
        const tape = modelTape(run);
        const rows = eventsOf(tape);
        const { count } = objectsOf(tape);
        fc.pre(count > 0);
        const history = historyOf(tape, 1 + (pick % count));
        const world = new World();
        const times: number[] = [0];
        eachEvent(tape, (kind, batch, at) => {
          evolve(world, kind, batch, at);
          times.push(world.scalars[SCALAR.timeNs]);
        });
        let last = 0;
        for (const { event, text, timeNs } of history.entries) {
          expect(event).toBeGreaterThan(last);
          last = event;
          const row = rows[event - 1];
          expect(text.split(' ')[0]).toBe(row.event);
          expect(timeNs).toBe(times[event]);
          for (const word of text.split(' ').slice(1)) {
            const [name, value] = word.split('=');
            expect(String(row[name])).toBe(value);
          }
        }
      }),
      { seed: 43, numRuns: 20 },
    );
  });

  test('of an object that is marked in a cycle tells so once, of one that dies never again', () => {
    fc.assert(
      fc.property(runs(50), (run) => {
        const tape = modelTape({ ...run, operations: [...run.operations, ['gc', 0, 0, 0]] });
        const rows = eventsOf(tape);
        const cycles = rows.filter(({ event }) => event === 'GCStarted').map(({ seq }) => seq);
        const { count } = objectsOf(tape);
        for (const object of some(count)) {
          const history = historyOf(tape, object);
          const marks = seqsOf(history, 'marked');
          for (const [i, start] of cycles.entries()) {
            const end = cycles[i + 1] ?? Number.POSITIVE_INFINITY;
            expect(marks.filter((seq) => seq > start && seq < end).length).toBeLessThanOrEqual(1);
          }
          if (history.died === 0) continue;
          expect(history.entries.at(-1)).toMatchObject({ what: 'died', event: history.died });
          expect(rows[history.died - 1].event).toBe('SpanSwept');
        }
      }),
      { seed: 44, numRuns: 10 },
    );
  });

  test('of something never allocated is empty; a long one is cut and says by how much', () => {
    const [{ config }] = fc.sample(runs(1), { seed: 1, numRuns: 1 });
    const copies = Array.from({ length: 10_020 }, (): Operation => ['copyRoot', 4, 7, 1]);
    const tape = modelTape({ config, operations: [['list', 1, 1, 0], ...copies] });
    expect(historyOf(tape, 999)).toEqual({ born: 0, died: 0, entries: [], leftOut: 0 });
    const { entries, leftOut } = historyOf(tape, 1);
    const naming = eventsOf(tape).filter(({ target, object }) => target === 1 || object === 1);
    expect(entries.length).toBe(10_000);
    expect(leftOut).toBe(1 + naming.length - 10_000);
  });
});
