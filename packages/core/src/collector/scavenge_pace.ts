/**
 * How long the background scavenger sleeps between its stretches of work: so that it takes 1 % of the
 * CPU time of all Ps.
 *
 * A controller moves the ratio of time worked to time slept. It adds up how far the share taken was
 * from 1 %, and pulls back when the ratio leaves its bounds. If the figures overflow, it starts anew
 * and stays still for five seconds.
 *
 * Follows `runtime/mgcscavenge.go` scavengerState.sleep and piController.next, Go 1.26, where the
 * figures are float64 and times ns, as here.
 */
const TARGET = 0.01;
/** Gain, time constants of the integral and of the way back into bounds, ns; bounds of the ratio. */
const KP = 0.3375;
const TI = 3.2e6;
const TT = 1e9;
const LEAST = 0.001;
const MOST = 1000;
const START = 0.001;
/** Least work a sleep is for, and how long the controller rests after it failed, ns. */
const MIN_WORK_NS = 1e6;
const COOLDOWN_NS = 5e9;

export class ScavengePace {
  #ratio = START;
  #integral = 0;
  #cooldownNs = 0;
  /** The controller failed since somebody last asked. */
  #failed = false;

  /** Time to sleep after working for `workedNs`, ns. */
  sleepNs(workedNs: number): number {
    return Math.trunc(Math.max(workedNs, MIN_WORK_NS) / this.#ratio);
  }

  /** The sleep after `workedNs` of work took `sleptNs`, on `procs` Ps. */
  slept(workedNs: number, sleptNs: number, procs: number): void {
    const worked = Math.max(workedNs, MIN_WORK_NS);
    if (this.#cooldownNs > 0) {
      const passed = sleptNs + Math.trunc(worked);
      this.#cooldownNs = passed > this.#cooldownNs ? 0 : this.#cooldownNs - passed;
      return;
    }
    const period = sleptNs + worked;
    const share = worked / (period * procs);
    // If this is not finite, neither is the integral.
    const raw = KP * (TARGET - share) + this.#integral;
    const ratio = Math.min(Math.max(raw, LEAST), MOST);
    this.#integral += ((KP * period) / TI) * (TARGET - share) + (period / TT) * (ratio - raw);
    if (Number.isFinite(this.#integral)) this.#ratio = ratio;
    else this.#fail();
  }

  /** Whether the controller failed since this was last asked. */
  takeFailure(): boolean {
    const failed = this.#failed;
    this.#failed = false;
    return failed;
  }

  #fail(): void {
    this.#integral = 0;
    this.#ratio = START;
    this.#cooldownNs = COOLDOWN_NS;
    this.#failed = true;
  }
}
