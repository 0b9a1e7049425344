/**
 * The worker's side of the protocol: takes calls, runs their jobs, sends what they say.
 *
 * Jobs that wait (`task.breathe`) let others run in between, so a long one must not hold on to where a
 * timeline stands across a pause unless the timeline is its own.
 */
import { AssertionError, HeaptapeError } from '@heaptape/schema';
import {
  buffersIn,
  CANCEL_CELL,
  type Call,
  type Failure,
  type FromWorker,
  type Port,
  type ToWorker,
} from './protocol.ts';

/** A job's way to speak while it runs. */
export interface Task {
  /** For folds: tells the page now and then, and throws `Cancelled` when nobody wants the answer. */
  readonly onProgress: (done: number, total: number) => void;
  /** Sends a part of the answer. Its typed arrays are handed over. */
  part(value: unknown): void;
  /** Lets other calls have their turn. Throws `Cancelled`. */
  breathe(): Promise<void>;
}

/** A job: what it returns is sent; its typed arrays are handed over, so they must be its own. */
export type Job = (args: never, task: Task) => unknown;

/** Nobody wants the answer any more. */
class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}

/** Milliseconds between reports of progress. */
const REPORT_MS = 100;

function failureOf(error: unknown): Failure {
  if (error instanceof Cancelled) return { code: 'cancelled', message: error.message };
  if (error instanceof HeaptapeError) {
    const { code, message, hint } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof AssertionError ? '' : 'internal error: ';
  return { code: 'bug', message: `${name}${message}`, hint: 'this is a bug in heaptape' };
}

/** A pause in which messages arrive: unlike a timer it takes no time of its own. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Returns what is to be done with each message. */
export function server(
  port: Port,
  jobs: Readonly<Record<string, Job>>,
  cell: () => Int32Array | null,
): (message: ToWorker) => void {
  const cancelled = new Set<number>();
  const send = (message: FromWorker): void => port.postMessage(message, [...buffersIn(message)]);

  const taskOf = (id: number): Task => {
    let reported = performance.now();
    const check = (): void => {
      const shared = cell();
      const now = shared !== null && Atomics.load(shared, CANCEL_CELL) === id;
      if (now || cancelled.has(id)) throw new Cancelled();
    };
    return {
      onProgress: (done, total) => {
        check();
        const now = performance.now();
        if (now - reported < REPORT_MS) return;
        reported = now;
        send({ id, progress: { done, total } });
      },
      part: (part) => send({ id, part }),
      breathe: async () => {
        await nextTurn();
        check();
      },
    };
  };

  const answer = async ({ id, job, args }: Call): Promise<void> => {
    try {
      if (cancelled.has(id)) throw new Cancelled();
      if (!Object.hasOwn(jobs, job)) throw new HeaptapeError('bad-usage', `there is no job ${job}`);
      const value = await jobs[job](args as never, taskOf(id));
      send({ id, value });
    } catch (error) {
      send({ id, failure: failureOf(error) });
    } finally {
      cancelled.delete(id);
    }
  };

  return (message) => {
    if ('cancel' in message) cancelled.add(message.cancel);
    else void answer(message.call);
  };
}
