/**
 * Breakpoints of a client, of all its kinds, as breakpoints of the debugger's session.
 *
 * A client sends all breakpoints of a kind (of a source, of functions, of data, of exceptions) anew whenever
 * one changes. Those that are the same as before keep their numbers and hits.
 *
 * A function breakpoint is whatever `break` takes: kinds of event (`GCStarted`), `#12 freed`, a condition.
 * A data breakpoint is whatever `watch` takes. An exception filter is a condition or a kind with a name.
 * A hit condition counts the hits that were met, in whatever direction: `5`, `>= 5` (the fifth and all after
 * it), `> 5`, `== 5` (only that one), `% 5` (every fifth).
 */
import type { StopPlace } from '@heaptape/replay';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { usage } from '../debug/command.ts';
import type { Breakpoint, Session } from '../debug/session.ts';
import { breakPlace, watchPlace } from '../debug/stopping.ts';
import { failureOf } from '../failure.ts';

/** What a client wants to stop at. */
export interface Wanted {
  readonly kind: Breakpoint['kind'];
  /** As it was asked for. */
  readonly text: string;
  readonly condition?: string | undefined;
  readonly hitCondition?: string | undefined;
  /** What to print instead of stopping: a text with expressions in braces. */
  readonly logMessage?: string | undefined;
  /** Where to stop. Throws what `failureOf` understands. */
  places(session: Session): readonly StopPlace[];
}

/** A breakpoint that is set, or why it is not. */
export interface Placed {
  readonly id: number;
  readonly key: string;
  readonly breakpoint: Breakpoint | null;
  readonly problem: string | null;
  readonly log: string | null;
}

export class StopTable {
  readonly #session: Session;
  readonly #groups = new Map<string, Placed[]>();
  #ids = 0;
  /** Is called when breakpoints have changed. */
  onChange: () => void = () => undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Sets the breakpoints of a group anew. */
  set(group: string, all: readonly Wanted[]): Placed[] {
    const { breakpoints } = this.#session;
    const old = this.#groups.get(group) ?? [];
    const set = all.map((wanted): Placed => {
      const { kind, text, condition, hitCondition, logMessage } = wanted;
      const key = JSON.stringify([kind, text, condition, hitCondition, logMessage]);
      const at = old.findIndex((one) => one.key === key && one.breakpoint !== null);
      if (at >= 0) return old.splice(at, 1)[0];
      return this.#place(key, wanted);
    });
    for (const { breakpoint } of old) {
      const at = breakpoint === null ? -1 : breakpoints.indexOf(breakpoint);
      if (at >= 0) breakpoints.splice(at, 1);
    }
    this.#groups.set(group, set);
    this.onChange();
    return set;
  }

  #place(key: string, wanted: Wanted): Placed {
    const session = this.#session;
    this.#ids += 1;
    const id = this.#ids;
    const log = wanted.logMessage ?? null;
    try {
      const rule = hitRule(wanted.hitCondition);
      const condition = wanted.condition?.trim() || null;
      if (condition !== null) session.travel.expressions.condition(condition);
      const breakpoint: Breakpoint = {
        number: session.nextNumber(),
        kind: wanted.kind,
        text: wanted.text,
        places: wanted.places(session),
        temporary: false,
        condition,
        enabled: true,
        hits: 0,
        ...rule,
      };
      session.breakpoints.push(breakpoint);
      return { id, key, breakpoint, problem: null, log };
    } catch (error) {
      return { id, key, breakpoint: null, problem: failureOf(error).line, log };
    }
  }

  /** The client's own breakpoint that stands behind one of the session's. */
  ownerOf(breakpoint: Breakpoint): { readonly placed: Placed; readonly group: string } | undefined {
    for (const [group, all] of this.#groups) {
      const placed = all.find((one) => one.breakpoint === breakpoint);
      if (placed !== undefined) return { placed, group };
    }
    return undefined;
  }
}

/** A hit condition: how many hits to pass over first, and what after that. Throws `bad-usage`. */
function hitRule(text: string | undefined): Pick<Breakpoint, 'ignore' | 'rearm'> {
  if (text === undefined || text.trim() === '') return { ignore: 0 };
  const match = /^(>=|>|==?|%)?\s*(\d{1,15})$/.exec(text.trim());
  const number = Number(match?.[2] ?? 0);
  if (match === null || (number === 0 && match[1] !== '>')) {
    throw usage(`'${text}' is no hit condition`, '5, >= 5, > 5, == 5, or % 5');
  }
  switch (match[1]) {
    case '>':
      return { ignore: number };
    case '=':
    case '==':
      return {
        ignore: number - 1,
        rearm: (breakpoint) => {
          breakpoint.enabled = false;
        },
      };
    case '%':
      return {
        ignore: number - 1,
        rearm: (breakpoint) => {
          breakpoint.ignore = number - 1;
        },
      };
    default:
      return { ignore: number - 1 };
  }
}

/** What `break` takes, or a condition alone. */
export const functionPlaces =
  (name: string): Wanted['places'] =>
  (session) => {
    try {
      return [breakPlace(session, name)];
    } catch (error) {
      // What names no event may be a condition; a word that is neither is no event first of all.
      if (/^[\w,\s]+$/.test(name)) throw error;
      session.travel.expressions.condition(name);
      return [{ on: 'turns', when: name }];
    }
  };

/** What a data breakpoint watches. `access`: what `rwatch` and `awatch` do, for an object. */
export const dataPlaces =
  (dataId: string, access: string | undefined): Wanted['places'] =>
  (session) => {
    const place = watchPlace(session, dataId);
    const isObject = place.on === 'object' && place.what === 'changed';
    if (!isObject || access === undefined || access === 'write') return [place];
    const touched: StopPlace = { on: 'object', object: place.object, what: 'touched' };
    return access === 'read' ? [touched] : [place, touched];
  };

interface Filter {
  readonly label: string;
  readonly description: string;
  readonly places: readonly StopPlace[];
}

/**
 * Things that go wrong or that are worth to know of, by name. That a program ran out of memory or failed
 * otherwise is no event of a tape, so there is no filter for it.
 */
export const FILTERS: Readonly<Record<string, Filter>> = {
  cycle: {
    label: 'A GC cycle starts',
    description: 'the program stops for the start of marking',
    places: [{ on: 'kind', kinds: ['GCStarted'] }],
  },
  goal: {
    label: 'The heap passes its goal',
    description: 'heapLive grows beyond heapGoal',
    places: [{ on: 'turns', when: 'heapLive > heapGoal' }],
  },
  limit: {
    label: 'GOMEMLIMIT is passed',
    description: 'mapped memory grows beyond the memory limit',
    places: [{ on: 'turns', when: 'memoryLimit > 0 && mappedReady > memoryLimit' }],
  },
  limiter: {
    label: 'The GC CPU limiter steps in',
    description: 'collection would take more than half of the time',
    places: [{ on: 'kind', kinds: ['LimiterEnabled'] }],
  },
  assist: {
    label: 'The program has to help marking',
    description: 'an allocation pays with an assist, or waits for one',
    places: [{ on: 'kind', kinds: ['Assisted', 'AssistWaited'] }],
  },
  finalizer: {
    label: 'A finalizer or cleanup is queued',
    description: 'an object with one was found unreachable',
    places: [{ on: 'kind', kinds: ['FinalizerQueued', 'CleanupQueued'] }],
  },
};

export const filterList = (): DebugProtocol.ExceptionBreakpointsFilter[] =>
  Object.entries(FILTERS).map(([filter, { label, description }]) => ({
    filter,
    label,
    description,
    default: false,
    supportsCondition: true,
    conditionDescription: 'a condition over the state, such as cycle > 3',
  }));
