/**
 * Mark assists: everybody pays for what is allocated while a cycle marks.
 *
 * 1. Each goroutine has a balance, zero when a cycle begins. An allocation takes its slot off, a large or
 *    tiny object what was asked for. When that would leave a debt, `Assisted` comes first and states just
 *    that debt; what it credits is the balance from then on. Nobody gets away without, unless the CPU
 *    limiter can be limiting; nobody pays who has no debt.
 * 2. What is still owed after that is waited for (`AssistWaited` states it), and then the debt is gone.
 * 3. Credit is for work: none without any, some for any, no less than the debt if no wait follows. Stolen work is
 *    work that background workers have had the time for in this cycle; nothing is left from the last one,
 *    and nothing is spent twice. Assists and stolen credit together are never more than all the work.
 * 4. An assist is for 64 KiB of work at least; what it takes of background credit is priced by the ratio
 *    that it states. A goroutine that ends gives its credit back at that price: the next one in debt
 *    finds as much to take before it marks.
 * 5. The time of assists is what the cycle says that they took.
 *
 * It cannot see whether the ratio is right beyond the cycle's first one (`pacer.ts`), nor what waiting
 * goroutines took out of the credit.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';
import { LimiterBounds } from './limiterbounds.ts';

const NAME = 'assists';
const CLOSE = 1 + 1e-6;
const OVER_ASSIST_WORK = 65_536;

/** What an `Assisted` has said, until the allocation that it is for. */
interface Payment {
  readonly seq: number;
  readonly g: number;
  readonly debt: number;
  readonly credit: number;
  waited: number | null;
}

class Assists implements Checker {
  readonly name: string = NAME;
  readonly #limiter = new LimiterBounds();
  /** Bytes by goroutine; null where a wait has ended for another reason than being paid. */
  readonly #balances = new Map<number, number | null>();
  #payment: Payment | null = null;
  /** Of this cycle: work and time of assists, and credit given back by goroutines that ended. */
  #stolen = 0;
  #marked = 0;
  #ns = 0;
  #assists = 0;
  #givenBack = false;
  /** Bytes of credit that were given back, with the clock and heapLive at that moment. */
  #returned: { bytes: number; nowNs: number; heapLive: number } | null = null;
  /** Ps' worth of workers, and the least that a unit costs, ns. */
  #shares = 0;
  #nsPerUnit = 1;

  before(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.Assisted.tag:
        this.#assisted(event, m);
        return;
      case EVENTS.AssistWaited.tag:
        this.#waited(event, m);
        return;
      case EVENTS.ObjectAllocated.tag: {
        const site = m.sites[event.arg(0) - 1];
        const small = site !== undefined && site.spanClass >= 2;
        const bytes = small ? m.spanFor(site)?.slotBytes : site?.bytes;
        this.#charge(event, m, bytes ?? 0);
        return;
      }
      case EVENTS.TinyAllocated.tag:
        this.#charge(event, m, m.sites[event.arg(0) - 1]?.bytes ?? 0);
        return;
      case EVENTS.GoroutineExited.tag:
        this.#exited(event.arg(0), m);
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.#terminated(event, m);
        return;
      default:
        return;
    }
  }

  after(event: StreamEvent, m: Model): void {
    this.#limiter.fold(event, m);
    switch (event.tag) {
      case EVENTS.RunStarted.tag:
        this.#nsPerUnit = m.config?.costs.markNsPerByte ?? 1;
        return;
      case EVENTS.MarkCostSet.tag:
        this.#nsPerUnit = m.marking ? Math.min(this.#nsPerUnit, event.arg(0)) : event.arg(0);
        return;
      case EVENTS.GCStarted.tag:
        this.#balances.clear();
        this.#stolen = 0;
        this.#marked = 0;
        this.#ns = 0;
        this.#assists = 0;
        this.#givenBack = false;
        this.#returned = null;
        this.#shares = 0;
        return;
      case EVENTS.MarkWorkerStarted.tag:
        this.#shares += event.arg(2);
        return;
      default:
        return;
    }
  }

  #assisted(event: StreamEvent, m: Model): void {
    const [g, debt, ratio, stolen, marked, credit, ns] = [0, 1, 2, 3, 4, 5, 6].map((i) =>
      event.arg(i),
    );
    if (!m.marking) this.#fail(event, 'an assist while nothing is marked');
    if (g !== m.g) this.#fail(event, `goroutine ${m.g} is running`);
    if (this.#payment !== null) this.#fail(event, 'it pays twice for one object');
    // Work is told in whole bytes; less than one has its price too.
    if (stolen + marked === 0 && credit > 1 + 1 / ratio) {
      this.#fail(event, `credit of ${credit} bytes for no work`);
    }
    if (credit < 1 && stolen + marked > 0) {
      this.#fail(event, `no credit for ${stolen} and ${marked} bytes of work`);
    }
    this.#expectPrice(event, m, debt, ratio, stolen, credit);
    this.#stolen += stolen;
    this.#marked += marked;
    this.#ns += ns;
    this.#assists += 1;
    const elapsedNs = m.times.nowNs - m.times.markStartNs;
    const possible = (elapsedNs * this.#shares * CLOSE) / this.#nsPerUnit;
    if (this.#stolen > possible && !this.#givenBack) {
      this.#fail(event, `workers have had time for ${possible} bytes, ${this.#stolen} were spent`);
    }
    this.#payment = { seq: event.seq, g, debt, credit, waited: null };
  }

  #expectPrice(
    event: StreamEvent,
    { times, ledger }: Model,
    debt: number,
    ratio: number,
    stolen: number,
    credit: number,
  ): void {
    const owed = Math.max(Math.trunc(ratio * debt), OVER_ASSIST_WORK);
    if (stolen > owed) this.#fail(event, `${owed} bytes of work are owed, ${stolen} were taken`);
    if (stolen === owed) {
      const worth = Math.trunc(ratio * debt) < owed ? OVER_ASSIST_WORK / ratio : debt;
      if (Math.abs(credit - worth) > 1) this.#fail(event, `that work is worth ${worth} bytes`);
    }
    const { bytes = 0, nowNs = 0, heapLive = 0 } = this.#returned ?? {};
    this.#returned = null;
    if (nowNs !== times.nowNs || heapLive !== ledger.heapLive || stolen === owed) return;
    const back = Math.trunc(ratio * bytes);
    if (stolen < back) this.#fail(event, `${back} bytes of work were given back, ${stolen} taken`);
  }

  #exited(g: number, { times, ledger }: Model): void {
    const balance = this.#balances.get(g) ?? 0;
    this.#givenBack ||= balance !== 0 || this.#balances.has(g);
    const { nowNs } = times;
    this.#returned = { bytes: Math.max(0, balance), nowNs, heapLive: ledger.heapLive };
    this.#balances.set(g, 0);
  }

  #waited(event: StreamEvent, m: Model): void {
    const payment = this.#payment;
    const [g, debt] = [event.arg(0), event.arg(1)];
    if (payment === null || payment.g !== g) this.#fail(event, 'it waits without having paid');
    const left = payment.debt - payment.credit;
    if (debt !== left) this.#fail(event, `its debt is ${left}`);
    payment.waited = debt;
    // Waiting ends when the debt is paid or marking is over, or else because the limiter limits.
    if (m.marking && this.#limiter.mayLimit) payment.waited = null;
  }

  #charge(event: StreamEvent, m: Model, bytes: number): void {
    const payment = this.#payment;
    this.#payment = null;
    if (payment === null && !m.marking) return;
    const balance = this.#balances.get(m.g) ?? (this.#balances.has(m.g) ? null : 0);
    if (payment !== null) {
      this.#expectPaid(event, m, payment, bytes, balance);
      return;
    }
    if (balance === null) return;
    const left = balance - bytes;
    if (left < 0 && !this.#limiter.mayLimit) {
      this.#fail(event, `goroutine ${m.g} has a debt of ${-left} bytes and does not assist`);
    }
    this.#balances.set(m.g, left);
  }

  #expectPaid(
    event: StreamEvent,
    m: Model,
    { g, debt, credit, waited }: Payment,
    bytes: number,
    balance: number | null,
  ): void {
    if (balance !== null && debt !== bytes - balance) {
      this.#fail(event, `the debt of goroutine ${g} was ${bytes - balance} bytes, ${debt} is paid`);
    }
    const left = credit - debt;
    if (left >= 0) this.#balances.set(g, left);
    else if (waited !== null) this.#balances.set(g, 0);
    else {
      if (m.marking && !this.#limiter.mayLimit) {
        this.#fail(event, `goroutine ${g} still owes ${-left} bytes and does not wait`);
      }
      this.#balances.set(g, null);
    }
  }

  #terminated(event: StreamEvent, m: Model): void {
    const { heapScanWork, stackScanWork, globalsScanWork } = m.ledger;
    const work = heapScanWork + stackScanWork + globalsScanWork;
    const paid = this.#stolen + this.#marked;
    if (paid > work && !this.#givenBack) {
      this.#fail(event, `assists paid with ${paid} bytes of ${work} that were scanned`);
    }
    const { assistNs } = m.times;
    if (assistNs >= this.#ns && assistNs <= this.#ns + this.#assists) return;
    this.#fail(event, `assists took ${this.#ns} ns, the cycle says ${assistNs}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const assists = (): Checker => new Assists();
