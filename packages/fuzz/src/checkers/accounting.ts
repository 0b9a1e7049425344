/**
 * The books: every figure that an event states is what the events before it add up to.
 *
 * 1. heapLive at the start and the end of marking and at the end of a sweep; heapMarked; marks and
 *    frees of each span event.
 * 2. CPU time of a cycle: its workers and assists, and each of its pauses on every P.
 *
 * It sees sums only: whether what is summed up was right to happen is for the other checkers.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { FATE_FREED } from '../model/pagebooks.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'accounting';
const FATE_FULL = 1;

function same(seq: number, what: string, claimed: number, found: number): void {
  if (claimed === found) return;
  throw new Violation(NAME, seq, `${what} is said to be ${claimed} and adds up to ${found}`);
}

function beforeEvent(event: StreamEvent, m: Model): void {
  const { seq, tag } = event;
  const { ledger } = m;
  if (tag === EVENTS.GCStarted.tag) {
    same(seq, 'heapLive at the start of a cycle', event.arg(2), ledger.heapLive);
    same(seq, 'the number of a cycle', event.arg(0), ledger.cycles + 1);
  } else if (tag === EVENTS.GCMarkTerminated.tag) {
    same(seq, 'heapLive when marking ends', event.arg(1), ledger.heapLive);
    same(seq, 'heapMarked', event.arg(2), ledger.bytesMarked);
    const { workerNs, assistNs, cyclePauseNs } = m.times;
    const cpuNs = workerNs + assistNs + (cyclePauseNs + event.arg(4)) * m.procs;
    same(seq, 'CPU time of the cycle', event.arg(6), cpuNs);
  } else if (tag === EVENTS.SweepMeasured.tag) {
    same(seq, 'heapLive at the end of a sweep', event.arg(0), ledger.heapLive);
  } else if (tag === EVENTS.SpanSwept.tag) {
    const span = m.spans.get(event.arg(0));
    if (span === undefined) return;
    const doomed = m.doomed(span).length;
    const left = span.objects.size - doomed;
    same(seq, 'freed', event.arg(1), doomed);
    if (event.arg(2) === FATE_FREED) same(seq, 'objects of a freed span', 0, left);
    else same(seq, 'a full span', Number(event.arg(2) === FATE_FULL), Number(left === span.slots));
  }
}

export const accounting = (): Checker => ({
  name: NAME,
  before: beforeEvent,
  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.SpanMarked.tag) return;
    same(event.seq, 'newly marked', event.arg(1), m.ledger.freshMarks);
  },
});
