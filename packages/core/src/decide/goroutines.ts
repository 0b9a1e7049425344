/**
 * Goroutines, decided, as far as their stacks are memory.
 *
 * 1. A goroutine starts with a stack of the starting size, grows by copying to one twice as large
 *    whenever its frames do not fit, and when it is scanned and uses less than a quarter it moves to
 *    one of half the size.
 * 2. A stack of n bytes holds n - 800: the rest is for functions that do not check.
 * 3. The starting size is the average that the last mark phase scanned, with room to spare, as a
 *    power of two. A goroutine that ends with a stack of that size leaves it to the next one on its P.
 * 4. The first goroutine brings the process with it: the stacks of its threads, and the goroutines of
 *    the runtime itself, which are scanned like any other. Each P gets a mark worker with the first
 *    cycle.
 *
 * A run in which no goroutine ever starts (a recording) has none of this: its stacks are what the
 * configuration says.
 *
 * Follows `runtime/stack.go` newstack, shrinkstack and gcComputeStartingStackSize, `proc.go` gfput and
 * gfget, and `mgcmark.go` scanstack, Go 1.26. Deviations: a stack grows step by step, as if by many
 * small frames; all that happens to them when they are scanned happens when the cycle begins; threads are those of a fresh process.
 */
import { assert, EVENTS, HeaptapeError } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import { FIXED_STACK, type StackPool } from './stackpool.ts';

/** Bytes at the end of a stack that no checked frame may use, and Go's whole guard. */
const NOSPLIT = 800;
const GUARD = 928;
/** Largest stack (debug.SetMaxStack's default on 64 bits). */
const MAX_STACK = 1_000_000_000;
/** Stacks of a thread: for the scheduler, and for signals. The first thread brings its own g0. */
const G0_STACK = 16 * 1024;
const SIGNAL_STACK = 32 * 1024;
/** Threads of a fresh process, beside one for each of up to three Ps. */
const BASE_THREADS = 2;
const MOST_SPARE_THREADS = 3;
/** Used bytes and stack size of main and of the runtime's own goroutines, as 1.26.8 shows them. */
const MAIN = { used: 720, bytes: 8192 };
const SYSTEM = [
  { used: 184, bytes: 2048 },
  { used: 184, bytes: 2048 },
  { used: 216, bytes: 2048 },
  { used: 216, bytes: 4096 },
] as const;
const WORKER_USED = 208;
/** A stack that starting the process leaves in use, as it shows in StackInuse. */
const LEFT_OVER = 8192;
/** Goroutines that ended: as many a P keeps before it passes some on, and as many it keeps then. */
const MOST_DEAD = 64;
const DEAD_KEPT = 32;

/** A goroutine that ended, and the stack it left: its first word plus 1, or 0. */
interface Dead {
  readonly stack: number;
  readonly bytes: number;
}

export class Goroutines {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pool: StackPool;
  /** Those that ended, by P, and the ones that Ps passed on; the next one last. */
  readonly #dead: Dead[][] = [];
  #deadWithStack: Dead[] = [];
  #deadWithout = 0;
  #workers = 0;
  #scanned = 0;
  #scannedBytes = 0;

  constructor(journal: Journal, pool: StackPool) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#pool = pool;
  }

  /** Whether the run has goroutines at all. */
  get known(): boolean {
    return this.#world.goroutines.rows > 0;
  }

  get #starting(): number {
    return Math.max(FIXED_STACK, this.#world.scalars[SCALAR.startingStack]);
  }

  /** A go statement on the current P. Throws `refused` for a number that is taken or no number. */
  start(g: number): void {
    if (!(Number.isInteger(g) && g > 0 && g < 2 ** 31)) {
      throw new HeaptapeError('refused', `a goroutine is numbered from 1, not ${g}`);
    }
    const { goroutines } = this.#world;
    if (goroutines.has(g)) throw new HeaptapeError('refused', `goroutine ${g} exists already`);
    const first = !this.known;
    if (first) this.#startProcess();
    this.#journal.emit(EVENTS.GoroutineStarted.tag, g);
    const used = goroutines.used[goroutines.row(g)];
    if (first) this.#place(g, this.#pool.take(MAIN.bytes), MAIN.bytes, MAIN.used);
    else this.#place(g, this.#stackForNew(), this.#starting, used);
  }

  /** A goroutine ends on the current P. Throws `refused` when there is none of that number. */
  exit(g: number): void {
    const { word, bytes } = this.#stackOf(g);
    this.#journal.emit(EVENTS.GoroutineExited.tag, g);
    const kept = bytes === this.#starting;
    if (!kept) this.#pool.give(word, bytes);
    const dead = this.#deadOf(this.#world.scalars[SCALAR.p]);
    dead.push(kept ? { stack: word + 1, bytes } : { stack: 0, bytes: 0 });
    if (dead.length >= MOST_DEAD) this.#passOn(dead);
  }

  /** The frames of a goroutine now take that much. Throws `refused` when no stack can hold it. */
  use(g: number, used: number): void {
    this.#stackOf(g);
    if (!(Number.isInteger(used) && used >= 0)) {
      throw new HeaptapeError('refused', `a stack of ${used} bytes`);
    }
    let { bytes } = this.#stackOf(g);
    while (used > bytes - NOSPLIT) bytes *= 2;
    if (bytes > MAX_STACK) {
      throw new HeaptapeError(
        'refused',
        `stack overflow: goroutine stack exceeds ${MAX_STACK}-byte limit`,
      );
    }
    this.#journal.emit(EVENTS.StackUsed.tag, g, used);
    for (let at = this.#stackOf(g); used > at.bytes - NOSPLIT; at = this.#stackOf(g)) {
      this.#move(g, at.bytes * 2, Math.min(used, at.bytes * 2));
    }
  }

  /** A cycle is about to start: each P gets a mark worker. */
  startWorkers(): void {
    if (!this.known) return;
    for (; this.#workers < this.#world.scalars[SCALAR.procs]; this.#workers += 1) {
      const g = -(SYSTEM.length + 1 + this.#workers);
      this.#place(g, this.#stackForNew(), this.#starting, WORKER_USED);
    }
  }

  /** Scans every stack, and halves those that use too little. Returns the bytes of each. */
  scan(): number[] {
    const stacks: number[] = [];
    const table = this.#world.goroutines;
    this.#scanned = table.count;
    this.#scannedBytes = 0;
    for (const { stack, bytes } of this.#deadWithStack) {
      this.#pool.give(stack - 1, bytes);
      this.#deadWithout += 1;
    }
    this.#deadWithStack = [];
    for (let row = 0; row < table.rows; row += 1) {
      if (table.number[row] === 0) continue;
      const used = table.used[row];
      const bytes = table.bytes[row];
      this.#scannedBytes += used;
      stacks.push(used);
      if (bytes > FIXED_STACK && used + NOSPLIT < bytes / 4) {
        this.#move(table.number[row], bytes / 2, used);
      }
    }
    return stacks;
  }

  /** Marking is over: the starting size follows what was scanned. */
  adaptStartingSize(): void {
    if (!this.known) return;
    const average = this.#scanned === 0 ? 0 : Math.floor(this.#scannedBytes / this.#scanned);
    const wanted = Math.min(average + GUARD, MAX_STACK);
    let bytes = FIXED_STACK;
    while (this.#scanned > 0 && bytes < wanted) bytes *= 2;
    if (bytes === this.#world.scalars[SCALAR.startingStack]) return;
    this.#journal.emit(EVENTS.StartingStackSet.tag, bytes);
  }

  #startProcess(): void {
    const { procs } = this.#world.control.config ?? { procs: 1 };
    const threads = BASE_THREADS + Math.min(procs, MOST_SPARE_THREADS);
    for (let thread = 0; thread < threads; thread += 1) {
      if (thread > 0) this.#pool.take(G0_STACK);
      this.#pool.take(SIGNAL_STACK);
    }
    this.#pool.take(LEFT_OVER);
    SYSTEM.forEach(({ used, bytes }, i) => {
      this.#place(-1 - i, this.#pool.take(bytes), bytes, used);
    });
  }

  /** A stack of the starting size: that of a goroutine that ended on this P, or a free one. */
  #stackForNew(): number {
    const dead = this.#deadOf(this.#world.scalars[SCALAR.p]);
    if (dead.length === 0) this.#fetch(dead);
    const old = dead.pop();
    if (old === undefined || old.stack === 0) return this.#pool.take(this.#starting);
    if (old.bytes === this.#starting) return old.stack - 1;
    this.#pool.give(old.stack - 1, old.bytes);
    return this.#pool.take(this.#starting);
  }

  #deadOf(p: number): Dead[] {
    while (this.#dead.length <= p) this.#dead.push([]);
    return this.#dead[p];
  }

  /** A P has too many goroutines that ended: the newest go to all. */
  #passOn(dead: Dead[]): void {
    const passed: Dead[] = [];
    while (dead.length >= DEAD_KEPT) {
      const last = dead.pop();
      if (last === undefined) break;
      if (last.stack === 0) this.#deadWithout += 1;
      else passed.push(last);
    }
    this.#deadWithStack.push(...passed);
  }

  /** A P has none that ended: it takes some of those that others passed on, with a stack first. */
  #fetch(dead: Dead[]): void {
    while (dead.length < DEAD_KEPT) {
      const passed = this.#deadWithStack.pop();
      if (passed !== undefined) dead.push(passed);
      else if (this.#deadWithout > 0) {
        this.#deadWithout -= 1;
        dead.push({ stack: 0, bytes: 0 });
      } else return;
    }
  }

  #stackOf(g: number): { readonly word: number; readonly bytes: number } {
    const table = this.#world.goroutines;
    if (!(g > 0 && table.has(g))) throw new HeaptapeError('refused', `no goroutine ${g}`);
    const row = table.row(g);
    return { word: table.stack[row] - 1, bytes: table.bytes[row] };
  }

  /** Copies a goroutine's stack to a new one and frees the old one. */
  #move(g: number, bytes: number, used: number): void {
    const table = this.#world.goroutines;
    const row = table.row(g);
    const word = table.stack[row] - 1;
    const old = table.bytes[row];
    this.#place(g, this.#pool.take(bytes), bytes, used);
    this.#pool.give(word, old);
  }

  #place(g: number, word: number, bytes: number, used: number): void {
    const page = this.#world.spanOf[word >> 10] - 1;
    assert(page >= 0, 'a stack lies in a span');
    const offset = (word - (page << 10)) << 3;
    this.#journal.emit(EVENTS.StackPlaced.tag, g, page, offset, bytes, used);
  }
}
