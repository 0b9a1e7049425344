/**
 * Roots: globals, and goroutines with their stack slots. Each is one root of the simulated heap.
 *
 * A goroutine with a body runs where the scheduler puts it. Without one the caller says when it runs;
 * goroutine i does so on P (i - 1) mod GOMAXPROCS.
 */
import { HeaptapeError } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import type { Heap, Obj } from './heap.ts';

/** Hands out root indices, those given back first, and says whose they are. */
export class Roots {
  readonly #say: (root: number, name: string) => void;
  readonly #free: number[] = [];
  /** What each root handed out so far was called last. */
  readonly #names: string[] = [];

  /** `say` is told when a root gets another name. */
  constructor(say: (root: number, name: string) => void) {
    this.#say = say;
  }

  /** A root for what `name` says, in words for people. */
  take(name: string): number {
    const root = this.#free.pop() ?? this.#names.length;
    if (this.#names[root] !== name) {
      this.#names[root] = name;
      this.#say(root, name);
    }
    return root;
  }

  give(root: number): void {
    this.#free.push(root);
  }
}

/** A variable that holds a pointer: a global or a stack slot. */
export class Slot {
  readonly #heap: Heap;
  readonly root: number;
  readonly isGlobal: boolean;
  #value: Obj | null = null;

  constructor(heap: Heap, root: number, isGlobal = false) {
    this.#heap = heap;
    this.root = root;
    this.isGlobal = isGlobal;
  }

  get(): Obj | null {
    return this.#value;
  }

  set(value: Obj | null): void {
    if (value !== null) this.#heap.expectAlive(value);
    this.#value = value;
    this.#heap.command((decider) => decider.storeRoot(this.root, value?.id ?? 0));
  }
}

/** A goroutine: a name for who runs, and a stack of slots. */
export class Goroutine {
  readonly #heap: Heap;
  readonly #roots: Roots;
  readonly #slots: Slot[] = [];
  /** From 1; 1 is the main goroutine. */
  readonly id: number;
  #exited = false;

  constructor(heap: Heap, roots: Roots, id: number) {
    this.#heap = heap;
    this.#roots = roots;
    this.id = id;
    heap.command((decider) => decider.startGoroutine(id));
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** A new stack slot, which holds nil. */
  slot(): Slot {
    this.#expectRunning();
    const name = `goroutine ${this.id} slot ${this.#slots.length + 1}`;
    const slot = new Slot(this.#heap, this.#roots.take(name));
    this.#slots.push(slot);
    return slot;
  }

  /** Becomes the goroutine that runs. */
  resume(): void {
    this.#expectRunning();
    const { scalars } = this.#heap.decider.world;
    const p = (this.id - 1) % scalars[SCALAR.procs];
    if (scalars[SCALAR.p] === p && scalars[SCALAR.g] === this.id) return;
    this.#heap.command((decider) => decider.switchProc(p, this.id));
  }

  /** Its frames now take that many bytes of its stack, which grows when they do not fit. */
  useStack(bytes: number): void {
    this.#expectRunning();
    this.#heap.command((decider) => decider.useStack(this.id, bytes));
  }

  /** Ends it: its slots hold nothing any more. */
  exit(): void {
    this.#expectRunning();
    for (const slot of this.#slots) {
      if (slot.get() !== null) slot.set(null);
      this.#roots.give(slot.root);
    }
    this.#slots.length = 0;
    this.#exited = true;
    this.#heap.command((decider) => decider.exitGoroutine(this.id));
  }

  #expectRunning(): void {
    if (this.#exited) throw new HeaptapeError('refused', `goroutine ${this.id} has ended`);
  }
}
