/**
 * What the page and its workers say to each other: calls with a number, answered once.
 *
 * A call names a job (`jobs.ts`). While it runs it may report progress, and send parts of what it finds;
 * at the end comes its value, or what went wrong. A call is cancelled by message, which a job hears
 * between its slices, and where memory can be shared also by its number in a shared cell, which it hears
 * in the midst of folding.
 */

export interface Call {
  readonly id: number;
  readonly job: string;
  readonly args: unknown;
}

export type ToWorker = { readonly call: Call } | { readonly cancel: number };

/** What went wrong, for people. `cancelled` is nobody's fault. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export type FromWorker =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
  | { readonly id: number; readonly part: unknown }
  | { readonly id: number; readonly progress: Progress };

/** Events done, of how many. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Where a call that is to stop in the midst of folding is named, and how long the array is. */
export const CANCEL_CELL = 0;
export const CANCEL_CELLS = 1;

/** The part of a worker, or of a worker's global scope, that both sides use. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** Buffers of the typed arrays in a value made of plain objects and arrays: to be handed over, not copied. */
export function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const one of value) buffersIn(one, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) buffersIn(one, found);
  }
  return found;
}
