/** Where the simulator does not do what real Go does, and why. */

const ASSISTS = '| Assists: each goroutine pays for what it allocates';

/**
 * Programs whose twin differs: the beginning of the row of docs/FIDELITY.md about it. A twin that agrees
 * must not be here.
 */
export const DISAGREEMENTS: Readonly<Record<string, string>> = {
  'gc-cycles-by-percent': ASSISTS,
  'gc-cycles-small-heap': ASSISTS,
  'gc-peak': ASSISTS,
};

const COMPILER = 'the compiler decides: no part of a simulated process';
const OWN_PROCESS = 'reads the standard error of a process of its own';

/** Programs without a twin, and why. */
export const WITHOUT_TWIN: Readonly<Record<string, string>> = {
  'append-on-stack': COMPILER,
  'environment-malformed': 'reads the environment, which the library leaves to its caller',
  'escape-new': COMPILER,
  'gctrace-line': OWN_PROCESS,
  'scavtrace-line': OWN_PROCESS,
  'stack-max': 'goroutine stacks are not simulated',
  'stack-overflow': 'goroutine stacks are not simulated',
};
