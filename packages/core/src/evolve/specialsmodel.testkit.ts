/**
 * Specials as lists that are sorted anew each time, for tests of what events do to them. No collector
 * decides here: the events come in any order that their preconditions allow. `check` compares everything,
 * and whether hash and snapshots have heard of it.
 */

// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import { expect } from 'vitest';
import { configWith } from '../config.ts';
import { Decider } from '../decide/decider.ts';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotOfWord } from '../heap/slots.ts';
import { Snapshotter } from '../heap/snapshot.ts';
import {
  CLEANUP_BLOCK,
  FINALIZER_BLOCK,
  SPECIAL_KIND,
  SPECIAL_STATE,
  SpecialTable,
} from '../heap/specials.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import * as evolve from './specials.ts';

interface Special {
  readonly kind: number;
  readonly object: number;
  readonly offset: number;
  readonly fn: number;
  readonly closure: number;
  readonly arg: number;
  state: number;
}

const { attached, queued, running, gone } = SPECIAL_STATE;

/** A world with a few spans of objects, and lists of what was done to their specials. */
export class SpecialLists {
  readonly world: World;
  readonly objects: number[];
  readonly specials: Special[] = [
    { kind: 0, object: 0, offset: 0, fn: 0, closure: 0, arg: 0, state: gone },
  ];
  finq: number[] = [];
  finRunning: number[] = [];
  current = 0;
  done = 0;
  readonly executed = { finalizers: 0, cleanups: 0 };
  readonly started = { finalizers: 0, cleanups: 0 };
  readonly local: number[][] = [];
  readonly blocks: number[][] = [];
  readonly workers: { block: number[]; running: number; done: number }[] = [];
  readonly revived = new Set<string>();
  revivedBytes = 0;
  readonly #hasher = new WorldHasher();
  readonly #recorder = new Snapshotter();

  constructor() {
    const decider = new Decider(configWith({ gcPercent: -1, procs: 2 }), null);
    const make = (bytes: number): number => {
      const object = decider.allocate(decider.defineSite(bytes, bytes, false, `b${bytes}`));
      decider.storeRoot(object, object);
      return object;
    };
    // Up to 512 bytes a slot is as large as its object.
    const sizes = [512, 512, 512, 512, 512, 512, 512, 512, 512, 256, 256, 64, 64];
    this.objects = sizes.map(make);
    this.world = decider.world;
  }

  some(kind: number, state: number, choice: number): number {
    const found = this.specials.flatMap((s, i) =>
      s.kind === kind && s.state === state ? [i] : [],
    );
    return found[choice % Math.max(1, found.length)] ?? 0;
  }

  at(kind: number, object: number, offset: number): number {
    return this.specials.findIndex(
      (s) => s.kind === kind && s.object === object && s.offset === offset && s.state === attached,
    );
  }

  /** Page of the span that holds an object. */
  page(object: number): number {
    return this.world.spanAtWord(this.world.objects.wordOf(object));
  }

  check(): void {
    const w = this.world;
    const t = w.specials;
    const pages = new Set(this.objects.map((object) => this.page(object)));
    for (const page of pages) expect(this.#listOf(page)).toEqual(this.#sorted(page));
    expect(t.count).toBe(this.specials.length - 1);
    expect(t.attached).toBe(this.specials.filter(({ state }) => state === attached).length);
    const told = this.specials.map((_, i) => ({
      kind: t.kind[i],
      object: t.object[i],
      offset: t.offset[i],
      fn: t.fn[i],
      closure: t.closure[i],
      arg: t.arg[i],
      state: t.state[i],
    }));
    expect(told).toEqual(this.specials);
    expect([t.finq, t.finRunning, t.finCurrent]).toEqual([
      this.finq,
      this.finRunning,
      this.current,
    ]);
    const filled = (lists: readonly (readonly number[])[]): readonly number[][] =>
      lists.map((list) => [...list]).filter((list) => list.length > 0);
    expect(filled(t.cleanupLocal)).toEqual(filled(this.local));
    expect(filled(t.cleanupBlocks)).toEqual(filled(this.blocks));
    expect(t.cleanupWorkers).toEqual(this.workers);
    const { scalars } = w;
    expect(scalars[SCALAR.finalizersExecuted]).toBe(this.executed.finalizers);
    expect(scalars[SCALAR.cleanupsExecuted]).toBe(this.executed.cleanups);
    expect(scalars[SCALAR.finalizersQueued]).toBe(this.started.finalizers);
    expect(scalars[SCALAR.cleanupsQueued]).toBe(this.started.cleanups);
    expect(scalars[SCALAR.revivedBytes]).toBe(this.revivedBytes);
    this.#checkStored();
  }

  #listOf(page: number): number[] {
    const { spanSpecials, specials } = this.world;
    const list: number[] = [];
    for (let at = spanSpecials[page]; at !== 0; at = specials.next[at]) list.push(at);
    return list;
  }

  /** By byte, by kind, the newest first. */
  #sorted(page: number): number[] {
    const place = (i: number): number[] => {
      const { object, offset, kind } = this.specials[i];
      return [this.world.objects.wordOf(object) * 8 + offset, kind, -i];
    };
    return this.specials
      .flatMap(({ state, object }, i) =>
        state === attached && this.page(object) === page ? [i] : [],
      )
      .sort((a, b) => {
        const [left, right] = [place(a), place(b)];
        const differs = left.findIndex((value, i) => value !== right[i]);
        return left[differs] - right[differs];
      });
  }

  /** The sums of hashes are those of the records, and a snapshot made from dirty chunks has it all. */
  #checkStored(): void {
    const w = this.world;
    const t = w.specials;
    const fresh = new SpecialTable();
    fresh.reserve(t.count);
    for (const name of COLUMNS) {
      fresh[name].set(t[name].subarray(0, t.count + 1));
    }
    for (let i = 1; i <= t.count; i += 1) fresh.hashRecord(i, 1);
    expect([t.hashLow, t.hashHigh]).toEqual([fresh.hashLow, fresh.hashHigh]);
    const copy = new World();
    new Snapshotter().restore(this.#recorder.take(w), copy);
    expect(new WorldHasher().hash(copy)).toBe(this.#hasher.hash(w));
    for (const name of COLUMNS) {
      expect(firstDifference(copy.specials[name], t[name], t.count + 1)).toBe(-1);
    }
    for (const name of ['spanSpecials', 'roots', 'markBits'] as const) {
      const length = Math.min(copy[name].length, w[name].length);
      expect(firstDifference(copy[name], w[name], length)).toBe(-1);
    }
  }
}

const COLUMNS = ['kind', 'state', 'object', 'offset', 'fn', 'closure', 'arg', 'next'] as const;

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>, length: number): number {
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return i;
  return -1;
}

/** What happens, and numbers that choose to what. */
export type Step = readonly [what: string, a: number, b: number, c: number];

export const STEPS: readonly string[] = [
  ...['set', 'set', 'cleanup', 'cleanup', 'cleanup', 'weak', 'clear', 'stop', 'clearWeak'],
  ...['queueFinalizer', 'queueFinalizer', 'startFinalizer', 'startFinalizer', 'endFinalizer'],
  ...[
    'queueCleanup',
    'queueCleanup',
    'fill',
    'flush',
    'startCleanup',
    'startCleanup',
    'endCleanup',
  ],
  ...['move', 'many'],
];

export function attach(m: SpecialLists, kind: number, a: number, b: number, c: number): void {
  const object = m.objects[a % m.objects.length];
  const offset = b % 64;
  const [fn, closure, arg] = [
    c % 7,
    m.objects[c % m.objects.length],
    m.objects[b % m.objects.length],
  ];
  const w = m.world;
  if (kind === SPECIAL_KIND.finalizer) evolve.finalizerSet(w, object, offset, fn, closure);
  else if (kind === SPECIAL_KIND.cleanup) evolve.cleanupAdded(w, object, offset, fn, arg, closure);
  else evolve.weakHandleMade(w, object, offset, arg);
  m.specials.push({
    kind,
    object,
    offset,
    fn: kind === SPECIAL_KIND.weakHandle ? 0 : fn,
    closure: kind === SPECIAL_KIND.weakHandle ? 0 : closure,
    arg: kind === SPECIAL_KIND.finalizer ? 0 : arg,
    state: attached,
  });
}

export function attachOne(m: SpecialLists, kind: number, a: number, b: number, c: number): void {
  if (m.at(kind, m.objects[a % m.objects.length], b % 64) < 0) attach(m, kind, a, b, c);
}

function finalizerStep(m: SpecialLists, [what, a, b, c]: Step): void {
  const w = m.world;
  const kind = SPECIAL_KIND.finalizer;
  if (what === 'set') attachOne(m, kind, a, b, c);
  else if (what === 'clear') {
    const one = m.specials[m.some(kind, attached, a)];
    const [object, offset] = one.kind === kind ? [one.object, one.offset] : [m.objects[0], 63];
    evolve.finalizerCleared(w, object, offset);
    if (one.kind === kind) one.state = gone;
  } else if (what === 'queueFinalizer') {
    const special = m.some(kind, attached, a);
    if (special === 0) return;
    queueFinalizer(m, special);
  } else if (what === 'startFinalizer' && m.current === 0) {
    const due = b % 4 === 0 ? m.some(kind, attached, a) : (m.finRunning.at(-1) ?? m.finq.at(c % 3));
    if (due === undefined || due === 0) return;
    if (m.finRunning.length === 0) [m.finRunning, m.finq] = [m.finq, m.finRunning];
    evolve.finalizerStarted(w, due);
    if (m.specials[due].state === attached) m.started.finalizers += 1;
    else if (m.finRunning.includes(due)) m.finRunning.splice(m.finRunning.lastIndexOf(due), 1);
    else m.finq.splice(m.finq.lastIndexOf(due), 1);
    m.specials[due].state = running;
    m.current = due;
  } else if (what === 'endFinalizer' && m.current !== 0) {
    evolve.finalizerReturned(w);
    m.specials[m.current].state = gone;
    m.current = 0;
    m.done += 1;
    if (m.finRunning.length % FINALIZER_BLOCK !== 0) return;
    m.executed.finalizers += m.done;
    m.done = 0;
  }
}

export function queueFinalizer(m: SpecialLists, special: number): void {
  const w = m.world;
  const { object } = m.specials[special];
  evolve.finalizerQueued(w, special);
  m.specials[special].state = queued;
  m.finq.push(special);
  m.started.finalizers += 1;
  const index = slotOfWord(w, m.page(object), w.objects.wordOf(object));
  const word = w.markBits[m.page(object) * BITMAP_WORDS + (index >> 5)];
  expect(word & (1 << (index & 31))).not.toBe(0);
  const slot = `${m.page(object)}/${index}`;
  if (!m.revived.has(slot)) m.revivedBytes += w.siteBytes[w.objects.siteOf(object)];
  m.revived.add(slot);
}

function cleanupStep(m: SpecialLists, [what, a, b, c]: Step): void {
  const w = m.world;
  const kind = SPECIAL_KIND.cleanup;
  if (what === 'cleanup') attach(m, kind, a, b % 3, c);
  else if (what === 'stop') {
    const special = m.some(kind, [attached, attached, queued, gone][c % 4], a);
    if (special === 0) return;
    evolve.cleanupStopped(w, special);
    if (m.specials[special].state === attached) m.specials[special].state = gone;
  } else if (what === 'queueCleanup') {
    const special = m.some(kind, attached, a);
    const p = w.scalars[SCALAR.p];
    while (m.local.length <= p) m.local.push([]);
    if (special === 0 || m.local[p].length === CLEANUP_BLOCK) return;
    evolve.cleanupQueued(w, special);
    m.specials[special].state = queued;
    m.local[p].push(special);
    m.started.cleanups += 1;
  } else if (what === 'fill') {
    const p = w.scalars[SCALAR.p];
    if ((m.local[p]?.length ?? 0) === 0) return;
    evolve.cleanupBlockFilled(w, p);
    m.blocks.push(m.local[p]);
    m.local[p] = [];
  } else if (what === 'flush') {
    const all = m.local.flat().length;
    evolve.cleanupsFlushed(w);
    // How blocks are poured together is tested with the decider; here they hold all, and fit.
    const made = w.specials.cleanupBlocks.slice(m.blocks.length).map((block) => [...block]);
    expect(new Set(made.flat())).toEqual(new Set(m.local.flat()));
    expect(made.length).toBe(Math.ceil(all / CLEANUP_BLOCK));
    m.blocks.push(...made);
    for (const list of m.local) list.length = 0;
  } else if (what === 'startCleanup') startCleanup(m, c % 3, a, b);
  else if (what === 'endCleanup') {
    const special = m.some(kind, running, a);
    const own = m.workers.find((worker) => worker.running === special && special !== 0);
    if (own === undefined) return;
    evolve.cleanupReturned(w, special);
    m.specials[special].state = gone;
    own.running = 0;
    own.done += 1;
    if (own.block.length > 0) return;
    m.executed.cleanups += own.done;
    own.done = 0;
  }
}

function startCleanup(m: SpecialLists, worker: number, a: number, b: number): void {
  const state = b % 3 === 0 ? attached : queued;
  const due = m.some(SPECIAL_KIND.cleanup, state, a);
  if (due === 0 || (m.workers[worker]?.running ?? 0) !== 0) return;
  while (m.workers.length <= worker) m.workers.push({ block: [], running: 0, done: 0 });
  const own = m.workers[worker];
  evolve.cleanupStarted(m.world, worker, due);
  if (m.specials[due].state === attached) m.started.cleanups += 1;
  else {
    if (own.block.length === 0) own.block.push(...(m.blocks.pop() ?? []));
    for (const list of [...m.workers.map(({ block }) => block), ...m.blocks, ...m.local]) {
      if (list.includes(due)) list.splice(list.indexOf(due), 1);
    }
  }
  m.specials[due].state = running;
  own.running = due;
}

export function run(m: SpecialLists, step: Step): void {
  const [what, a, b, c] = step;
  const w = m.world;
  finalizerStep(m, step);
  cleanupStep(m, step);
  if (what === 'weak') attachOne(m, SPECIAL_KIND.weakHandle, a, b, c);
  else if (what === 'clearWeak') {
    const special = m.some(SPECIAL_KIND.weakHandle, attached, a);
    if (special === 0) return;
    evolve.weakCleared(w, special);
    m.specials[special].state = gone;
  } else if (what === 'move') {
    // As if objects moved within and between their spans, though none does: taken off and put back.
    const pages = new Set(
      m.objects.filter((_, i) => ((a >> (i % 12)) & 1) === 1).map((o) => m.page(o)),
    );
    const taken = evolve.takeSpecials(w, pages);
    for (const page of pages) expect(w.spanSpecials[page]).toBe(0);
    const on = m.specials.flatMap((s, i) =>
      s.state === attached && pages.has(m.page(s.object)) ? [i] : [],
    );
    expect([...taken].sort((x, y) => x - y)).toEqual(on);
    evolve.putSpecials(w, taken);
  } else if (what === 'many') {
    w.scalars[SCALAR.p] = a % 2;
    for (let i = 0; i < b % 30; i += 1) cleanupStep(m, ['cleanup', a + i, c, i]);
  }
}
