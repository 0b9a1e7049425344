/**
 * The page's side of the protocol with one worker: calls with typed arguments and answers.
 */
import type { JobAnswer, JobArgs, JobName } from '../worker/jobs.ts';
import {
  CANCEL_CELL,
  CANCEL_CELLS,
  type Failure,
  type FromWorker,
  type Progress,
  type ToWorker,
} from '../worker/protocol.ts';

/** What a call may be told while it runs. */
export interface Hearing {
  readonly onProgress?: (progress: Progress) => void;
  readonly onPart?: (part: unknown) => void;
}

interface Pending extends Hearing {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CallError) => void;
}

/** A call that failed, in the worker's words. */
export class CallError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A running call: its answer, and a way to stop it. */
export interface Running<T> {
  readonly answer: Promise<T>;
  cancel(): void;
}

/** Memory that can be read in the midst of folding, where the page may share any. */
function sharedCell(): Int32Array | null {
  if (!globalThis.crossOriginIsolated) return null;
  return new Int32Array(new SharedArrayBuffer(CANCEL_CELLS * Int32Array.BYTES_PER_ELEMENT));
}

export class Caller {
  readonly #worker: Worker;
  readonly #cell = sharedCell();
  readonly #pending = new Map<number, Pending>();
  #next = 1;

  constructor(worker: Worker) {
    this.#worker = worker;
    if (this.#cell !== null) worker.postMessage({ cell: this.#cell });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#heard(data);
    worker.onerror = (event) => {
      const message = event.message || 'the worker did not start';
      for (const { reject } of this.#pending.values()) {
        reject(new CallError({ code: 'bug', message }));
      }
      this.#pending.clear();
    };
  }

  call<N extends JobName>(job: N, args: JobArgs<N>, hearing: Hearing = {}): Running<JobAnswer<N>> {
    const id = this.#next;
    this.#next += 1;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { ...hearing, resolve, reject });
    });
    this.#send({ call: { id, job, args } });
    return { answer: answer as Promise<JobAnswer<N>>, cancel: () => this.#cancel(id) };
  }

  #cancel(id: number): void {
    if (!this.#pending.has(id)) return;
    if (this.#cell !== null) Atomics.store(this.#cell, CANCEL_CELL, id);
    this.#send({ cancel: id });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #heard(message: FromWorker): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if ('progress' in message) pending.onProgress?.(message.progress);
    else if ('part' in message) pending.onPart?.(message.part);
    else {
      this.#pending.delete(message.id);
      if ('failure' in message) pending.reject(new CallError(message.failure));
      else pending.resolve(message.value);
    }
  }
}
