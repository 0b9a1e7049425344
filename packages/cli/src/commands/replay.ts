/**
 * `heaptape replay`: folds a tape. Every segment's state hash is compared on the way. `--verify` also
 * decides the run again from its commands and compares every event.
 */
import { type Cut, foldTape, type Mismatch, positionOf, verifyTape } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import type { Command } from 'commander';
import { requireEvents, withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { count } from '../report/units.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface ReplayOptions extends CommonOptions {
  readonly verify?: boolean;
  readonly to?: string;
}

/**
 * The keys of `replay --json`. `verified` is null where verification was not asked for; `cut` says where a
 * verified tape ends that is the beginning of a run.
 */
interface ReplayReport {
  readonly events: number;
  readonly hash: string;
  readonly verified: boolean | null;
  readonly firstMismatch: Mismatch | null;
  readonly cut: Cut | null;
}

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Folds the events of a tape into a state, comparing the state's hash with the stored one at the end of
each segment. With --verify the commands are decided again and every event is compared, too.`,
    )
    .argument('<T.tape>', 'the tape')
    .option('--verify', 'decide the run again and compare every event; status 1 if one differs')
    .option('--to <N>', 'stop after event N (a number, end, or cycle:K)');
  withProgress(withJson(command));
  withExample(command, 'heaptape replay app.tape --verify').action(
    async (file: string, options: ReplayOptions) => {
      if (options.verify && options.to !== undefined) {
        throw new HeaptapeError('bad-usage', '--verify covers the whole tape; leave --to out');
      }
      const report = await replay(io, file, options);
      if (options.json) await printJson(io, report);
      else await print(io.stdout, replayText(report));
      finish(report.verified === false ? 1 : 0);
    },
  );
}

function replay(io: Io, file: string, options: ReplayOptions): Promise<ReplayReport> {
  const position = options.to ?? 'end';
  const run = (reader: Parameters<Parameters<typeof withTape>[1]>[0]): ReplayReport => {
    requireEvents(reader, position);
    const to = positionOf(reader, position);
    const name = options.verify ? 'verifying' : 'replaying';
    const task = startTask(io, options.progress, name, to, 'events');
    try {
      if (options.verify) return verifyTape(reader, (done) => task.update(done), !reader.closed);
      const { hash } = foldTape(reader, to, (done) => task.update(done));
      return { events: to, hash, verified: null, firstMismatch: null, cut: null };
    } finally {
      task.end();
    }
  };
  return withTape(file, run, { allowDamaged: options.to !== undefined });
}

function replayText({ events, hash, verified, firstMismatch, cut }: ReplayReport): string {
  const state = `event ${count(events)}, state ${hash}`;
  if (verified === null) return `${state}\n`;
  if (firstMismatch === null) {
    const what =
      cut !== null && cut.undecided > 0
        ? `verified up to event ${count(events - cut.undecided)}`
        : 'verified';
    return `${state}\n${what}: decided again, every event is the same\n${cut === null ? '' : cutText(cut)}`;
  }
  const { seq, what, want, got } = firstMismatch;
  return `${state}\nNOT verified: ${what} ${count(seq)} differs\n  tape:          ${want}\n  decided again: ${got}\n`;
}

/** How a tape ends that is the beginning of a run. */
function cutText({ command, undecided }: Cut): string {
  if (undecided === 0)
    return `the tape ends inside the outcome of its last command, event ${count(command)}\n`;
  const last =
    undecided === 1 ? 'the last event precedes' : `the last ${count(undecided)} events precede`;
  return `${last} a command that was not recorded any more\n`;
}
