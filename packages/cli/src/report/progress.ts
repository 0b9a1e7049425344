/**
 * How far a long task is: on stderr, when that is a terminal or when it is asked for.
 *
 * On a terminal it is one line that is drawn over and then removed. Elsewhere (`--progress` in a log)
 * it is a line every second or so. Tasks here do not give way to timers, so everything is drawn
 * from within `update`. The library's signal handling stays off: Ctrl-C must end a task at once.
 */
import { createRequire } from 'node:module';
import type { Io } from '../io.ts';
import { count } from './units.ts';

const REDRAWS_A_SECOND = 8;
const LINE_EVERY_MS = 1000;
const FORMAT = '{task} {bar} {percentage}% | {rate} {unit}/s | {eta} s left';

export interface Task {
  /** So many of the total are done. */
  update(done: number): void;
  end(): void;
}

/** Loaded when a bar is drawn: it takes longer to load than a short task takes. */
const require = createRequire(import.meta.url);

const SILENT: Task = { update: () => undefined, end: () => undefined };

/** Begins a task of `total` steps, which the reader knows as `unit`. */
export function startTask(
  io: Io,
  asked: boolean | undefined,
  name: string,
  total: number,
  unit: string,
): Task {
  if (!(asked ?? io.interactive) || !(total > 0)) return SILENT;
  return io.interactive ? barTask(io, name, total, unit) : lineTask(io, name, total, unit);
}

/** Steps a second since `begun`, as text. */
function rateOf(done: number, begun: number): string {
  const rate = done / Math.max(0.001, (performance.now() - begun) / 1000);
  return rate < 100 ? rate.toFixed(1) : count(Math.round(rate));
}

function barTask(io: Io, name: string, total: number, unit: string): Task {
  const { SingleBar } = require('cli-progress') as typeof import('cli-progress');
  const bar = new SingleBar({
    format: FORMAT,
    stream: io.stderr as NodeJS.WriteStream,
    clearOnComplete: true,
    gracefulExit: false,
    fps: REDRAWS_A_SECOND,
    etaBuffer: 40,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  const begun = performance.now();
  const task = name.padEnd(10);
  bar.start(total, 0, { task, rate: '-', unit });
  return {
    update: (done) => bar.update(Math.min(done, total), { rate: rateOf(done, begun) }),
    end: () => bar.stop(),
  };
}

function lineTask(io: Io, name: string, total: number, unit: string): Task {
  const begun = performance.now();
  let shown = begun;
  return {
    update: (done) => {
      const now = performance.now();
      if (now - shown < LINE_EVERY_MS) return;
      shown = now;
      const share = Math.min(1, done / total);
      const left = share > 0 ? Math.round(((now - begun) / 1000) * (1 / share - 1)) : 0;
      const percentage = Math.floor(share * 100);
      io.stderr.write(
        `${name}: ${percentage}%, ${rateOf(done, begun)} ${unit}/s, ${left} s left\n`,
      );
    },
    end: () => undefined,
  };
}
