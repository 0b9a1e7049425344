/**
 * Claims about marking and sweeping: concurrent, in three colours, from the roots; and what the program
 * feels of it. Colours are seen in the events: an object that is marked and not yet scanned is grey.
 */
import { configWith, Decider, GO, type Go, pointerTo, structOf } from '@heaptape/core';
import { CELLS, eventRow } from '@heaptape/schema';
import { expect } from 'vitest';
import type { Kit } from '../kit.ts';
import {
  type Claims,
  eventsOf,
  MIB,
  OBJECT,
  OBJECT_SLOT,
  printed,
  realGo,
  recordedCycles,
} from './claims.ts';

const NODE_POINTER = pointerTo('main.node');
const NODE = structOf('main.node', [NODE_POINTER, NODE_POINTER]);

/**
 * The colours that objects turn while a cycle marks: a global leads to A, A to B and C, and nothing to
 * GARBAGE. Recorded at the finest detail, object by object.
 */
function turningColours(): string[] {
  const turns: string[] = [];
  const names = new Map<number, string>();
  const decider = new Decider(
    configWith({ gcPercent: -1, procs: 1, collector: 'classic' }),
    (batch) => {
      for (let i = 0, at = 0; i < batch.count; at += CELLS[batch.kinds[i]] ?? 0, i += 1) {
        const { event, word } = eventRow(batch, i, at);
        if (event === 'ObjectGreyed') turns.push(`${names.get(Number(word))} grey`);
        if (event === 'ObjectBlackened') turns.push(`${names.get(Number(word))} black`);
      }
    },
  );
  const site = decider.defineSite(NODE.size, NODE.size, false, NODE.name);
  const make = (name: string): number => {
    const ordinal = decider.allocate(site);
    decider.storeRoot(names.size, ordinal);
    names.set(decider.world.objects.wordOf(ordinal), name);
    return ordinal;
  };
  const [a, b, c] = [make('A'), make('B'), make('C'), make('GARBAGE')];
  decider.storePointer(a, 0, b);
  decider.storePointer(a, 1, c);
  for (const root of [1, 2, 3]) decider.storeRoot(root, 0);
  decider.setMarkDetail(true);
  decider.collect();
  decider.end();
  return turns;
}

/** A global array that points to so many nodes. */
function buildArray({ rt }: Kit, count: number): void {
  const array = rt.make(NODE_POINTER, count);
  rt.global('nodes').set(array.array);
  for (let i = 0; i < count; i += 1) array.set(i, rt.new(NODE));
}

/** Names of the events of a program that collects as it needs to. */
function busyEvents(t: Kit): string[] {
  const kept = Array.from({ length: 64 }, () => t.g.slot());
  return eventsOf(t, () => {
    for (let i = 0; i < 4096; i += 1) kept[i % 64].set(t.rt.make(GO.byte, 4096 * 15).array);
  }).map(({ event }) => event);
}

export const MARKING: Claims = {
  'marking turns objects from white to grey to black': () => {
    const turns = turningColours();
    const found = ['A grey', 'B grey', 'C grey', 'A black', 'C black', 'B black'];
    expect(turns).toEqual(found);
  },

  'the program runs while the collector marks': () => {
    let names: string[] = [];
    printed((t) => {
      names = busyEvents(t);
    });
    const [start, end] = [names.indexOf('GCStarted'), names.indexOf('GCMarkTerminated')];
    const meanwhile = names.slice(start, end);
    expect(meanwhile.filter((name) => name === 'ObjectAllocated').length).toBeGreaterThan(1);
    expect(meanwhile.filter((name) => name === 'RootStored').length).toBeGreaterThan(1);
    expect(realGo('gc-concurrent-mutation').stdout).toEqual(['nodes 20000 sum 199990000']);
  },

  'marking finds what is referenced and never looks at garbage': () => {
    const lines = printed((t) => {
      t.still();
      const chain = t.rt.global('chain');
      for (let i = 0; i < 10; i += 1) {
        t.call((hold) => {
          const object = hold(t.rt.new(OBJECT));
          object.set(0, chain.get());
          chain.set(object);
        });
      }
      for (let i = 0; i < 1000; i += 1) t.rt.new(OBJECT);
      const marks = eventsOf(t, () => t.rt.GC()).filter(({ event }) => event === 'SpanMarked');
      t.out(
        'marked',
        marks.reduce((sum, { marked }) => sum + Number(marked), 0),
      );
    });
    expect(lines).toEqual(['marked 10']);
  },

  'marking starts from globals and stack frames': () => {
    const lines = printed(function* (t): Go {
      const { rt } = t;
      t.still();
      const wake = rt.makeChan(GO.bool);
      rt.global('wake').set(wake.header);
      const held = (what: string): void => {
        rt.GC();
        t.out(what, t.live(OBJECT_SLOT));
      };
      rt.global('global').set(rt.new(OBJECT));
      held('global');
      rt.go(function* (g): Go {
        g.slot().set(rt.new(OBJECT));
        yield* wake.recv();
      });
      yield;
      held('and a frame');
      rt.global('global').set(null);
      held('a frame');
      yield* wake.send(true);
      yield* t.rest();
      held('none');
    });
    expect(lines).toEqual(['global 1', 'and a frame 2', 'a frame 1', 'none 0']);
    expect(realGo('gc-roots').stdout?.slice(0, 1)).toEqual(['global 1']);
    expect(realGo('gc-roots').stdout?.at(-1)).toBe('without the goroutine 0');
  },

  'what marking has not reached is swept afterwards': () => {
    let swept: readonly [string, number][] = [];
    printed((t) => {
      t.still();
      t.rt.global('kept').set(t.rt.new(OBJECT));
      for (let i = 0; i < 100; i += 1) t.rt.new(OBJECT);
      swept = eventsOf(t, () => t.rt.GC()).map(({ event, freed }) => [event, Number(freed ?? 0)]);
    });
    const names = swept.map(([name]) => name);
    const marked = names.indexOf('GCMarkTerminated');
    const garbage = swept.filter(([name]) => name === 'SpanSwept');
    expect(names.indexOf('SpanSwept', marked)).toBeGreaterThan(marked);
    expect(names.indexOf('SpanSwept')).toBeGreaterThan(marked);
    expect(garbage.reduce((sum, [, freed]) => sum + freed, 0)).toBe(100);
  },

  'pauses are short beside marking': () => {
    const rows = [20, 50, 100, 200, 400].flatMap(recordedCycles);
    const sum = (of: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((total, row) => total + of(row), 0);
    const paused = sum(({ wallNs }) => wallNs.sweepTerm + wallNs.markTerm);
    expect(rows.length).toBeGreaterThan(40);
    expect(paused).toBeGreaterThan(0);
    expect(paused * 5).toBeLessThan(sum(({ wallNs }) => wallNs.mark));
    const short = rows.filter(({ wallNs }) => wallNs.sweepTerm + wallNs.markTerm < 1e6);
    expect(short.length).toBeGreaterThan(rows.length * 0.8);
  },

  'who allocates while the collector marks has to help': () => {
    const helped = [50, 100].flatMap(recordedCycles).filter(({ cpuNs }) => cpuNs.assist > 0);
    expect(helped.length).toBeGreaterThan(10);
    let assistNs = 0;
    printed((t) => {
      buildArray(t, 40_000);
      const advanced = eventsOf(t, () => {
        for (let i = 0; i < 64 * 16; i += 1) t.rt.make(GO.byte, MIB / 16);
      }).filter(({ event }) => event === 'MarkAdvanced');
      assistNs = advanced.reduce((sum, fields) => sum + Number(fields['assistNs']), 0);
    });
    expect(assistNs).toBeGreaterThan(0);
  },
};
