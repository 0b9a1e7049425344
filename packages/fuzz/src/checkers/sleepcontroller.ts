/**
 * When the background scavenger may work again: Go's controller, written out from its description.
 *
 * It aims at 1 % of the CPU time of all Ps. The ratio of work to sleep follows the error and its sum
 * (gain 0.3375, integral over 3.2 ms, back into the bounds 0.001 to 1000 over a second); it starts at 0.001.
 * Each stretch counts as a millisecond at least. A sum that is no number starts anew and rests for 5 s.
 */
const TARGET = 0.01;
const GAIN = 0.3375;
const INTEGRAL_NS = 3.2e6;
const BACK_NS = 1e9;
const LEAST = 0.001;
const MOST = 1000;
const LEAST_WORK_NS = 1e6;
const REST_NS = 5e9;

export class SleepController {
  /** It does not work before. */
  wakesNs: number = Number.POSITIVE_INFINITY;
  #ratio = LEAST;
  #sum = 0;
  #restNs = 0;
  #failed = false;
  #workedNs = 0;
  #asleepNs = 0;

  wake(nowNs: number): void {
    this.wakesNs = Math.min(this.wakesNs, nowNs);
  }

  takeFailure(): boolean {
    const failed = this.#failed;
    this.#failed = false;
    return failed;
  }

  /** It wakes at `nowNs` and finds nothing to do: it waits to be woken. */
  idled(nowNs: number, procs: number): void {
    if (this.#workedNs > 0) this.#slept(Math.max(0, nowNs - this.#asleepNs), procs);
    this.#workedNs = 0;
    this.wakesNs = Number.POSITIVE_INFINITY;
  }

  /** It has worked for `ns` at `nowNs`, on so many Ps, and falls asleep after that. */
  worked(nowNs: number, ns: number, procs: number): void {
    if (this.#workedNs > 0) this.#slept(Math.max(0, nowNs - this.#asleepNs), procs);
    this.#workedNs = ns;
    this.#asleepNs = nowNs + ns;
    this.wakesNs = this.#asleepNs + Math.trunc(Math.max(ns, LEAST_WORK_NS) / this.#ratio);
  }

  #slept(sleptNs: number, procs: number): void {
    const worked = Math.max(this.#workedNs, LEAST_WORK_NS);
    if (this.#restNs > 0) {
      this.#restNs = Math.max(0, this.#restNs - sleptNs - Math.trunc(worked));
      return;
    }
    const period = sleptNs + worked;
    const error = TARGET - worked / (period * procs);
    const wanted = GAIN * error + this.#sum;
    const ratio = Math.min(Math.max(wanted, LEAST), MOST);
    this.#sum += ((GAIN * period) / INTEGRAL_NS) * error + (period / BACK_NS) * (ratio - wanted);
    if (Number.isFinite(wanted) && Number.isFinite(this.#sum)) {
      this.#ratio = ratio;
      return;
    }
    this.#sum = 0;
    this.#ratio = LEAST;
    this.#restNs = REST_NS;
    this.#failed = true;
  }
}
