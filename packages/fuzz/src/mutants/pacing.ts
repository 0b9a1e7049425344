/** Bugs of the pacer, assists, the CPU limiter, the scavenger, and of stacks. */
import type { Mutant } from './mutant.ts';

const pacer: readonly Mutant[] = [
  {
    name: 'goal-off-by-one',
    breaks: 'the heap goal is a byte too large',
    module: 'collector/heapgoal',
    find: 'heapMarked + Math.floor(product / 100)',
    replace: 'heapMarked + Math.floor(product / 100) + 1',
  },
  {
    name: 'heap-minimum-off-by-one',
    breaks: 'the least heap goal is a byte too large',
    module: 'collector/heapgoal',
    find: 'Math.floor((DEFAULT_HEAP_MINIMUM * gcPercent) / 100)',
    replace: 'Math.floor((DEFAULT_HEAP_MINIMUM * gcPercent) / 100) + 1',
  },
  {
    name: 'trigger-below-marked',
    breaks: 'the trigger has no lower bound',
    module: 'collector/heapgoal',
    find: 'Math.max(goal - runway, lowest)',
    replace: '(goal - runway)',
  },
  {
    name: 'trigger-without-upper-bound',
    breaks: 'the trigger has no upper bound but the goal',
    module: 'collector/heapgoal',
    find: 'Math.min(Math.max(goal - runway, lowest), highest)',
    replace: 'Math.min(Math.max(goal - runway, lowest), goal)',
  },
  {
    name: 'limit-headroom-missing',
    breaks: 'the goal under a memory limit leaves no headroom',
    module: 'collector/heapgoal',
    find: 'Math.max(room - headroom, headroom)',
    replace: 'Math.max(room, headroom)',
  },
  {
    name: 'roots-not-in-goal',
    breaks: 'stacks do not count towards the heap goal',
    module: 'collector/pacer',
    find: 'this.#lastStackScan = this.#stackScanWork;',
    replace: 'this.#lastStackScan = 0;',
  },
  {
    name: 'trigger-not-tested',
    breaks: 'the trigger is compared with the marked heap instead of the live one',
    module: 'decide/collector',
    find: 'this.#world.scalars[SCALAR.heapLive] < this.#pacing.trigger',
    replace: 'this.#world.scalars[SCALAR.heapMarked] < this.#pacing.trigger',
  },
];

const assists: readonly Mutant[] = [
  {
    name: 'assist-debt-not-charged',
    breaks: 'allocations do not run up assist debt',
    module: 'decide/assists',
    find: 'this.#balance[this.#slot] -= bytes;',
    replace: ';',
  },
  {
    name: 'credit-not-spent',
    breaks: 'background credit that an assist takes stays there for the next one',
    module: 'decide/assists',
    find: 'this.#background.credit -= stolen;',
    replace: ';',
  },
  {
    name: 'credit-leaked',
    breaks: 'background credit that an assist takes is not booked for its goroutine',
    module: 'decide/assists',
    find: 'this.#balance[this.#slot] += stolen === work ? debt : this.#bytesOf(stolen);',
    replace: ';',
  },
  {
    name: 'limiter-never-off',
    breaks: 'once the CPU limiter limits it goes on for ever',
    module: 'collector/limiter',
    find: 'if (change !== 0 && wasFull) this.#limiting = false;',
    replace: ';',
  },
  {
    name: 'limiter-never-on',
    breaks: 'a full bucket of the CPU limiter limits nothing',
    module: 'collector/limiter',
    find: 'if (!wasFull) { this.#limiting = true; this.#lastEnabledCycle = numgc + 1; }',
    replace: ';',
  },
  {
    name: 'scavenger-sleeps-too-little',
    breaks: 'the background scavenger takes ten times the CPU that it may',
    module: 'collector/scavenge_pace',
    find: 'Math.trunc(Math.max(workedNs, MIN_WORK_NS) / this.#ratio)',
    replace: 'Math.trunc(Math.max(workedNs, MIN_WORK_NS) / this.#ratio / 10)',
  },
];

const stacks: readonly Mutant[] = [
  {
    name: 'stack-not-shrunk',
    breaks: 'stacks of which little is used keep their size',
    module: 'decide/goroutines',
    find: 'used + NOSPLIT < bytes / 4',
    replace: 'used + NOSPLIT < 0',
  },
  {
    name: 'stack-handed-out-twice',
    breaks: 'the stack that a dead goroutine leaves to the next one goes to the pool as well',
    module: 'decide/goroutines',
    find: 'if (!kept)',
    replace: 'if (bytes > 0)',
  },
  {
    name: 'stack-span-freed-while-marking',
    breaks: 'a span of stacks goes back to the heap while marking',
    module: 'decide/stackpool',
    find: 'span.taken === 0 && !this.#marking',
    replace: 'span.taken === 0',
  },
];

export const PACING: readonly Mutant[] = [...pacer, ...assists, ...stacks];
