/**
 * `heaptape fuzz`: random programs against independent checkers.
 *
 * A run that breaks a promise is shrunk and kept: its tape, which every other verb can open, and beside
 * it a listing for people. A seed and a path bring it back.
 */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKERS, type Counterexample, listing, runCampaign, saveTape } from '@heaptape/fuzz';
import { HeaptapeError } from '@heaptape/schema';
import type { Command } from 'commander';
import { about } from '../failure.ts';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { count, counted } from '../report/units.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface FuzzOptions extends CommonOptions {
  readonly runs: string;
  readonly seed?: string;
  readonly path?: string;
  readonly length?: string;
  readonly output: string;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_RUNS = 1_000_000_000;
const MAX_LENGTH = 100_000;
const DEFAULT_RUNS = 1000;
const DEFAULT_FOLDER = 'fuzz-failures';

const PROPERTIES = CHECKERS.map(({ name, doc }) => `  ${name.padEnd(14)}${doc}`).join('\n');

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Carries out random programs on the simulated heap and shows their events to checkers that know nothing of
the collector. Status 1 if one finds a broken promise; the program is then shrunk and kept as a tape.`,
    )
    .option('--runs <n>', 'programs to carry out', String(DEFAULT_RUNS))
    .option('--seed <s>', 'seed of all of them; default is another one each time')
    .option('--path <p>', 'carry out only the program that a failure named')
    .option('--length <n>', 'operations of the longest programs')
    .option('-o, --output <dir>', 'folder for the tape of a failure', DEFAULT_FOLDER);
  withProgress(withJson(command)).addHelpText('after', `\nProperties:\n${PROPERTIES}`);
  withExample(command, 'heaptape fuzz --runs 5000 --seed 1').action(
    async (options: FuzzOptions) => {
      finish(await fuzz(io, options));
    },
  );
}

/** A whole number of an option, or undefined where it is not given. */
function whole(flag: string, text: string | undefined, least: number, most: number) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const expected = `a whole number of ${least} to ${most}`;
  throw new HeaptapeError('bad-usage', `${flag} is ${expected}, not '${text}'`);
}

async function fuzz(io: Io, options: FuzzOptions): Promise<number> {
  const runs = whole('--runs', options.runs, 1, MAX_RUNS) ?? DEFAULT_RUNS;
  const seed = whole('--seed', options.seed, 0, MAX_SEED) ?? Date.now() % MAX_SEED;
  const length = whole('--length', options.length, 1, MAX_LENGTH);
  const { path } = options;
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) {
    throw new HeaptapeError('bad-usage', `--path is numbers with colons between, not '${path}'`);
  }
  if (path !== undefined && options.seed === undefined) {
    throw new HeaptapeError('bad-usage', '--path needs the --seed that it belongs to');
  }
  const task = startTask(io, options.progress, 'fuzzing', runs, 'runs');
  const begun = performance.now();
  const found = runCampaign({
    runs,
    seed,
    ...(path === undefined ? {} : { path }),
    ...(length === undefined ? {} : { length }),
    onRun: (done) => task.update(done),
  });
  task.end();
  const { counterexample } = found;
  if (counterexample === null) {
    const seconds = (performance.now() - begun) / 1000;
    if (options.json) await printJson(io, { runs: found.runs, seed, failure: null });
    else await print(io.stdout, passedText(found.runs, seed, found.events, seconds));
    return 0;
  }
  const tape = await keep(counterexample, seed, options.output);
  const { violation, run } = counterexample;
  const failure = { property: violation.property, events: run.events, tape };
  const command = commandOf(seed, counterexample.path, length);
  const more = { message: violation.message, event: violation.seq, path: counterexample.path };
  if (options.json) {
    await printJson(io, { runs: found.runs, seed, failure: { ...failure, ...more, command } });
  } else await print(io.stdout, failedText(counterexample, found.runs, seed, tape, command));
  return 1;
}

const passedText = (runs: number, seed: number, events: number, seconds: number): string =>
  `${counted(runs, 'run')} of seed ${seed}, ${counted(events, 'event')}, ` +
  `${count(Math.round(runs / Math.max(0.001, seconds)))} runs/s: every promise was kept\n`;

const commandOf = (seed: number, path: string, length: number | undefined): string =>
  `heaptape fuzz --seed ${seed} --path ${path}${length === undefined ? '' : ` --length ${length}`}`;

function failedText(
  { violation, program, run, path }: Counterexample,
  runs: number,
  seed: number,
  tape: string,
  command: string,
): string {
  const { property, message, seq } = violation;
  const size = `${counted(program.operations.length, 'operation')}, ${counted(run.events, 'event')}`;
  return [
    `${property} is broken after ${counted(runs, 'run')}: ${message}`,
    `  seen at event ${seq}; shrunk to ${size}: ${tape}`,
    `  seed ${seed}, path ${path}; to see it again: ${command}`,
    '',
  ].join('\n');
}

/** Writes the tape and the listing; returns the tape's name. */
async function keep(found: Counterexample, seed: number, folder: string): Promise<string> {
  const name = `${found.violation.property}-${seed}`;
  const tape = join(folder, `${name}.tape`);
  try {
    await mkdir(folder, { recursive: true });
    saveTape(found.run.tape, tape);
    writeFileSync(join(folder, `${name}.txt`), listing(found));
  } catch (error) {
    throw about(folder, error);
  }
  return tape;
}
