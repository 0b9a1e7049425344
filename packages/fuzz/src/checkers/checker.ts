/**
 * What a checker is: it is shown every event twice, before the naive model has folded it and after, and
 * throws a `Violation` when the promise that it is named after is broken.
 *
 * A checker sees events and the model, never the simulator's state. What a run says of itself at its
 * end (`Claims`) goes through public functions, and is itself something to check.
 */
import type { MemStats } from '@heaptape/core';
import type { TapeReader } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';

/** What the run claims at its end. */
export interface Claims {
  readonly memStats: MemStats;
  /** First word of an object that is alive, by ordinal; -1 when it is not. */
  readonly wordOf: (ordinal: number) => number;
  /** What a word of the heap, or a root, refers to: a word plus 1; 0 is nil. */
  readonly referenceAt: (word: number) => number;
  readonly referenceOf: (root: number) => number;
  readonly tape: TapeReader;
}

export interface Checker {
  readonly name: string;
  before?(event: StreamEvent, model: Model): void;
  after?(event: StreamEvent, model: Model): void;
  /** The stream is over. */
  finish?(model: Model, claims: Claims, seq: number): void;
}

export interface CheckerKind {
  readonly name: string;
  /** What it checks, in a line. */
  readonly doc: string;
  readonly make: () => Checker;
}

/** Throws unless `condition` holds; the message is made only then. */
export function expectThat(
  condition: boolean,
  property: string,
  seq: number,
  message: () => string,
): void {
  if (!condition) throw new Violation(property, seq, message());
}
