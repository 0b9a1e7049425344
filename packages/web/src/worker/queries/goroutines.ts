/**
 * Goroutines here, with their stacks; and what roots hold: their slots, globals and others.
 *
 * A tape says which goroutine the events come from, on which P, and how large stacks are. It does not say what
 * a goroutine that does not run waits for. Whose a root is its name says, which is told along the tape
 * (`notes/rootnotes.ts`).
 */
import { HEAP_BASE, SCALAR, type World } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import type { NamedObject } from '../heap/keepers.ts';
import type { Query } from '../query.ts';
import type { Session } from '../session.ts';
import { targetsOf } from '../slots.ts';
import { namedObject } from '../specials.ts';

export interface RootView {
  readonly root: number;
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
  /** Roots that hold something; the first ones, and how many do. */
  readonly roots: readonly RootView[];
  readonly rootCount: number;
  /** Objects that are roots of their own. */
  readonly held: number;
  /** How many events back was looked for who ran. */
  readonly lookedBack: number;
}

const MOST_GOROUTINES = 300;
const MOST_ROOTS = 4000;
const LOOK_BACK = 20_000;

function rootsOf(w: World): Pick<GoroutinesAnswer, 'roots' | 'rootCount'> {
  const holding: number[] = [];
  let rootCount = 0;
  for (let root = 0; root < w.rootCount; root += 1) {
    if (w.roots[root] === 0) continue;
    rootCount += 1;
    if (holding.length < MOST_ROOTS) holding.push(root);
  }
  const targets = targetsOf(
    w,
    holding.map((root) => w.roots[root]),
  );
  return {
    roots: holding.map((root, i) => ({ root, object: namedObject(w, targets[i]) })),
    rootCount,
  };
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
      };
    }),
    count: theirs.length,
    own: own.length,
    ownStacks: own.reduce((sum, row) => sum + table.bytes[row], 0),
    ...rootsOf(w),
    held: heldObjects(w),
    lookedBack: Math.min(LOOK_BACK, travel.position.event),
  };
};
