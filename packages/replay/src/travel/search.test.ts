import { EVENT_NAMES, EventBatch, type EventName, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../lang/values.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { eventsOf } from '../tape.testkit.ts';
import { HAPPENINGS, type StopSpec } from './stops.ts';
import { budgets, place, tapes, valuesOf } from './travel.testkit.ts';
import { Travel } from './travel.ts';

/** Conditions over the state, over events, and over both; some only ever turn true once. */
const CONDITIONS = [
  'heapLive > 64KiB',
  'HeapAlloc > 40000 && phase == mark',
  'NumGC >= 2',
  'time > 50us || Mallocs > 20',
  'phase == mark',
  'kind == SpanSwept && event.freed > 1',
  'kind == PointerStored && event.target == #3',
  'kind != ClockAdvanced',
  'event.object == #5 && #5.marked',
  '#4.color == black',
  '!#4.alive',
  'root[0] == #3 || root[1] == nil',
  '#2[0] != nil',
  'greyObjects > 0',
  'finalizersDue > 0',
  'true',
  'false',
];

describe('searches', () => {
  test('for a condition find what looking after every event finds, in both directions', () => {
    fc.assert(
      fc.property(
        tapes(),
        fc.constantFrom(...CONDITIONS),
        place,
        budgets,
        (tape, text, at, budgetBytes) => {
          const holds = valuesOf(tape, (travel) => travel.expressions.condition(text));
          const travel = new Travel(tape, { budgetBytes });
          const from = at % (tape.events + 1);
          travel.at({ event: from, inside: 0 });
          const next = holds.findIndex((value, event) => event > from && value === true);
          const on = travel.runUntil(text);
          expect([on.position.event, on.why]).toEqual(
            next < 0 ? [tape.events, 'end'] : [next, 'there'],
          );
          travel.at({ event: from, inside: 0 });
          const last = holds.findLastIndex(
            (value, event) => event > 0 && event < from && value === true,
          );
          const back = travel.runBackUntil(text);
          expect([back.position.event, back.why]).toEqual(
            last < 0 ? [0, 'start'] : [last, 'there'],
          );
        },
      ),
      { seed: 47, numRuns: 20, endOnFailure: true },
    );
  });

  test('bisecting is the first event of a naive scan, whatever was known of the tape before', () => {
    const methods = new Set<string>();
    fc.assert(
      fc.property(
        tapes(),
        fc.constantFrom(...CONDITIONS),
        fc.array(place, { maxLength: 3 }),
        budgets,
        (tape, text, visited, budgetBytes) => {
          const holds = valuesOf(tape, (travel) => travel.expressions.condition(text));
          const first = holds.findIndex((value, event) => event > 0 && value === true);
          const travel = new Travel(tape, { budgetBytes });
          for (const at of visited) travel.at({ event: at % (tape.events + 1), inside: 0 });
          const { position } = travel;
          const found = travel.bisect(text);
          methods.add(found.method);
          expect(found.event).toBe(first < 0 ? null : first);
          expect(travel.position).toEqual(position);
          if (found.event === null) return;
          travel.at({ event: found.event, inside: 0 });
          expect(found.timeNs).toBe(travel.timeNs);
        },
      ),
      { seed: 48, numRuns: 20, endOnFailure: true },
    );
    expect([...methods].sort()).toEqual(['events', 'halving', 'scan']);
  });

  /** What stops where, told by comparing the states before and after every event. */
  function naiveHits(tape: TapeReader, stop: StopSpec): number[] {
    const values = (text: string): Value[] => valuesOf(tape, (t) => t.expressions.value(text));
    const changes = (all: readonly Value[], test: (a: Value, b: Value) => boolean): number[] =>
      all.flatMap((value, event) => (event > 0 && test(all[event - 1], value) ? [event] : []));
    if (stop.on === 'change') return changes(values(stop.of), (a, b) => a !== b);
    if (stop.on === 'turns') return changes(values(stop.when), (a, b) => a !== true && b === true);
    const rows = eventsOf(tape);
    const wanted = (test: (row: (typeof rows)[number]) => boolean): number[] =>
      rows.filter(test).map(({ seq }) => seq);
    if (stop.on === 'event') return [stop.event];
    if (stop.on === 'kind') return wanted(({ event }) => stop.kinds.includes(event as EventName));
    const colours = (test: (a: Value, b: Value) => boolean): number[] =>
      changes(values(`#${stop.object}.color`), test);
    const marked = (colour: Value): boolean => colour === 'grey' || colour === 'black';
    switch (stop.what) {
      case 'allocated':
        return wanted(({ event }) => event === 'ObjectAllocated').slice(
          stop.object - 1,
          stop.object,
        );
      case 'reached':
        return colours((a, b) => !marked(a) && marked(b));
      case 'greyed':
        return colours((a, b) => a !== b && b === 'grey');
      case 'blackened':
        return colours((a, b) => a !== b && b === 'black');
      case 'dead':
        return colours((a, b) => a !== b && b === 'free');
      case 'freed':
        return changes(values(`#${stop.object}.there`), (a, b) => a === true && b === false);
      case 'moved':
        return changes(values(`#${stop.object}.addr`), (a, b) => a !== null && a !== b);
      case 'changed': {
        const there = values(`#${stop.object}.there`);
        const colour = values(`#${stop.object}.color`);
        const all = colour.map((one, event) => `${one} ${there[event]}`);
        return changes(all, (a, b) => a !== b);
      }
      case 'touched': {
        const names = ['object', 'target', 'handle', 'result', 'arg', 'closure'];
        return wanted((row) => names.some((name) => row[name] === stop.object)).filter(
          (seq) => seq > 0,
        );
      }
    }
  }

  const object = fc.integer({ min: 1, max: 20 });
  /** But `touched`: which specials are of which object only the state tells; that is tried elsewhere. */
  const STATES = HAPPENINGS.filter((what) => what !== 'touched');
  const kinds: EventName[] = ['GCStarted', 'SpanSwept', 'ObjectAllocated', 'RootStored'];
  const stop: fc.Arbitrary<StopSpec> = fc.oneof(
    fc.record({
      on: fc.constant('object' as const),
      object,
      what: fc.constantFrom(...STATES),
    }),
    fc.record({ on: fc.constant('kind' as const), kinds: fc.subarray(kinds, { minLength: 1 }) }),
    fc.record({
      on: fc.constant('change' as const),
      of: fc.constantFrom(
        '#3[0]',
        '#7[1]',
        'root[0]',
        'heapGoal',
        'phase',
        'HeapAlloc',
        'g',
        'NumGC',
      ),
    }),
    fc.record({
      on: fc.constant('turns' as const),
      when: fc.constantFrom('heapLive > 64KiB', 'phase == mark', '#4.alive', 'greyObjects > 2'),
    }),
  );

  test('for breakpoints and watchpoints stop where comparing states event by event does', () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(
        tapes(),
        fc.array(stop, { minLength: 1, maxLength: 3 }),
        place,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 3 }),
        budgets,
        (tape, stops, at, ignored, budgetBytes) => {
          const from = at % (tape.events + 1);
          const armed = stops.map((one, i) => ({ ...one, ignore: ignored[i] }));
          const hits = stops.map((one) => naiveHits(tape, one));
          const stopping = (all: number[][]): [number, number[]] => {
            const first = all.map((some, i) => some[ignored[i]] ?? 0);
            return [0, first];
          };
          const travel = new Travel(tape, { budgetBytes });
          travel.at({ event: from, inside: 0 });
          const [, on] = stopping(hits.map((some) => some.filter((event) => event > from)));
          const next = Math.min(...on.map((event) => event || tape.events + 1));
          const arrival = travel.run(armed);
          expect([arrival.position.event, arrival.why]).toEqual(
            next > tape.events ? [tape.events, 'end'] : [next, 'there'],
          );
          expect(arrival.hits.map((hit) => hit.stop)).toEqual(
            next > tape.events ? [] : onlyAt(hits, ignored, from, next),
          );
          for (const hit of arrival.hits) met.add(stops[hit.stop].on);
          travel.at({ event: from, inside: 0 });
          const [, back] = stopping(
            hits.map((some) => some.filter((event) => event < from).reverse()),
          );
          const last = Math.max(...back);
          const before = travel.runBack(armed);
          expect([before.position.event, before.why]).toEqual(
            last === 0 ? [0, 'start'] : [last, 'there'],
          );
        },
      ),
      { seed: 49, numRuns: 50, endOnFailure: true },
    );
    expect(met.size).toBeGreaterThan(2);
  });

  test('all that happens to an object is met, one after the other, in both directions', () => {
    const met = new Set<string>();
    const some = fc.oneof(
      fc.record({ on: fc.constant('object' as const), object, what: fc.constantFrom(...STATES) }),
      fc.record({
        on: fc.constant('change' as const),
        of: fc.constantFrom('#3[0]', 'root[0]', '#5.held'),
      }),
    );
    fc.assert(
      fc.property(tapes(), fc.array(some, { minLength: 4, maxLength: 8 }), (tape, stops) => {
        const travel = new Travel(tape);
        for (const stop of stops) {
          const hits = naiveHits(tape, stop);
          if (hits.length > 0) met.add(stop.on === 'object' ? stop.what : stop.of);
          travel.at({ event: 0, inside: 0 });
          const on: number[] = [];
          while (travel.run([stop]).why === 'there') on.push(travel.position.event);
          expect(on).toEqual(hits);
          const back: number[] = [];
          while (travel.runBack([stop]).why === 'there') back.push(travel.position.event);
          expect(back.reverse()).toEqual(hits.filter((event) => event < tape.events));
        }
      }),
      { seed: 53, numRuns: 8, endOnFailure: true },
    );
    expect(met.size).toBeGreaterThan(4);
  });

  /** The stops that stop at event `next`, coming from `from`. */
  function onlyAt(hits: number[][], ignored: number[], from: number, next: number): number[] {
    return hits.flatMap((some, i) => {
      const passed = some.filter((event) => event > from && event <= next);
      return passed.at(-1) === next && passed.length > ignored[i] ? [i] : [];
    });
  }

  test('an object is touched by every event that names it, or a special of it', () => {
    let touched = 0;
    fc.assert(
      fc.property(runs(60).map(modelTape), object, (tape, id) => {
        const stops: StopSpec[] = [{ on: 'object', object: id, what: 'touched' }];
        const named = eventsOf(tape).filter((row) =>
          ['object', 'target', 'handle', 'result', 'arg', 'closure'].some(
            (name) => row[name] === id,
          ),
        );
        const travel = new Travel(tape);
        const found: number[] = [];
        while (travel.run(stops).why === 'there') found.push(travel.position.event);
        for (const { seq } of named) expect(found).toContain(seq);
        for (const event of found) {
          const { event: name, special } = travel.eventAt(event);
          if (named.some(({ seq }) => seq === event)) continue;
          expect([name, typeof special]).toEqual([name, 'number']);
        }
        touched += found.length;
      }),
      { seed: 50, numRuns: 15, endOnFailure: true },
    );
    expect(touched).toBeGreaterThan(10);
  });

  test('a condition on a stop, and a place as a stop', () => {
    fc.assert(
      fc.property(tapes(), place, (tape, at) => {
        const event = 1 + (at % tape.events);
        const travel = new Travel(tape);
        expect(travel.run([{ on: 'event', event }]).position.event).toBe(event);
        travel.at({ event: tape.events, inside: 0 });
        if (event < tape.events) {
          expect(travel.runBack([{ on: 'event', event }]).position.event).toBe(event);
        }
        travel.at({ event: 0, inside: 0 });
        const big = travel.run([
          { on: 'kind', kinds: ['ObjectAllocated'], if: 'newest.size > 1000' },
        ]);
        const sizes = valuesOf(tape, (t) => t.expressions.value('newest.size'));
        const born = eventsOf(tape).find(
          (row) => row.event === 'ObjectAllocated' && Number(sizes[row.seq]) > 1000,
        );
        expect(big.position.event).toBe(born?.seq ?? tape.events);
      }),
      { seed: 51, numRuns: 10, endOnFailure: true },
    );
  });

  test('what a watch shows is the value before and after', () => {
    fc.assert(
      fc.property(tapes(), (tape) => {
        const travel = new Travel(tape);
        const values = valuesOf(tape, (t) => t.expressions.value('phase'));
        for (;;) {
          const { why, position, hits } = travel.run([{ on: 'change', of: 'phase' }]);
          if (why !== 'there') return;
          const { event } = position;
          expect(hits).toEqual([
            {
              stop: 0,
              watched: { text: 'phase', before: values[event - 1], after: values[event] },
            },
          ]);
        }
      }),
      { seed: 52, numRuns: 5, endOnFailure: true },
    );
  });

  test('looks at the state only where it must', () => {
    const [run] = fc.sample(runs(60), { seed: 9, numRuns: 1 });
    const tape = modelTape(run);
    const travel = new Travel(tape);
    travel.bisect('kind == GCStarted');
    const scan = travel.bisect('phase == mark');
    const kinds = new EventBatch();
    let changes = 0;
    tape.segments.forEach((_, i) => {
      tape.readSegment(i, kinds);
      for (let event = 0; event < kinds.count; event += 1) {
        if (/^GC(Started|MarkTerminated)$/.test(EVENT_NAMES[kinds.kinds[event]])) changes += 1;
      }
    });
    expect(scan.read).toBeLessThanOrEqual(changes + 1);
  });
});
