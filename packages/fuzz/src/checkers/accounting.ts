/**
 * The books: every figure that an event or MemStats states is what the events before it add up to.
 *
 * 1. heapLive at the start and the end of marking and at the end of a sweep; heapMarked; marks and
 *    frees of each span event; the time of pauses.
 * 2. At the end every MemStats identity: mallocs less frees is objects, HeapAlloc is their slots,
 *    HeapSys is HeapInuse and HeapIdle, released is a part of idle, Sys is its parts; by size class too.
 */
import type { MemStats } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import { FATE_FREED, type Model } from '../model/model.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker, Claims } from './checker.ts';

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

function atEnd(m: Model, stats: MemStats, seq: number): void {
  const { ledger } = m;
  const check = (what: string, claimed: number, found: number): void =>
    same(seq, what, claimed, found);
  const live = [...m.objects.values()].reduce((sum, { span }) => sum + span.slotBytes, 0);
  let inUse = 0;
  for (const span of m.spans.values()) inUse += span.npages * PAGE_BYTES;
  check('Mallocs', stats.Mallocs, ledger.mallocs + ledger.tinyAllocs);
  check('Frees', stats.Frees, ledger.frees + ledger.tinyAllocs);
  check('HeapObjects', stats.HeapObjects, m.objects.size);
  check('TotalAlloc', stats.TotalAlloc, ledger.totalAlloc);
  check('HeapAlloc', stats.HeapAlloc, live);
  check('HeapAlloc less frees', stats.HeapAlloc, ledger.totalAlloc - ledger.totalFree);
  check('Alloc', stats.Alloc, stats.HeapAlloc);
  check('HeapInuse', stats.HeapInuse, inUse);
  const given = ledger.stacksAreGiven ? (m.config?.stackBytes ?? 0) : 0;
  check('StackInuse', stats.StackInuse, ledger.stackPages * PAGE_BYTES + given);
  check('HeapSys', stats.HeapSys, stats.HeapInuse + stats.HeapIdle);
  check('HeapSys', stats.HeapSys, (ledger.heapPages - ledger.stackPages) * PAGE_BYTES);
  check('HeapReleased', stats.HeapReleased, ledger.releasedPages * PAGE_BYTES);
  check('released beyond idle', Math.max(0, stats.HeapReleased - stats.HeapIdle), 0);
  const { HeapSys, StackSys, MSpanSys, MCacheSys, BuckHashSys, GCSys, OtherSys } = stats;
  const sys = [HeapSys, StackSys, MSpanSys, MCacheSys, BuckHashSys, GCSys, OtherSys];
  check(
    'Sys',
    stats.Sys,
    sys.reduce((sum, part) => sum + part, 0),
  );
  check('NumGC', stats.NumGC, ledger.cycles);
  check('NumForcedGC', stats.NumForcedGC, ledger.forced);
  check('PauseTotalNs', stats.PauseTotalNs, ledger.pauseTotalNs);
  check('NextGC', stats.NextGC, ledger.heapGoal);
  bySize(m, stats, check);
}

function bySize(
  m: Model,
  stats: MemStats,
  check: (what: string, claimed: number, found: number) => void,
): void {
  const live = new Map<number, number>();
  for (const { span } of m.objects.values()) {
    if (span.spanClass < 2) continue;
    live.set(span.slotBytes, (live.get(span.slotBytes) ?? 0) + 1);
  }
  for (const { Size, Mallocs, Frees } of stats.BySize) {
    check(`objects of ${Size} bytes`, Mallocs - Frees, live.get(Size) ?? 0);
  }
}

export const accounting = (): Checker => ({
  name: NAME,
  before: beforeEvent,
  after(event: StreamEvent, m: Model): void {
    if (event.tag !== EVENTS.SpanMarked.tag) return;
    same(event.seq, 'newly marked', event.arg(1), m.ledger.freshMarks);
  },
  finish(m: Model, { memStats }: Claims, seq: number): void {
    atEnd(m, memStats, seq);
  },
});
