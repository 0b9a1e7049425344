/**
 * Background mark workers: the 25 % rule, and the time that they say they took.
 *
 * 1. `MarkPaced`: a quarter of the Ps, rounded, are dedicated; where that is off by more than 30 %, it is
 *    rounded down and every P gives a fraction of its time to make up the rest.
 * 2. As many dedicated workers start, each on a P of its own; the others run fractional ones, or idle
 *    ones, which leave the rule's share to the program. Only a recording's own figure changes shares.
 * 3. Each that starts stops, when marking ends, and has taken its share of the time that marking took.
 *    What the cycle says of workers and idle workers is the sum of that.
 *
 * It does not see which worker scanned what.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'workers';
const DEDICATED = 1;
const FRACTIONAL = 2;
const IDLE = 3;
const PERIODIC = 2;

/** Dedicated workers, and the share of its time that each P gives. */
function quarter(procs: number): readonly [dedicated: number, share: number] {
  const wanted = procs * 0.25;
  const rounded = Math.floor(wanted + 0.5);
  if (Math.abs(rounded / wanted - 1) <= 0.3) return [rounded, 0];
  const dedicated = rounded > wanted ? rounded - 1 : rounded;
  return [dedicated, (wanted - dedicated) / procs];
}

class Workers implements Checker {
  readonly name: string = NAME;
  /** Share by `p/mode`. */
  readonly #running = new Map<string, number>();
  #stopped = 0;
  #shares = [0, 0, 0, 0];
  /** A recording has said how many Ps mark. */
  #recorded = false;
  #trigger = 0;
  #fresh = false;

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (this.#fresh && tag !== EVENTS.MarkWorkerStarted.tag) this.#started(event, m);
    switch (tag) {
      case EVENTS.MarkCostSet.tag:
        this.#recorded = true;
        return;
      case EVENTS.ProcsSet.tag:
        this.#recorded = false;
        return;
      case EVENTS.GCStarted.tag:
        this.#trigger = event.arg(1);
        this.#running.clear();
        this.#stopped = 0;
        this.#shares = [0, 0, 0, 0];
        return;
      case EVENTS.MarkPaced.tag: {
        const [dedicated, share] = quarter(m.procs);
        this.#same(event, 'dedicated workers', event.arg(4), dedicated);
        this.#same(event, 'the share of fractional workers', event.arg(5), share);
        return;
      }
      case EVENTS.MarkWorkerStarted.tag:
        this.#start(event, m);
        return;
      case EVENTS.MarkWorkerStopped.tag:
        this.#stop(event, m);
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.#end(event, m);
        return;
      default:
        return;
    }
  }

  #start(event: StreamEvent, m: Model): void {
    const [p, mode, share] = [event.arg(0), event.arg(1), event.arg(2)];
    const key = `${p}/${mode}`;
    if (p >= m.procs) this.#fail(event, `there are ${m.procs} Ps`);
    if (this.#running.has(key)) this.#fail(event, `P ${p} has such a worker already`);
    if (mode !== IDLE && this.#running.has(`${p}/${mode === DEDICATED ? FRACTIONAL : DEDICATED}`)) {
      this.#fail(event, `P ${p} has a worker already`);
    }
    if (!(share > 0 && share <= 1)) this.#fail(event, `a share of ${share}`);
    this.#running.set(key, share);
    this.#shares[mode] += share;
    this.#fresh = true;
  }

  /** All have started. */
  #started(event: StreamEvent, { procs }: Model): void {
    this.#fresh = false;
    if (this.#recorded) return;
    const [dedicated, share] = quarter(procs);
    const [, whole = 0, parts = 0] = this.#shares;
    this.#same(event, 'Ps of dedicated workers', whole, dedicated);
    const fractional = share === 0 ? 0 : procs - dedicated;
    const count = [...this.#running.keys()].filter((key) => key.endsWith(`/${FRACTIONAL}`)).length;
    this.#same(event, 'fractional workers', count, fractional);
    if (Math.abs(parts - fractional * share) > 1e-9) this.#fail(event, `shares of ${parts}`);
    const most = this.#trigger === PERIODIC ? Number(dedicated === 0) : procs - dedicated;
    const idle = this.#running.size - dedicated - fractional;
    if (idle > most) this.#fail(event, `${idle} idle workers, there may be ${most}`);
  }

  #stop(event: StreamEvent, { times }: Model): void {
    const [p, mode, ns] = [event.arg(0), event.arg(1), event.arg(2)];
    const share = this.#running.get(`${p}/${mode}`);
    if (share === undefined) this.#fail(event, `P ${p} has no such worker`);
    const elapsedNs = times.nowNs - times.markStartNs;
    this.#same(event, 'the time of a worker', ns, Math.floor(share * elapsedNs));
    this.#stopped += 1;
  }

  #end(event: StreamEvent, { times }: Model): void {
    this.#same(event, 'workers that stopped', this.#stopped, this.#running.size);
    const elapsedNs = times.nowNs - times.markStartNs;
    const [, dedicated = 0, fractional = 0, idle = 0] = this.#shares;
    const near = (what: string, said: number, ns: number): void => {
      if (Math.abs(said - ns) > 1) this.#fail(event, `${what} took ${ns} ns, not ${said}`);
    };
    near('workers', times.workerNs, (dedicated + fractional) * elapsedNs);
    near('idle workers', times.idleNs, idle * elapsedNs);
  }

  #same(event: StreamEvent, what: string, said: number, found: number): void {
    if (said !== found) this.#fail(event, `${what}: said to be ${said}, by the rules ${found}`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const workers = (): Checker => new Workers();
