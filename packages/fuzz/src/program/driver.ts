/** Carries out a random program on a Decider, operation by operation. */
import { DEFAULT_CACHES, type Decider, SCALAR } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import { SCRATCH, Shadow } from './shadow.ts';
import { SpecialDriver } from './specialdriver.ts';
import type { Operation } from './swarm.ts';

const SMALL: readonly number[] = [8, 16, 24, 48, 64, 112, 256, 512, 520, 1024, 2048, 8192, 20000];
const LARGE: readonly number[] = [32_760, 32_768, 40_000, 70_000, 300_000];
const MIB = 1024 * 1024;
/** Numbers of goroutines that are never started lie above this. */
const NOBODY_YET = 1_000_000;

/** Objects of a fan have one of the first few sizes. */
const FAN_SIZES = 9;
/** A cycle is put off for a MiB at least, to leave room to sweep. */
const GARBAGE_BYTES = 65_536;
const MOST_GARBAGE = 20;
/** Steps of time until a ragged barrier has passed; less than the world then takes to stop, ns. */
const MOST_STEPS = 400;
const STEP_NS = 300;

export class Driver {
  readonly #decider: Decider;
  readonly #shadow: Shadow;
  readonly #specials: SpecialDriver;
  readonly #goroutines: number[] = [];
  #lastGoroutine = 0;
  #proc = 0;
  #procs: number;
  #notes = 0;
  /** A ragged barrier has passed: the world is about to be stopped, or marking goes on. */
  #ragged = false;

  constructor(decider: Decider, procs: number) {
    this.#decider = decider;
    this.#procs = procs;
    this.#shadow = new Shadow(decider);
    this.#specials = new SpecialDriver(this.#shadow);
  }

  /** To be told of every event but the hot ones. */
  heard(tag: number): void {
    if (tag === EVENTS.PoolsCleaned.tag) this.#specials.poolsCleaned();
    if (tag === EVENTS.RaggedBarrierPassed.tag) this.#ragged = true;
  }

  run(operation: Operation): void {
    const [kind, a, b, c] = operation;
    const shadow = this.#shadow;
    switch (kind) {
      case 'list':
        this.#list(SMALL[a % SMALL.length] ?? 8, b, 1 + (c % 64));
        return;
      case 'large':
        this.#list(LARGE[a % LARGE.length] ?? 32_768, b, 1 + (c % 4));
        return;
      case 'fan':
        this.#fan(200 + (a % 800), b, c);
        return;
      case 'garbage':
        for (let i = 0; i <= a % 20; i += 1)
          shadow.make(b % 2 === 0 ? 8192 : 256, c % 3 === 0 ? 8 : 0);
        shadow.root(SCRATCH, 0);
        return;
      case 'store':
        shadow.store(shadow.pick(a), b, shadow.pick(c));
        return;
      case 'clear':
        shadow.store(shadow.pick(a), b, 0);
        return;
      case 'copyRoot':
        shadow.root(1 + (b % 40), shadow.pick(a));
        return;
      case 'dropRoot':
        shadow.root(a % 41, 0);
        return;
      case 'storm':
        for (let i = 0; i < 200 + (a % 200); i += 1) {
          shadow.store(shadow.pick(a + i), b + i, shadow.descend(c + i, b % 64));
        }
        return;
      case 'held':
        shadow.make(SMALL[a % SMALL.length] ?? 8, b % 2 === 0 ? 8 : 0, true);
        return;
      case 'release': {
        const object = [...shadow.held][a % Math.max(1, shadow.held.size)];
        if (object === undefined) return;
        shadow.held.delete(object);
        this.#decider.release(object);
        return;
      }
      default:
        if (!this.#specials.run(operation)) this.#runCollector(operation);
    }
  }

  #runCollector([kind, a, b, c]: Operation): void {
    const d = this.#decider;
    switch (kind) {
      case 'run':
        d.run(a * 30);
        return;
      case 'sleep':
        d.run(a * 100_000_000);
        return;
      case 'atStop':
        this.#ragged = false;
        for (let i = 0; i < MOST_STEPS && d.world.scalars[SCALAR.gcphase] !== 0; i += 1) {
          d.run(STEP_NS);
          if (this.#ragged) break;
        }
        return;
      case 'tick':
        d.run(1 + (a % 50));
        return;
      case 'begin':
        this.#begin();
        return;
      case 'endMark':
        for (let i = 0; i < 40 && d.world.scalars[SCALAR.gcphase] !== 0; i += 1) d.run(20_000 + a);
        return;
      case 'gc':
        d.collect();
        return;
      case 'stats':
        d.readMemStats();
        return;
      case 'freeOS':
        d.freeOSMemory();
        return;
      case 'note':
        this.#notes += 1;
        d.annotate(EVENTS.RecordedCycleBegan.tag, [this.#notes, a, b, 0, 0]);
        return;
      case 'tiny':
        this.#tinyBlock(a);
        return;
      case 'detail':
        d.setMarkDetail(a % 2 === 0);
        return;
      case 'single':
        d.setMarkSteps(a % 2 === 0);
        return;
      case 'caches':
        d.setCacheModel(a % 2 === 0 ? DEFAULT_CACHES : null);
        return;
      default:
        this.#runSettings([kind, a, b, c]);
    }
  }

  #runSettings([kind, a, b, c]: Operation): void {
    const d = this.#decider;
    switch (kind) {
      case 'percent':
        d.setGCPercent([1, 0, 5, 100, -1][a % 5] ?? 100);
        return;
      case 'limit':
        d.setMemoryLimit(a % 3 === 0 ? 0 : (4 + (b % 16)) * MIB);
        return;
      case 'prime': {
        const { scalars } = d.world;
        if (scalars[SCALAR.numGC] === 0 && scalars[SCALAR.gcphase] === 0) d.prime(a * 1000);
        return;
      }
      case 'cost':
        d.setMarkCost(0.5 + (a % 8), 0.5 + (b % 4) / 2, c * 100);
        return;
      case 'procs':
        this.#procs = 1 + (a % 5);
        if (this.#proc >= this.#procs) this.#proc = 0;
        d.setProcs(this.#procs);
        return;
      case 'switch':
        this.#proc = a % this.#procs;
        d.switchProc(this.#proc, b % 10);
        return;
      default:
        this.#runGoroutines([kind, a, b, c]);
    }
  }

  #runGoroutines([kind, a, b]: Operation): void {
    const d = this.#decider;
    switch (kind) {
      case 'go':
        for (let i = 0; i <= a % 24; i += 1) {
          this.#lastGoroutine += 1;
          this.#goroutines.push(this.#lastGoroutine);
          d.startGoroutine(this.#lastGoroutine);
        }
        return;
      case 'exit':
        for (const g of this.#goroutines.splice(a % 7, b % 40)) d.exitGoroutine(g);
        return;
      case 'visit':
        this.#visit(a, b);
        return;
      case 'stack': {
        const g = this.#goroutines[a % Math.max(1, this.#goroutines.length)];
        if (g !== undefined) d.useStack(g, b % 5 === 0 ? b * 20 : b);
        return;
      }
      default:
        throw new Error(`there is no operation ${kind}`);
    }
  }

  /** While a cycle marks a goroutine comes, allocates, and ends; then the others go on. */
  #visit(a: number, b: number): void {
    const d = this.#decider;
    if (a % 4 !== 0) this.#begin();
    this.#lastGoroutine += 1;
    const g = this.#lastGoroutine;
    d.startGoroutine(g);
    d.switchProc(this.#proc, g);
    this.#list(SMALL[a % SMALL.length] ?? 8, b, 1 + (b % 16));
    d.exitGoroutine(g);
    // One that owes nothing yet.
    d.switchProc(this.#proc, NOBODY_YET + g);
    this.#list(SMALL[b % SMALL.length] ?? 8, a, 1 + (a % 16));
  }

  /** A list of objects, its head in a root. */
  #list(bytes: number, b: number, length: number): void {
    const scan = b % 4 === 0 ? 0 : Math.max(8, Math.floor((bytes * 3) / 4 / 8) * 8);
    const count = bytes > 4096 ? 1 + (length % 8) : length;
    for (let i = 0, head = 0; i < count; i += 1) {
      const object = this.#shadow.make(bytes, scan);
      this.#shadow.store(object, 0, head);
      this.#shadow.root(1 + (b % 40), object);
      head = object;
    }
    this.#shadow.root(SCRATCH, 0);
  }

  /** An object that refers to many, of several sizes: they all turn grey when it is scanned. */
  #fan(width: number, b: number, c: number): void {
    const shadow = this.#shadow;
    const hub = shadow.make(width * 8, width * 8);
    shadow.root(1 + (b % 40), hub);
    for (let word = 0; word < width; word += 1) {
      const bytes = SMALL[(c + word) % (1 + (c % FAN_SIZES))] ?? 8;
      shadow.store(hub, word, shadow.make(bytes, 8));
    }
    shadow.root(SCRATCH, 0);
  }

  /** Makes garbage until a cycle begins, so that what comes next meets one that is fresh. */
  #begin(): void {
    const { scalars } = this.#decider.world;
    for (let i = 0; i < MOST_GARBAGE && scalars[SCALAR.gcphase] === 0; i += 1) {
      this.#shadow.make(GARBAGE_BYTES, 0);
    }
    this.#shadow.root(SCRATCH, 0);
  }

  /** A tiny block of the running P, and some objects in it. */
  #tinyBlock(a: number): void {
    const block = this.#shadow.make(8, 0);
    this.#decider.setTinyBlock(this.#proc, block);
    for (let i = 0; i < a % 4; i += 1) this.#decider.allocateTiny(this.#shadow.site(8, 0, false));
    if (a % 2 === 0) this.#shadow.root(1 + (a % 40), block);
    this.#shadow.root(SCRATCH, 0);
  }
}
