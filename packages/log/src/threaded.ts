/**
 * A tape writer whose work happens in another thread.
 *
 * Encoding, compressing, hashing and SQLite take about as long as simulating, so a run that writes a tape
 * gains most of a second processor. Calls return once their data is on its way; at most `IN_FLIGHT`
 * segments wait, then the caller waits. A failure in the other thread is thrown by the next call, and at
 * the latest by `close`, which returns when the tape has its final name. The caller's event loop need
 * not run: waiting is done on shared memory, answers are taken from the port directly.
 *
 * `append` copies what the batch holds, because its owner goes on writing to it: into shared memory, one
 * slot a segment on its way. Slots are used in turn. One that comes up again has been written by then,
 * because there are as many as segments that may wait.
 */
import { resolve } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import {
  assert,
  type ErrorCode,
  type EventBatch,
  HeaptapeError,
  type StoredSnapshot,
  type TapeWriter,
} from '@heaptape/schema';
import { expectSegment, expectSnapshot, jsonOf } from './expect.ts';
import { openTapeWriter, type TapeWriterOptions } from './open.ts';
import { openTape } from './reader.ts';

/** Segments on their way at most. */
const IN_FLIGHT = 8;

/** How long the other thread may take to start, milliseconds. */
const START_TIMEOUT = 30_000;

/** Cells of the shared memory: requests not yet answered; state of the other thread; it has started. */
export const PENDING = 0;
export const STATE = 1;
export const STARTED = 2;
/** Values of the state: at work, ended well, failed (the port says how). */
export const WORKING = 0;
export const DONE = 1;
export const FAILED = 2;

/** Shared memory for one segment on its way. */
export interface Slot {
  readonly kinds: Uint8Array;
  readonly args: Float64Array;
  readonly blob: Uint8Array;
}

/** A batch on its way: the number of its slot, and how much of that it takes. */
export interface SentBatch {
  readonly slot: number;
  /** The slot's memory, where it is not what it was the last time. */
  readonly made: Slot | undefined;
  readonly firstSeq: number;
  readonly firstOrdinal: number;
  readonly count: number;
  readonly argCount: number;
  readonly blobLength: number;
}

export type Request =
  | {
      readonly kind: 'append';
      readonly batch: SentBatch;
      readonly hash: string;
      readonly endTimeNs: number;
    }
  | { readonly kind: 'snapshot'; readonly snapshot: StoredSnapshot }
  | { readonly kind: 'document'; readonly name: string; readonly json: string }
  | { readonly kind: 'close' }
  | { readonly kind: 'abort' };

/** How a failure crosses between threads. `code` is null for a bug. */
export interface SentFailure {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A writer that can be closed, under its final name, or given up. */
export interface ClosableTapeWriter extends TapeWriter {
  close(): void;
  abort(): void;
}

class ThreadedTapeWriter implements ClosableTapeWriter {
  readonly #shared = new Int32Array(new SharedArrayBuffer(12));
  readonly #channel = new MessageChannel();
  readonly #worker: Worker;
  readonly #since = performance.now();
  readonly #slots: Slot[] = [];
  #nextSlot = 0;
  #events = 0;
  #open = true;

  constructor(script: URL, path: string, options: TapeWriterOptions) {
    if (options.appendTo) this.#events = eventsOf(path);
    const { port2 } = this.#channel;
    const workerData = { path, options, shared: this.#shared, port: port2 };
    // Flags of this process (loaders, conditions of a test runner) are not for the built worker.
    this.#worker = new Worker(script, { workerData, transferList: [port2], execArgv: [] });
    this.#worker.unref();
    // Without a listener, an error of a thread that could not start would be thrown where nobody waits.
    this.#worker.on('error', () => this.#fail());
  }

  get events(): number {
    return this.#events;
  }

  append(batch: EventBatch, hash: string, endTimeNs: number): void {
    assert(this.#open, 'append to a tape that is closed');
    expectSegment(this.#events, batch, hash, endTimeNs);
    this.#waitForRoom();
    const { firstSeq, firstOrdinal, count, argCount, blobLength } = batch;
    const slot = this.#nextSlot;
    const before = this.#slots[slot];
    const made = before !== undefined && fits(before, batch) ? undefined : slotFor(batch);
    const to = made ?? before;
    to.kinds.set(batch.kinds.subarray(0, count));
    to.args.set(batch.args.subarray(0, argCount));
    to.blob.set(batch.blob.subarray(0, blobLength));
    const sent = { slot, made, firstSeq, firstOrdinal, count, argCount, blobLength };
    this.#send({ kind: 'append', batch: sent, hash, endTimeNs });
    this.#slots[slot] = to;
    this.#nextSlot = (slot + 1) % IN_FLIGHT;
    this.#events += batch.count;
  }

  putSnapshot(snapshot: StoredSnapshot): void {
    expectSnapshot(this.#events, snapshot);
    this.#send({ kind: 'snapshot', snapshot });
  }

  putDocument(name: string, value: unknown): void {
    this.#send({ kind: 'document', name, json: jsonOf(name, value) });
  }

  /** Waits until the tape has its final name. After a failure it can only be aborted. */
  close(): void {
    this.#finish('close');
  }

  /** Gives the tape up: nothing is left under its final name. */
  abort(): void {
    if (Atomics.load(this.#shared, STATE) === WORKING && this.#open) this.#finish('abort');
    this.#open = false;
  }

  #finish(kind: 'close' | 'abort'): void {
    this.#send({ kind });
    while (Atomics.load(this.#shared, STATE) === WORKING)
      this.#wait(Atomics.load(this.#shared, PENDING));
    this.#throwFailure();
    this.#open = false;
  }

  #send(request: Request): void {
    this.#waitForRoom();
    Atomics.add(this.#shared, PENDING, 1);
    this.#channel.port1.postMessage(request);
  }

  /** Waits until one more request may be on its way. */
  #waitForRoom(): void {
    assert(this.#open, 'a tape that is closed was written to');
    for (;;) {
      this.#throwFailure();
      const pending = Atomics.load(this.#shared, PENDING);
      if (pending < IN_FLIGHT) return;
      this.#wait(pending);
    }
  }

  /**
   * Waits for the number of pending requests to change; wakes now and then to look at the state. The
   * event that tells of a thread that could not start is not seen while waiting: time tells.
   */
  #wait(pending: number): void {
    const started = Atomics.load(this.#shared, STARTED) === 1;
    if (!started && performance.now() - this.#since > START_TIMEOUT) this.#fail();
    Atomics.wait(this.#shared, PENDING, pending, 100);
  }

  #fail(): void {
    Atomics.store(this.#shared, STATE, FAILED);
    Atomics.notify(this.#shared, PENDING);
  }

  #throwFailure(): void {
    if (Atomics.load(this.#shared, STATE) !== FAILED) return;
    this.#open = false;
    const answer = receiveMessageOnPort(this.#channel.port1)?.message as SentFailure | undefined;
    const code = answer?.code ?? 'file-error';
    const message = answer?.message ?? 'the thread that writes the tape has ended';
    throw new HeaptapeError(code, message, answer?.hint);
  }
}

/** Events of the tape that is to be continued. Throws what is wrong with it. */
function eventsOf(path: string): number {
  const reader = openTape(path);
  try {
    return reader.events;
  } finally {
    reader.close();
  }
}

function fits({ kinds, args, blob }: Slot, { count, argCount, blobLength }: EventBatch): boolean {
  return kinds.length >= count && args.length >= argCount && blob.length >= blobLength;
}

/** A slot for a batch and for somewhat larger ones: the batches of a run are much alike. */
function slotFor({ count, argCount, blobLength }: EventBatch): Slot {
  const room = (length: number): number => Math.ceil(length * 1.25) + 64;
  return {
    kinds: new Uint8Array(new SharedArrayBuffer(room(count))),
    args: new Float64Array(new SharedArrayBuffer(room(argCount) * 8)),
    blob: new Uint8Array(new SharedArrayBuffer(room(blobLength))),
  };
}

/**
 * Starts writing a tape in another thread; options as in `openTapeWriter`. What is wrong with `path`
 * shows in a later call.
 */
export function openThreadedTapeWriter(
  path: string,
  options: TapeWriterOptions = {},
): ClosableTapeWriter {
  const script = new URL('../dist/threaded-worker.js', import.meta.url);
  return new ThreadedTapeWriter(script, resolve(path), options);
}

/** A writer in another thread where there is a processor for it, and in this one otherwise. */
export function openFastTapeWriter(
  path: string,
  processors: number,
  options: TapeWriterOptions = {},
): ClosableTapeWriter {
  return processors > 1 ? openThreadedTapeWriter(path, options) : openTapeWriter(path, options);
}
