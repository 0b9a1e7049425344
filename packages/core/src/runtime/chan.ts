/**
 * Channels: a queue in memory, and goroutines that wait on either side of it.
 *
 * 1. A send hands its value to the receiver that has waited longest; else it puts it into the buffer;
 *    else it waits. A receive takes from the buffer, to which the sender that has waited longest adds
 *    its value at once; else from such a sender; else it waits.
 * 2. Closing wakes all: receivers get zero values, senders panic.
 * 3. Elements without pointers lie behind the channel's header of 112 bytes in one object. Elements
 *    with pointers are in an object of their own, which the header points to.
 * 4. What a goroutine waits with (the channel, the value it sends) is on its stack and so a root. What
 *    was received stays alive until the receiver's next step is done; store it then.
 *
 * The channel is a JavaScript value that keeps nothing alive: store its `header`, as a variable holds
 * the channel. Follows `runtime/chan.go` makechan, chansend, chanrecv and closechan, Go 1.26.
 */
import { GoFatal, GoPanic } from './errors.ts';
import type { Slot } from './goroutines.ts';
import type { Heap, Obj } from './heap.ts';
import { hold, letGo } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { Go, Task } from './task.ts';
import { arrayLayout, type GoType, type Layout, layoutOf } from './types.ts';
import { type GoValue, type Held, pointersOf } from './values.ts';

const HEADER_BYTES = 112;
/** `buf`, `timer`, `elemtype`, both ends of both queues, `bubble`. */
const HEADER_POINTERS = [2, 4, 5, 8, 9, 10, 11, 12];
const BUFFER_WORD = 2;
/** An element is smaller than this, bytes. */
const MAX_ELEM = 1 << 16;
/** Bytes of the address space. */
const MAX_ALLOC = 2 ** 48;

/** What a receive gives: the value, and whether it was sent (false: the channel is closed). */
export interface Received {
  readonly value: GoValue;
  readonly ok: boolean;
}

/** What several waiters of one goroutine, in a select, share. */
export interface Turn {
  /** The waiter that was served; null as long as none is. */
  served: Waiter | null;
}

/** A goroutine that waits on a channel (Go's sudog). */
export interface Waiter {
  readonly task: Task;
  readonly turn: Turn;
  /** What it sends; or what it has received, and the roots that hold that. */
  value: GoValue;
  slots: readonly Slot[];
  /** Whether it was served by the other side; false when the channel was closed. */
  ok: boolean;
}

function dequeue(queue: Waiter[]): Waiter | null {
  for (let waiter = queue.shift(); waiter !== undefined; waiter = queue.shift()) {
    if (waiter.turn.served === null) return waiter;
  }
  return null;
}

export class Chan implements Held {
  readonly #heap: Heap;
  readonly #scheduler: Scheduler;
  readonly elem: GoType;
  readonly cap: number;
  /** The channel's object; null for the nil channel. */
  readonly header: Obj | null;
  readonly #buffer: Obj | null;
  readonly #values: GoValue[] = [];
  /** Place in the buffer of the first value. */
  #recvx = 0;
  #closed = false;
  readonly receivers: Waiter[] = [];
  readonly senders: Waiter[] = [];

  constructor(
    heap: Heap,
    scheduler: Scheduler,
    elem: GoType,
    cap: number,
    header: Obj | null,
    buffer: Obj | null,
  ) {
    this.#heap = heap;
    this.#scheduler = scheduler;
    this.elem = elem;
    this.cap = cap;
    this.header = header;
    this.#buffer = buffer;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.header];
  }

  get identity(): string {
    return `c${this.header?.id ?? 0}`;
  }

  /** Values in the buffer. */
  get len(): number {
    return this.#values.length;
  }

  /** `ch <- value`. */
  *send(value: GoValue): Go {
    if (!this.trySend(value)) {
      const waiter = this.wait(this.senders, { served: null }, value);
      yield 'park';
      letGo(this.#heap, waiter.slots);
      if (!waiter.ok) throw new GoPanic('send on closed channel');
      return;
    }
    yield 'check';
  }

  /** `<-ch`. */
  *recv(): Go<Received> {
    yield 'check';
    const ready = this.tryRecv();
    if (ready !== null) return ready;
    const waiter = this.wait(this.receivers, { served: null }, null);
    const [header] = waiter.slots;
    yield 'park';
    letGo(this.#heap, [header]);
    return this.received(waiter);
  }

  /** `close(ch)`. */
  close(): void {
    if (this.header === null) throw new GoPanic('close of nil channel');
    if (this.#closed) throw new GoPanic('close of closed channel');
    this.#heap.expectAlive(this.header);
    this.#closed = true;
    for (const queue of [this.receivers, this.senders]) {
      for (let waiter = dequeue(queue); waiter !== null; waiter = dequeue(queue)) {
        waiter.turn.served = waiter;
        this.#scheduler.ready(waiter.task);
      }
    }
  }

  /** Sends without waiting. Returns false when that is impossible now. */
  trySend(value: GoValue): boolean {
    const objects = this.#checked(value);
    if (this.header === null) return false;
    this.#heap.expectAlive(this.header);
    if (this.#closed) throw new GoPanic('send on closed channel');
    const receiver = dequeue(this.receivers);
    if (receiver !== null) {
      receiver.value = value;
      receiver.slots = [...receiver.slots, ...hold(this.#heap, objects)];
      this.#serve(receiver);
      return true;
    }
    if (this.#values.length >= this.cap) return false;
    this.#put(value, objects);
    return true;
  }

  /** Receives without waiting. Returns null when that is impossible now. */
  tryRecv(): Received | null {
    if (this.header === null) return null;
    this.#heap.expectAlive(this.header);
    if (this.#values.length > 0) {
      const [value] = this.#values;
      const slots = hold(this.#heap, pointersOf(this.elem, value));
      this.#drop();
      const sender = dequeue(this.senders);
      if (sender !== null) {
        this.#put(sender.value, pointersOf(this.elem, sender.value));
        this.#serve(sender);
      }
      this.#heap.letFade(slots);
      return { value, ok: true };
    }
    const sender = dequeue(this.senders);
    if (sender !== null) {
      const { value } = sender;
      this.#heap.letFade(hold(this.#heap, pointersOf(this.elem, value)));
      this.#serve(sender);
      return { value, ok: true };
    }
    return this.#closed ? { value: this.#zero, ok: false } : null;
  }

  /** Queues the goroutine that acts, which parks next. Its first slot holds the channel. */
  wait(queue: Waiter[], turn: Turn, value: GoValue): Waiter {
    const { task } = this.#scheduler;
    const sent = queue === this.senders ? this.#checked(value) : [];
    const slots = hold(this.#heap, [this.header, ...sent]);
    const waiter = { task, turn, value, slots, ok: false };
    queue.push(waiter);
    return waiter;
  }

  /** What a waiter that was served has received; its slots but the first fade. */
  received(waiter: Waiter): Received {
    this.#heap.letFade(waiter.slots.slice(1));
    return { value: waiter.ok ? waiter.value : this.#zero, ok: waiter.ok };
  }

  get #zero(): GoValue {
    return (this.elem.pointers?.length ?? 0) > 0 ? null : 0;
  }

  #serve(waiter: Waiter): void {
    waiter.turn.served = waiter;
    waiter.ok = true;
    this.#scheduler.ready(waiter.task);
  }

  #checked(value: GoValue): readonly (Obj | null)[] {
    const objects = pointersOf(this.elem, value);
    for (const object of objects) if (object !== null) this.#heap.expectAlive(object);
    return objects;
  }

  #put(value: GoValue, objects: readonly (Obj | null)[]): void {
    this.#store((this.#recvx + this.#values.length) % this.cap, objects);
    this.#values.push(value);
  }

  /** Takes the first value out of the buffer. */
  #drop(): void {
    const objects = pointersOf(this.elem, this.#values.shift() ?? null);
    const none = objects.map(() => null);
    this.#store(this.#recvx, none);
    this.#recvx = (this.#recvx + 1) % this.cap;
  }

  #store(index: number, objects: readonly (Obj | null)[]): void {
    const base = (index * this.elem.size) / 8;
    objects.forEach((object, i) => {
      this.#buffer?.set(base + (this.elem.pointers?.[i] ?? 0), object);
    });
  }
}

/** `make(chan elem, cap)`. */
export function makeChan(heap: Heap, scheduler: Scheduler, elem: GoType, cap: number): Chan {
  const layout = layoutOf(elem);
  if (layout.size >= MAX_ELEM) throw new GoFatal('makechan: invalid channel element type');
  const bytes = layout.size * cap;
  if (!Number.isInteger(cap) || cap < 0 || bytes > MAX_ALLOC - HEADER_BYTES) {
    throw new GoPanic('makechan: size out of range');
  }
  if (bytes === 0 || layout.scanBytes === 0) {
    const header = heap.allocate(headerLayout(elem, HEADER_BYTES + bytes, []));
    return new Chan(heap, scheduler, elem, cap, header, null);
  }
  const header = heap.allocate(headerLayout(elem, HEADER_BYTES, HEADER_POINTERS));
  const slots = hold(heap, [header]);
  try {
    const buffer = heap.allocate(arrayLayout(elem, cap, bytes));
    header.set(BUFFER_WORD, buffer);
    return new Chan(heap, scheduler, elem, cap, header, buffer);
  } finally {
    heap.letFade(slots);
  }
}

/** A channel variable that was never assigned: operations on it wait for ever. */
export function nilChan(heap: Heap, scheduler: Scheduler, elem: GoType): Chan {
  return new Chan(heap, scheduler, elem, 0, null, null);
}

function headerLayout(elem: GoType, size: number, pointers: readonly number[]): Layout {
  return layoutOf({ name: `chan ${elem.name}`, size, pointers });
}
