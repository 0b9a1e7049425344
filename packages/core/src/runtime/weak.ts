/**
 * weak.Pointer: a reference that keeps nothing alive and is nil once its object was found dead.
 *
 * 1. Each address has one handle, an object of 16 bytes, which the object's special and every weak
 *    pointer refer to. Weak pointers made from the same address are therefore equal, even after the
 *    object is gone; those made from different bytes of an object are not.
 * 2. `Value` sees to it that the object's span is swept, and while marking keeps the object alive. It is
 *    nil before the object's finalizer is even queued, and stays nil if that resurrects the object.
 * 3. What lies outside the heap never dies, and its weak pointers never become nil.
 *
 * A weak pointer is a JavaScript value. The program that has it somewhere in its memory keeps its
 * `handle` there; one that does not gets nil all the same once handle and object are gone.
 * Follows `weak/pointer.go` and `runtime/mheap.go` getOrAddWeakHandle, Go 1.26.
 */
import { TINY_SIZE } from '../heap/sizeclasses.ts';
import { GoFatal } from './errors.ts';
import { Frame } from './frame.ts';
import type { Heap } from './heap.ts';
import { Obj } from './heap.ts';
import { Pointer } from './pointers.ts';
import { layoutOf } from './types.ts';
import type { Held } from './values.ts';

const HANDLE = layoutOf({ name: 'runtime.weakHandleBox', size: TINY_SIZE });

/** What stands for an address outside the heap: nil, that of all objects without size, a variable's. */
const NIL = 0;
const ZERO_SIZED = 1;

export class WeakPointer implements Held {
  readonly #heap: Heap;
  readonly #target: Obj | Pointer | null;
  /** What stands for the address; null for one outside the heap, and for the zero weak pointer. */
  readonly handle: Obj | null;
  /** What it is compared by: the handle, or which address outside the heap it is. */
  readonly identity: string;

  constructor(heap: Heap, target: Obj | Pointer | null, handle: Obj | null, outside: number) {
    this.#heap = heap;
    this.#target = target;
    this.handle = handle;
    this.identity = handle === null ? `w-${outside}` : `w${handle.id}`;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.handle];
  }

  /** The pointer it was made from; null once the object was found dead. */
  Value(): Obj | Pointer | null {
    const { handle } = this;
    if (handle === null) return this.#target;
    if (!this.#heap.isAlive(handle)) return null;
    const found = this.#heap.command((decider) => decider.specials.weakLoad(handle.id));
    return found === 0 ? null : this.#target;
  }

  /** Go's ==. */
  equals(other: WeakPointer): boolean {
    if (this.identity !== other.identity) return false;
    return this.#heap === other.#heap || this.#target === null;
  }
}

/** Package weak. */
export class Weak {
  readonly #heap: Heap;
  readonly #frame: Frame;
  /** Numbers of variables outside the heap. */
  readonly #variables = new Map<object | null, number>();

  constructor(heap: Heap) {
    this.#heap = heap;
    this.#frame = new Frame(heap, heap.roots);
  }

  /** weak.Make. */
  Make(ptr: Obj | Pointer | null): WeakPointer {
    const heap = this.#heap;
    if (ptr === null) return new WeakPointer(heap, null, null, NIL);
    if (ptr instanceof Pointer) {
      if (ptr.to === 'stack') throw new GoFatal('addspecial on invalid pointer');
      if (ptr.to === 'nil') return new WeakPointer(heap, null, null, NIL);
      return new WeakPointer(heap, ptr, null, this.#numberOf(ptr.variable));
    }
    heap.expectAlive(ptr);
    if (ptr.id === 0) return new WeakPointer(heap, ptr, null, ZERO_SIZED);
    const known = heap.command((decider) => decider.specials.weakHandleOf(ptr.id, ptr.offset));
    if (known !== 0) return new WeakPointer(heap, ptr, new Obj(heap, known, HANDLE, 0), NIL);
    const frame = this.#frame;
    try {
      frame.keep(ptr);
      const handle = frame.allocate(HANDLE);
      heap.command((decider) => decider.specials.weakHandle(ptr.id, ptr.offset, handle.id));
      return new WeakPointer(heap, ptr, handle, NIL);
    } finally {
      frame.leave();
    }
  }

  #numberOf(variable: object | null): number {
    const number = this.#variables.get(variable) ?? this.#variables.size + ZERO_SIZED + 1;
    this.#variables.set(variable, number);
    return number;
  }
}
