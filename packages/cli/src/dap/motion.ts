/**
 * Moving: one journey at a time, which the client can interrupt.
 *
 * 1. A request to move is answered first; the `stopped` event comes when the move is over.
 * 2. Meanwhile messages are read. `pause` and `cancel` break the journey off, and it stops where it has got
 *    to. Breakpoints that change break it off as well, but then it goes on from there with the new ones.
 * 3. A move that takes long reports its progress, to clients that want to know.
 * 4. The ends of the tape are stops like others: a run has no other end than one can turn around at.
 */
import { setImmediate as others } from 'node:timers/promises';
import type { Journey } from '@heaptape/replay';
import { runToStop, type Stopped } from '../debug/running.ts';
import type { Breakpoint } from '../debug/session.ts';
import { valueText } from '../debug/text.ts';
import { failureOf } from '../failure.ts';
import type { Context } from './context.ts';
import { threadHere } from './frames.ts';
import { FILTERS } from './stops.ts';

/** Why a move has ended, as the `stopped` event says it. */
export interface Stop {
  readonly reason: string;
  readonly description?: string;
  readonly text?: string;
  readonly hitBreakpointIds?: readonly number[];
}

/** A move: what is done, and whether it can be taken up again with other breakpoints. */
export interface Move {
  readonly title: string;
  readonly journey: () => Journey<Stop>;
  readonly again?: boolean;
}

/** Milliseconds before a move is worth a word of progress, and between two words. */
const PATIENCE_MS = 400;
const UPDATE_MS = 250;

export class Motion {
  readonly #context: Context;
  #broken: 'pause' | 'again' | null = null;
  #moving = false;
  #again = false;
  #progress = 0;
  #idle: Promise<void> = Promise.resolve();
  /** What stopped the last move. */
  last: Stop = { reason: 'entry' };

  constructor(context: Context) {
    this.#context = context;
    context.stops.onChange = () => {
      if (this.#moving && this.#again) this.#broken ??= 'again';
    };
  }

  get moving(): boolean {
    return this.#moving;
  }

  /** Breaks off the move that is under way. */
  pause(): void {
    if (this.#moving) this.#broken = 'pause';
  }

  /** As `pause`, where the number is that of the move's progress. */
  cancel(progressId: string): void {
    if (progressId === this.#progressId) this.pause();
  }

  /** Resolves when nothing moves. */
  idle(): Promise<void> {
    return this.#idle;
  }

  get #progressId(): string {
    return `move-${this.#progress}`;
  }

  /** Makes a move and tells the client where it has led. Resolves when it is over. */
  start(move: Move): Promise<void> {
    const context = this.#context;
    // From now on requests about the state are refused, though the response to this one is still to be sent.
    this.#moving = true;
    this.#broken = null;
    this.#again = move.again ?? false;
    this.#idle = this.#drive(move).then((found) => {
      context.moved();
      this.last = found;
      context.send('stopped', {
        ...found,
        threadId: threadHere(context),
        allThreadsStopped: true,
      });
    });
    return this.#idle;
  }

  async #drive({ title, journey }: Move): Promise<Stop> {
    const { session } = this.#context;
    const progress = this.#reporter(title);
    try {
      await others();
      for (;;) {
        const ended = await session.driver.drive(
          journey(),
          () => this.#broken !== null,
          progress.update,
        );
        if ('value' in ended) return ended.value;
        session.travel.rest(ended.broken);
        if (this.#broken === 'pause') return { reason: 'pause' };
        this.#broken = null;
      }
    } catch (error) {
      const { line, hint } = failureOf(error);
      this.#context.send('output', { category: 'stderr', output: `${line}\n${hint}\n` });
      return { reason: 'exception', description: 'The move failed', text: line };
    } finally {
      progress.end();
      this.#moving = false;
    }
  }

  #reporter(title: string): { update: (done: number, total: number) => void; end: () => void } {
    const { client, send } = this.#context;
    this.#progress += 1;
    const progressId = this.#progressId;
    const begun = performance.now();
    let told = 0;
    const update = (done: number, total: number): void => {
      const now = performance.now();
      if (!client.progress || now - begun < PATIENCE_MS || now - told < UPDATE_MS) return;
      const percentage = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
      const body = { progressId, message: `${done} of ${total} events`, percentage };
      if (told === 0) send('progressStart', { ...body, title, cancellable: true });
      else send('progressUpdate', body);
      told = now;
    };
    const end = (): void => {
      if (told > 0) send('progressEnd', { progressId });
    };
    return { update, end };
  }
}

/** Runs to the next stop. Breakpoints with a message print it and do not stop. */
export function* runMove(context: Context, back: boolean): Journey<Stop> {
  const { session } = context;
  for (;;) {
    const stopped: Stopped = yield* session.moving(() => runToStop(session, back));
    const stopping = stopped.hits.filter(({ breakpoint }) => !logged(context, breakpoint));
    session.forget(stopped.hits.map(({ breakpoint }) => breakpoint));
    if (stopped.why !== 'there') return endOf(stopped.why);
    if (stopping.length > 0) return stopOf(context, stopping);
  }
}

/** The end of the tape at which a move has ended. */
export function endOf(why: 'start' | 'end'): Stop {
  return why === 'end'
    ? { reason: 'step', description: 'Paused at the end of the tape', text: 'the tape ends here' }
    : {
        reason: 'step',
        description: 'Paused at the start of the tape',
        text: 'the tape begins here',
      };
}

const REASONS: Readonly<Record<string, string>> = {
  function: 'function breakpoint',
  data: 'data breakpoint',
  exception: 'exception',
};

function stopOf(context: Context, hits: Stopped['hits']): Stop {
  const [first] = hits;
  const owner = context.stops.ownerOf(first.breakpoint);
  const group = owner?.group ?? '';
  const ids = hits.flatMap(({ breakpoint }) => context.stops.ownerOf(breakpoint)?.placed.id ?? []);
  const lines = hits.map(({ breakpoint, watched }) => {
    if (watched === undefined) return breakpoint.text;
    const { type } = context.travel.expressions.value(watched.text);
    const [before, after] = [watched.before, watched.after].map((value) =>
      valueText(context.travel, type, value),
    );
    return `${watched.text} ${before} → ${after}`;
  });
  const text = lines.join('\n');
  // Breakpoints that were set by a command are watchpoints or breakpoints of the session.
  const reason =
    REASONS[group] ?? (first.breakpoint.kind === 'watchpoint' ? REASONS['data'] : 'breakpoint');
  const filter = group === 'exception' ? FILTERS[first.breakpoint.text] : undefined;
  return {
    reason,
    text: filter === undefined ? text : filter.label,
    ...(filter === undefined ? {} : { description: filter.label }),
    ...(ids.length === 0 ? {} : { hitBreakpointIds: ids }),
  };
}

/** Prints the message of a breakpoint that has one; returns whether it has. */
function logged(context: Context, breakpoint: Breakpoint): boolean {
  const log = context.stops.ownerOf(breakpoint)?.placed.log ?? null;
  if (log === null) return false;
  const output = log.replace(/\{([^{}]*)\}/g, (_, text: string) => {
    try {
      return context.session.valueOf(text);
    } catch (error) {
      return `{${failureOf(error).line}}`;
    }
  });
  const { source, line } = context.sources().lineOf(context.travel.position);
  context.send('output', {
    category: 'console',
    output: `${output}\n`,
    source,
    line: context.toClient(line),
  });
  return true;
}
