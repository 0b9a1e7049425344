/**
 * `heaptape fuzz`: random programs against independent checkers.
 *
 * A run that breaks a promise is shrunk and kept: its tape, which every other verb can open, and beside
 * it a listing for people. A seed and a path bring it back. With a mutant the campaign is carried out in
 * a process of its own, because the bug is planted while the core is loaded.
 */
import { APIS, type Api, CHECKERS, MUTANTS, type Mutant, SHRINK_SECONDS } from '@heaptape/fuzz';
import { HeaptapeError } from '@heaptape/schema';
import type { Command } from 'commander';
import { carryOut, type Plan } from '../fuzz/campaign.ts';
import { keepGoing } from '../fuzz/keepgoing.ts';
import { carryOutPlanted } from '../fuzz/supervisor.ts';
import { type Io, print, printJson } from '../io.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface FuzzOptions extends CommonOptions {
  readonly runs?: string;
  readonly seconds?: string;
  readonly shrinkSeconds?: string;
  readonly seed?: string;
  readonly path?: string;
  readonly length?: string;
  readonly api?: string;
  readonly profile?: string;
  readonly output: string;
  readonly mutant?: string;
  readonly listMutants?: boolean;
  readonly keepGoing?: boolean;
}

const MAX_SEED = 2 ** 31 - 1;
const MAX_RUNS = 1_000_000_000;
const MAX_SECONDS = 1_000_000;
const MAX_LENGTH = 100_000;
const DEFAULT_RUNS = 1000;
/** A planted bug is looked for as long as this. */
const MUTANT_SECONDS = 60;
/** Sizes of campaigns: programs, and operations of the longest. */
const PROFILES: Readonly<Record<string, { readonly runs: number; readonly length: number }>> = {
  test: { runs: 150, length: 120 },
  nightly: { runs: 20_000, length: 400 },
};
const DEFAULT_FOLDER = 'fuzz-failures';

const PROPERTIES = CHECKERS.map(({ name, doc }) => `  ${name.padEnd(14)}${doc}`).join('\n');

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Carries out random programs on the simulated heap and shows their events to checkers that know nothing of
the collector. Status 1 if one finds a broken promise; the program is then shrunk and kept as a tape.`,
    )
    .option('--runs <n>', `programs to carry out (default: ${DEFAULT_RUNS}, or what time allows)`)
    .option('--seconds <n>', 'how long to go on')
    .option('--shrink-seconds <n>', `how long to shrink what is found (default: ${SHRINK_SECONDS})`)
    .option('--seed <s>', 'seed of all of them; default is another one each time')
    .option('--path <p>', 'carry out only the program that a failure named')
    .option('--length <n>', 'operations of the longest programs')
    .option('--api <name>', `programs over the ${APIS.join(' or the ')} only; default is both`)
    .option('--profile <name>', 'test: 150 runs; nightly: 20,000 runs of up to 400 operations')
    .option('--mutant <name>', `plant this bug first; it must be found in ${MUTANT_SECONDS} s`)
    .option('--keep-going', 'after a failure go on with the programs of the next seed')
    .option('--list-mutants', 'list the bugs that can be planted')
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
  if (options.listMutants === true) return listMutants(io, options.json ?? false);
  const plan = planOf(io, options);
  if (options.keepGoing === true) return keepGoing(io, plan);
  if (options.mutant === undefined) return carryOut(io, plan);
  return carryOutPlanted(io, plan, mutantNamed(options.mutant));
}

function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant !== undefined) return mutant;
  const hint = '`heaptape fuzz --list-mutants` lists them';
  throw new HeaptapeError('bad-usage', `there is no mutant '${name}'`, hint);
}

function apiNamed(name: string | undefined): Api | undefined {
  const api = APIS.find((one) => one === name);
  if (name === undefined || api !== undefined) return api;
  throw new HeaptapeError('bad-usage', `--api is ${APIS.join(' or ')}, not '${name}'`);
}

function profileNamed(name: string | undefined) {
  if (name === undefined) return undefined;
  const profile = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
  if (profile !== undefined) return profile;
  const names = Object.keys(PROFILES).join(' or ');
  throw new HeaptapeError('bad-usage', `--profile is ${names}, not '${name}'`);
}

function planOf(io: Io, options: FuzzOptions): Plan {
  const { path, mutant, output } = options;
  const api = apiNamed(options.api);
  const profile = profileNamed(options.profile);
  const least = mutant === undefined ? undefined : MUTANT_SECONDS;
  const runs = whole('--runs', options.runs, 1, MAX_RUNS) ?? profile?.runs;
  const seconds = whole('--seconds', options.seconds, 1, MAX_SECONDS) ?? least;
  const shrinkSeconds = whole('--shrink-seconds', options.shrinkSeconds, 0, MAX_SECONDS);
  const seed = whole('--seed', options.seed, 0, MAX_SEED) ?? Date.now() % MAX_SEED;
  const length = whole('--length', options.length, 1, MAX_LENGTH) ?? profile?.length;
  if (path !== undefined && !/^\d+(:\d+)*$/.test(path)) {
    throw new HeaptapeError('bad-usage', `--path is numbers with colons between, not '${path}'`);
  }
  if (path !== undefined && options.seed === undefined) {
    throw new HeaptapeError('bad-usage', '--path needs the --seed that it belongs to');
  }
  if (options.keepGoing === true && (path ?? mutant) !== undefined) {
    const other = path === undefined ? '--mutant' : '--path';
    throw new HeaptapeError('bad-usage', `--keep-going is for whole campaigns, not with ${other}`);
  }
  return {
    runs: runs ?? (seconds === undefined ? DEFAULT_RUNS : MAX_RUNS),
    ...(seconds === undefined ? {} : { seconds }),
    ...(shrinkSeconds === undefined ? {} : { shrinkSeconds }),
    seed,
    ...(path === undefined ? {} : { path }),
    ...(length === undefined ? {} : { length }),
    ...(api === undefined ? {} : { api }),
    ...(mutant === undefined ? {} : { mutant }),
    output,
    json: options.json ?? false,
    progress: options.progress ?? io.interactive,
  };
}

async function listMutants(io: Io, json: boolean): Promise<number> {
  if (json) {
    const mutants = MUTANTS.map(({ name, breaks, module }) => ({ name, breaks, module }));
    await printJson(io, { mutants });
    return 0;
  }
  const width = Math.max(...MUTANTS.map(({ name }) => name.length));
  const lines = MUTANTS.map(({ name, breaks }) => `${name.padEnd(width)}  ${breaks}\n`);
  await print(io.stdout, lines.join(''));
  return 0;
}
