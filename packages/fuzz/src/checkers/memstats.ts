/**
 * MemStats, every field, whenever it is read: at each end of marking, each commit, each end of a sweep,
 * each ReadMemStats of the program, and at the end.
 *
 * 1. Counts and bytes are what the events add up to, all of them and by size class.
 * 2. The identities that Go's own TestMemStats asserts: HeapSys is HeapInuse and HeapIdle, released
 *    memory is idle, Sys is its seven parts, HeapObjects is mallocs less frees, tiny objects count as freed
 *    at once, LastGC is the newest PauseEnd, the pauses of up to 256 cycles add up to PauseTotalNs.
 * 3. The rings: cycle k is at (k - 1) mod 256, with both of its pauses, and zero stands where no cycle was.
 * 4. GCCPUFraction is the CPU time of cycles but idle workers over what the Ps have offered until the
 *    last one ended.
 *
 * It knows these from events and from `readMemStats`, which is public. It cannot see whether MSpanSys,
 * MCacheSys, BuckHashSys, GCSys and OtherSys are right, only that they are whole and add up.
 */
import type { MemStats } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker, Claims } from './checker.ts';

const NAME = 'memstats';
const RING = 256;

class Reading {
  readonly #m: Model;
  readonly #stats: MemStats;
  readonly #seq: number;

  constructor(m: Model, stats: MemStats, seq: number) {
    this.#m = m;
    this.#stats = stats;
    this.#seq = seq;
  }

  #same(what: string, claimed: number, found: number): void {
    if (claimed === found) return;
    const message = `${what} is said to be ${claimed} and adds up to ${found}`;
    throw new Violation(NAME, this.#seq, message);
  }

  checkObjects(): void {
    const s = this.#stats;
    const { ledger, objects } = this.#m;
    this.#same('Mallocs', s.Mallocs, ledger.mallocs + ledger.tinyAllocs);
    this.#same('Frees', s.Frees, ledger.frees + ledger.tinyAllocs);
    this.#same('HeapObjects', s.HeapObjects, objects.size);
    this.#same('Mallocs less Frees', s.Mallocs - s.Frees, s.HeapObjects);
    this.#same('TotalAlloc', s.TotalAlloc, ledger.totalAlloc);
    this.#same('HeapAlloc', s.HeapAlloc, ledger.totalAlloc - ledger.totalFree);
    this.#same('Alloc', s.Alloc, s.HeapAlloc);
    this.#same('Lookups', s.Lookups, 0);
    s.BySize.forEach(({ Size, Mallocs, Frees }, i) => {
      this.#same(`objects of ${Size} bytes made`, Mallocs, i === 0 ? 0 : ledger.mallocsOf[i]);
      this.#same(`objects of ${Size} bytes freed`, Frees, i === 0 ? 0 : ledger.freesOf[i]);
    });
    this.#same('DebugGC', Number(s.DebugGC), 0);
    this.#same('EnableGC', Number(s.EnableGC), 1);
  }

  checkMemory(): void {
    const s = this.#stats;
    const { pages, config } = this.#m;
    const given = pages.stacksAreGiven ? (config?.stackBytes ?? 0) : 0;
    this.#same('HeapInuse', s.HeapInuse, pages.inUse * PAGE_BYTES);
    this.#same('HeapIdle', s.HeapIdle, (pages.free + pages.released) * PAGE_BYTES);
    this.#same('HeapReleased', s.HeapReleased, pages.released * PAGE_BYTES);
    this.#same('HeapSys', s.HeapSys, (pages.heap - pages.stacks) * PAGE_BYTES);
    this.#same('HeapSys', s.HeapSys, s.HeapInuse + s.HeapIdle);
    this.#same('StackInuse', s.StackInuse, pages.stacks * PAGE_BYTES + given);
    this.#same('StackSys', s.StackSys, s.StackInuse);
    const heap = s.HeapSys + s.StackSys + s.MSpanSys + s.MCacheSys;
    this.#same('Sys', s.Sys, heap + s.BuckHashSys + s.GCSys + s.OtherSys);
    this.#atMost('HeapReleased', s.HeapReleased, s.HeapIdle);
    this.#atMost('HeapAlloc', s.HeapAlloc, s.HeapInuse);
    this.#atMost('MSpanInuse', s.MSpanInuse, s.MSpanSys);
    this.#atMost('MCacheInuse', s.MCacheInuse, s.MCacheSys);
    for (const bytes of [s.MSpanSys, s.MCacheSys, s.BuckHashSys, s.GCSys, s.OtherSys]) {
      this.#same('memory beside the heap', bytes, Math.max(0, Math.floor(bytes)));
    }
  }

  #atMost(what: string, claimed: number, most: number): void {
    this.#same(`${what} beyond its whole`, Math.max(0, claimed - most), 0);
  }

  checkCycles(): void {
    const s = this.#stats;
    const { ledger, times } = this.#m;
    this.#same('NumGC', s.NumGC, ledger.cycles);
    this.#same('NumForcedGC', s.NumForcedGC, ledger.forced);
    this.#same('PauseTotalNs', s.PauseTotalNs, times.pauseTotalNs);
    this.#same('LastGC', s.LastGC, times.ends.at(-1) ?? 0);
    this.#same('the newest PauseEnd', s.PauseEnd[(s.NumGC + RING - 1) % RING], s.LastGC);
    const from = Math.max(0, times.pauses.length - RING);
    this.#same('entries of PauseNs', s.PauseNs.length, RING);
    this.#same('entries of PauseEnd', s.PauseEnd.length, RING);
    let total = 0;
    for (let k = from; k < from + RING; k += 1) {
      const at = k % RING;
      total += s.PauseNs[at];
      this.#same(`PauseNs[${at}]`, s.PauseNs[at], times.pauses[k] ?? 0);
      this.#same(`PauseEnd[${at}]`, s.PauseEnd[at], times.ends[k] ?? 0);
    }
    if (s.NumGC <= RING) this.#same('PauseTotalNs', s.PauseTotalNs, total);
    const offered = times.cpuAtGCNs;
    const share = offered === 0 ? 0 : Math.min(1, times.gcCpuNs / offered);
    this.#same('GCCPUFraction', s.GCCPUFraction, share);
  }
}

export function memStats(): Checker {
  let goal = 0;
  const read = (m: Model, stats: MemStats, seq: number): void => {
    const reading = new Reading(m, stats, seq);
    reading.checkObjects();
    reading.checkMemory();
    reading.checkCycles();
    if (stats.NextGC === goal) return;
    throw new Violation(NAME, seq, `NextGC is said to be ${stats.NextGC}, the goal is ${goal}`);
  };
  return {
    name: NAME,
    after(event: StreamEvent, m: Model): void {
      if (event.tag === EVENTS.PacerCommitted.tag) goal = event.arg(0);
      if (event.memStats !== null) read(m, event.memStats, event.seq);
    },
    finish(m: Model, { memStats }: Claims, seq: number): void {
      read(m, memStats, seq);
      let live = 0;
      for (const { span } of m.objects.values()) live += span.slotBytes;
      if (live === memStats.HeapAlloc) return;
      throw new Violation(NAME, seq, `HeapAlloc is ${memStats.HeapAlloc}, objects take ${live}`);
    },
  };
}
