/**
 * Goroutines here, with their stacks and what their slots hold; globals and other roots.
 *
 * A tape says which goroutine the events come from, on which P, how large stacks are, and what roots are
 * called. It does not say what a goroutine that does not run waits for.
 */
import { HEAP_BASE, SCALAR, type World } from '@heaptape/core';
import type { RootNames } from '@heaptape/replay';
import { EVENTS } from '@heaptape/schema';
import type { NamedObject } from '../heap/keepers.ts';
import type { Query } from '../query.ts';
import type { Session } from '../session.ts';
import { targetsOf } from '../slots.ts';
import { namedObject } from '../specials.ts';

export interface RootView {
  readonly root: number;
  readonly name: string;
  readonly object: NamedObject;
}

export interface GoroutineView {
  readonly g: number;
  readonly running: boolean;
  /** The P it ran on last, and the event since which or until which it did, among the latest events; -1, 0: not there. */
  readonly p: number;
  readonly lastRan: number;
  /** Bytes of its stack and of that in use; its address. */
  readonly stack: number;
  readonly used: number;
  readonly addr: string;
  readonly roots: readonly RootView[];
  readonly rootCount: number;
}

export interface GoroutinesAnswer {
  /** Whether the tape tells of goroutines and stacks at all. */
  readonly known: boolean;
  /** The goroutine and the P that run; 0 is unknown. */
  readonly running: number;
  readonly p: number;
  readonly goroutines: readonly GoroutineView[];
  readonly count: number;
  /** Goroutines of the runtime itself, and the bytes of their stacks. */
  readonly own: number;
  readonly ownStacks: number;
  /** Roots that belong to no goroutine; the first ones, and how many hold something. */
  readonly others: readonly RootView[];
  readonly otherCount: number;
  /** Objects that are roots of their own. */
  readonly held: number;
  /** How many events back was looked for who ran. */
  readonly lookedBack: number;
}

const MOST_GOROUTINES = 300;
const MOST_ROOTS_EACH = 60;
const MOST_OTHERS = 300;
const LOOK_BACK = 20_000;
const OF_GOROUTINE = /^goroutine (\d+) /;

interface Holding {
  readonly root: number;
  readonly name: string;
}

/** Roots that hold something, by goroutine; 0 for the others. Of each the first ones, and how many. */
function rootsBy(
  w: World,
  names: RootNames,
): ReadonlyMap<number, { shown: Holding[]; count: number }> {
  const found = new Map<number, { shown: Holding[]; count: number }>();
  for (let root = 0; root < w.rootCount; root += 1) {
    if (w.roots[root] === 0) continue;
    const name = names.get(root) ?? `root ${root}`;
    const g = Number(OF_GOROUTINE.exec(name)?.[1] ?? 0);
    const list = found.get(g) ?? { shown: [], count: 0 };
    found.set(g, list);
    list.count += 1;
    const most = g === 0 ? MOST_OTHERS : MOST_ROOTS_EACH;
    if (list.shown.length < most) list.shown.push({ root, name });
  }
  return found;
}

/** By goroutine: the P it ran on last, and the last event that was its own, among the latest events. */
function lastRuns({ travel }: Session): ReadonlyMap<number, { p: number; seq: number }> {
  const { event } = travel.position;
  const { scalars } = travel.world;
  const runs = new Map<number, { p: number; seq: number }>();
  let now: { g: number; p: number } | null = null;
  travel.eachEvent(event - LOOK_BACK + 1, event, (kind, { args }, at, seq) => {
    if (kind !== EVENTS.ProcSwitched.tag) return false;
    if (now !== null) runs.set(now.g, { p: now.p, seq: seq - 1 });
    now = { p: args[at], g: args[at + 1] };
    return false;
  });
  runs.set(scalars[SCALAR.g], { p: scalars[SCALAR.p], seq: event });
  return runs;
}

function heldObjects({ heldBits }: World): number {
  let held = 0;
  for (const bits of heldBits) for (let b = bits; b !== 0; b &= b - 1) held += 1;
  return held;
}

export const goroutines: Query<null, GoroutinesAnswer> = (session) => {
  const { travel } = session;
  const { world: w } = travel;
  const { goroutines: table, scalars } = w;
  const names = w.rootCount > 0 ? travel.facts.rootNamesAt(travel.position.event) : new Map();
  const roots = rootsBy(w, names);
  const shown = [...roots.values()].flatMap((one) => one.shown.map(({ root }) => root));
  const targets = targetsOf(
    w,
    shown.map((root) => w.roots[root]),
  );
  const targetOf = new Map(shown.map((root, i) => [root, targets[i]]));
  const viewsOf = (g: number): RootView[] =>
    (roots.get(g)?.shown ?? []).map(({ root, name }) => ({
      root,
      name,
      object: namedObject(w, targetOf.get(root) ?? 0),
    }));
  const runs = lastRuns(session);
  const rows = Array.from({ length: table.rows }, (_, row) => row);
  const running = scalars[SCALAR.g];
  const own = rows.filter((row) => table.number[row] < 0);
  const theirs = rows
    .filter((row) => table.number[row] > 0)
    .sort((a, b) => table.number[a] - table.number[b]);
  return {
    known: table.rows > 0,
    running,
    p: scalars[SCALAR.p],
    goroutines: theirs.slice(0, MOST_GOROUTINES).map((row) => {
      const g = table.number[row];
      const last = runs.get(g);
      const stack = table.stack[row];
      return {
        g,
        running: g === running,
        p: last?.p ?? -1,
        lastRan: last?.seq ?? 0,
        stack: table.bytes[row],
        used: table.used[row],
        addr: stack === 0 ? '' : `0x${(HEAP_BASE + (stack - 1) * 8).toString(16)}`,
        roots: viewsOf(g),
        rootCount: roots.get(g)?.count ?? 0,
      };
    }),
    count: theirs.length,
    own: own.length,
    ownStacks: own.reduce((sum, row) => sum + table.bytes[row], 0),
    others: viewsOf(0),
    otherCount: roots.get(0)?.count ?? 0,
    held: heldObjects(w),
    lookedBack: Math.min(LOOK_BACK, travel.position.event),
  };
};
