/**
 * Mark assists: every goroutine pays for what it allocates while marking.
 *
 * 1. Each goroutine has a balance in bytes, zero when a cycle starts. An allocation takes its bytes off;
 *    when that leaves a debt, the goroutine assists before it gets the object.
 * 2. An assist is worth at least 64 KiB of scan work, so that few are needed. It first takes background
 *    credit, then marks itself.
 * 3. If that was not enough the goroutine waits: background credit then goes to it before anybody
 *    may take it. When marking ends its debt is forgiven.
 * 4. A goroutine that ends gives its credit back.
 *
 * While the GC CPU limiter limits nobody assists; debts stay. Follows `runtime/malloc.go`
 * deductAssistCredit and `mgcmark.go` gcAssistAlloc, gcAssistAlloc1, gcParkAssist and gcFlushBgCredit, Go
 * 1.26. Deviation: one goroutine runs at a time, so the queue of those that wait holds one.
 */
import { EVENTS } from '@heaptape/schema';
import type { Background } from './background.ts';
import type { Journal } from './journal.ts';

/** Least scan work of an assist, bytes (gcOverAssistWork). */
const OVER_ASSIST_WORK = 65536;
/** Goroutine numbers are not below this. */
const NOBODY = -1;

/** What the pacer and the limiter say. */
export interface AssistPrices {
  readonly assistWorkPerByte: number;
  readonly assistBytesPerWork: number;
  readonly limiting: boolean;
}

/** What assists of the running cycle came to, bytes of scan work. */
export interface AssistTotals {
  readonly owed: number;
  readonly stolen: number;
  readonly marked: number;
  readonly paid: number;
}

export class Assists {
  readonly #pacing: AssistPrices;
  readonly #background: Background;
  readonly #slots = new Map<number, number>();
  #balance: Float64Array = new Float64Array(64);
  /** The goroutine looked up last, and where its balance is. */
  #g = NOBODY;
  #slot = 0;
  /** Scan work, bytes: owed when assists began, stolen, marked, and paid while waiting. */
  #owed = 0;
  #stolen = 0;
  #marked = 0;
  #paid = 0;
  /** Of the assist that is under way: debt and ratio before it, stolen and marked for it. */
  #debt = 0;
  #ratio = 0;
  #stolenNow = 0;
  #markedNow = 0;

  constructor(pacing: AssistPrices, background: Background) {
    this.#pacing = pacing;
    this.#background = background;
  }

  get totals(): AssistTotals {
    return { owed: this.#owed, stolen: this.#stolen, marked: this.#marked, paid: this.#paid };
  }

  begin(): void {
    this.#slots.clear();
    this.#balance.fill(0);
    this.#g = NOBODY;
    this.#owed = 0;
    this.#stolen = 0;
    this.#marked = 0;
    this.#paid = 0;
  }

  /** Takes an allocation off the balance of goroutine `g`. True when it has to assist. */
  charge(g: number, bytes: number): boolean {
    if (g !== this.#g) this.#lookUp(g);
    this.#balance[this.#slot] -= bytes;
    return this.#balance[this.#slot] < 0;
  }

  /** Bytes that the goroutine charged last may allocate; negative is debt. */
  get balance(): number {
    return this.#balance[this.#slot];
  }

  /** The debtor takes what credit there is; returns the scan work that it has to do itself. */
  steal(): number {
    const { assistWorkPerByte, assistBytesPerWork } = this.#pacing;
    this.#debt = 0;
    if (this.#pacing.limiting || assistWorkPerByte === 0) return 0;
    let debt = -this.#balance[this.#slot];
    this.#debt = debt;
    this.#ratio = assistWorkPerByte;
    this.#stolenNow = 0;
    this.#markedNow = 0;
    let work = Math.trunc(assistWorkPerByte * debt);
    if (work < OVER_ASSIST_WORK) {
      work = OVER_ASSIST_WORK;
      debt = Math.trunc(assistBytesPerWork * work);
    }
    this.#owed += work;
    const credit = Math.trunc(this.#background.credit);
    if (credit <= 0) return work;
    const stolen = Math.min(credit, work);
    this.#background.credit -= stolen;
    this.#stolen += stolen;
    this.#stolenNow = stolen;
    this.#balance[this.#slot] += stolen === work ? debt : this.#bytesOf(stolen);
    return work - stolen;
  }

  /** The debtor has done scan work. */
  marked(scan: number): void {
    this.#marked += scan;
    this.#markedNow = scan;
    this.#balance[this.#slot] += this.#bytesOf(scan);
  }

  /** The assist is over, after so much marking: records it, unless the limiter did not let it begin. */
  record(journal: Journal, cpuNs: number): void {
    const debt = this.#debt;
    if (debt === 0) return;
    const marked = Math.floor(this.#markedNow);
    // Without a goal a unit of work buys more bytes than an event can state.
    const credit = Math.min(this.#balance[this.#slot] + debt, Number.MAX_SAFE_INTEGER);
    const ns = Math.floor(cpuNs);
    const stolen = this.#stolenNow;
    journal.emit(EVENTS.Assisted.tag, this.#g, debt, this.#ratio, stolen, marked, credit, ns);
  }

  /** Background credit goes to the debtor as far as it is owed. */
  pay(): void {
    const debt = -this.#balance[this.#slot];
    const { credit } = this.#background;
    if (debt <= 0 || credit <= 0) return;
    const { assistWorkPerByte, assistBytesPerWork } = this.#pacing;
    const bytes = Math.trunc(credit * assistBytesPerWork);
    if (bytes >= debt) {
      this.#balance[this.#slot] = 0;
      this.#background.credit = Math.trunc((bytes - debt) * assistWorkPerByte);
    } else {
      this.#balance[this.#slot] += bytes;
      this.#background.credit = 0;
    }
    this.#paid += credit - this.#background.credit;
  }

  /** Scan work that would settle the debtor's debt, bytes. */
  get workOwed(): number {
    return Math.max(0, -this.#balance[this.#slot]) * this.#pacing.assistWorkPerByte;
  }

  /** Goroutine `g` has ended: its credit goes to the background's. */
  ended(g: number): void {
    const slot = this.#slots.get(g);
    if (slot === undefined) return;
    const bytes = this.#balance[slot];
    if (bytes > 0) {
      this.#background.credit += Math.trunc(this.#pacing.assistWorkPerByte * bytes);
    }
    this.#balance[slot] = 0;
  }

  #bytesOf(scan: number): number {
    return 1 + Math.trunc(this.#pacing.assistBytesPerWork * scan);
  }

  #lookUp(g: number): void {
    let slot = this.#slots.get(g);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(g, slot);
      if (slot === this.#balance.length) {
        const grown = new Float64Array(slot * 2);
        grown.set(this.#balance);
        this.#balance = grown;
      }
    }
    this.#g = g;
    this.#slot = slot;
  }
}
