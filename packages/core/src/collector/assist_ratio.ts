/**
 * The assist ratio: how much marking the program owes for every byte it allocates during a cycle.
 *
 * Models `gcControllerState.revise` of `runtime/mgcpacer.go`, Go 1.21 to 1.26.
 *
 * 1. Aim to be done with the expected scan work (as much as last time) when the heap reaches the
 *    goal.
 * 2. More work than expected means a growing heap. Then stretch the goal in proportion to the worst
 *    case, all scannable memory, so that the ratio stays as it was; but not past GOGC percent above
 *    the goal, which the next cycle would allow anyway.
 * 3. Past even that goal, allow 10 % more and expect the worst case.
 * 4. At least 1000 units of work and one byte of heap are assumed to be left.
 *
 * With GOGC off (a forced cycle) the ratio is that of GOGC=100000. See `int64.ts` for overflows.
 */
import { floatToInt64, TWO_63, wrapInt64 } from './int64.ts';
import { GC_OFF_PERCENT, MAX_OVERSHOOT, MIN_SCAN_WORK_REMAINING } from './pacer_constants.ts';

export class AssistRatio {
  /** Scan work owed per allocated byte; 0 before the first cycle. */
  workPerByte = 0;
  /** Bytes that may be allocated per byte scanned; 0 before the first cycle. */
  bytesPerWork = 0;

  /**
   * Computes the ratio anew. All bytes: the heap goal, the live heap at the cycle's start and now,
   * the scan work done, expected and possible at worst. `gcPercent` -1 is off.
   */
  revise(
    heapGoal: number,
    triggered: number,
    live: number,
    work: number,
    expectedWork: number,
    worstWork: number,
    gcPercent: number,
  ): void {
    let goal = heapGoal;
    let expected = expectedWork;
    if (work > expected) {
      const percent = gcPercent < 0 ? GC_OFF_PERCENT : gcPercent;
      const stretch = floatToInt64(((goal - triggered) / expected) * worstWork);
      const stretched = wrapInt64(stretch + triggered);
      const hard = floatToInt64((1 + percent / 100) * goal);
      goal = Math.min(stretched, hard);
      expected = worstWork;
    }
    if (live > goal) {
      goal = floatToInt64(goal * MAX_OVERSHOOT);
      expected = worstWork;
    }
    let workLeft = expected - work;
    if (workLeft < MIN_SCAN_WORK_REMAINING) workLeft = MIN_SCAN_WORK_REMAINING;
    // The lowest int64 is a goal that overflowed; subtracting from it wraps around.
    let heapLeft = goal === -TWO_63 && live > 0 ? TWO_63 - live : goal - live;
    if (heapLeft <= 0) heapLeft = 1;
    this.workPerByte = workLeft / heapLeft;
    this.bytesPerWork = heapLeft / workLeft;
  }
}
