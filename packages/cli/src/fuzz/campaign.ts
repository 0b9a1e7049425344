/** Carries a campaign out, keeps what it finds, and prints the answer. */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Api,
  type Campaign,
  type Counterexample,
  listing,
  runCampaign,
  saveTape,
} from '@heaptape/fuzz';
import { about } from '../failure.ts';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { count, counted } from '../report/units.ts';

/** A campaign as the command line asks for it. */
export interface Plan {
  readonly runs: number;
  readonly seconds?: number;
  readonly shrinkSeconds?: number;
  readonly seed: number;
  readonly path?: string;
  readonly length?: number;
  readonly api?: Api;
  readonly output: string;
  readonly json: boolean;
  readonly progress: boolean;
  /** The bug that has been planted in this process. */
  readonly mutant?: string;
}

/** A broken promise as `--json` prints it. */
export interface Failure {
  readonly property: string;
  /** Events of the shrunk run, and the one at which it is seen. */
  readonly events: number;
  readonly event: number;
  readonly tape: string;
  readonly message: string;
  readonly operations: number;
  readonly path: string;
  readonly command: string;
}

/** Is told how a campaign goes: after each run, and when a failure has been found. */
export type Listener = (news: { readonly runs: number; readonly found: boolean }) => void;

/** Resolves to the exit status: 1 when a promise is broken. */
export async function carryOut(io: Io, plan: Plan, tell?: Listener): Promise<number> {
  const { seconds, runs } = plan;
  const total = seconds ?? runs;
  const task = startTask(io, plan.progress, 'fuzzing', total, seconds === undefined ? 'runs' : 's');
  const begun = performance.now();
  let last = 0;
  let found = false;
  const campaign = runCampaign({
    ...plan,
    onRun: (done) => {
      last = done;
      tell?.({ runs: done, found });
      task.update(seconds === undefined ? done : (performance.now() - begun) / 1000);
    },
    onFound: () => {
      found = true;
      tell?.({ runs: last, found });
    },
  });
  task.end();
  const { counterexample } = campaign;
  if (counterexample === null) {
    if (plan.json) await printJson(io, { ...answerOf(campaign, plan), failure: null });
    else await print(io.stdout, passedText(campaign, plan));
    return 0;
  }
  const tape = await keep(counterexample, plan);
  if (plan.json) {
    const failure = failureOf(counterexample, tape, plan);
    await printJson(io, { ...answerOf(campaign, plan), failure });
  } else await print(io.stdout, failedText(campaign, counterexample, tape, plan));
  return 1;
}

/** What there is to say whether or not something was found. */
function answerOf(campaign: Campaign, { seed, mutant }: Plan): object {
  const { runs, searchSeconds, shrinkSeconds, counterexample } = campaign;
  const planted = { name: mutant, found: counterexample !== null, searchSeconds, shrinkSeconds };
  return { runs, seed, ...(mutant === undefined ? {} : { mutant: planted }) };
}

export function failureOf(
  { violation, run, program, path }: Counterexample,
  tape: string,
  plan: Plan,
): Failure {
  const { property, message, seq: event } = violation;
  const operations = program.operations.length;
  const command = commandOf(plan, path);
  return { property, events: run.events, tape, message, event, operations, path, command };
}

export function commandOf({ seed, length, api, mutant }: Plan, path: string): string {
  const planted = mutant === undefined ? '' : ` --mutant ${mutant}`;
  const long = length === undefined ? '' : ` --length ${length}`;
  const over = api === undefined ? '' : ` --api ${api}`;
  return `heaptape fuzz${planted} --seed ${seed} --path ${path}${long}${over}`;
}

function passedText({ runs, events, searchSeconds }: Campaign, { seed, mutant }: Plan): string {
  const rate = count(Math.round(runs / Math.max(0.001, searchSeconds)));
  const done = `${counted(runs, 'run')} of seed ${seed}, ${counted(events, 'event')}, ${rate} runs/s`;
  if (mutant === undefined) return `${done}: every promise was kept\n`;
  return `${mutant} is not found in ${searchSeconds.toFixed(1)} s: ${done}\n`;
}

export function failedText(
  { runs, searchSeconds, shrinkSeconds }: Campaign,
  { violation, program, run, path }: Counterexample,
  tape: string,
  plan: Plan,
): string {
  const { property, message, seq } = violation;
  const size = `${counted(program.operations.length, 'operation')}, ${counted(run.events, 'event')}`;
  const times = `${searchSeconds.toFixed(1)} s, shrinking ${shrinkSeconds.toFixed(1)} s`;
  return [
    ...(plan.mutant === undefined ? [] : [`${plan.mutant} is found: ${times}`]),
    `${property} is broken after ${counted(runs, 'run')}: ${message}`,
    `  seen at event ${seq}; shrunk to ${size}: ${tape}`,
    `  seed ${plan.seed}, path ${path}; to see it again: ${commandOf(plan, path)}`,
    '',
  ].join('\n');
}

/** Writes the tape and the listing; returns the tape's name. */
export async function keep(found: Counterexample, plan: Plan): Promise<string> {
  const { seed, output, mutant } = plan;
  const planted = mutant === undefined ? '' : `${mutant}-`;
  const name = `${planted}${found.violation.property}-${seed}`;
  const tape = join(output, `${name}.tape`);
  try {
    await mkdir(output, { recursive: true });
    saveTape(found.run.tape, tape);
    writeFileSync(join(output, `${name}.txt`), listing(found, commandOf(plan, found.path)));
  } catch (error) {
    throw about(output, error);
  }
  return tape;
}
