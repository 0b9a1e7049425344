/**
 * A campaign that a failure does not end: what is left of its runs and of its time goes to the programs of
 * the next seed, and so on. Every failure is kept under the seed that it belongs to.
 */
import { runCampaign } from '@heaptape/fuzz';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { count, counted } from '../report/units.ts';
import { type Failure, failedText, failureOf, keep, type Plan } from './campaign.ts';

/** Resolves to the exit status: 1 when a promise is broken. */
export async function keepGoing(io: Io, plan: Plan): Promise<number> {
  const { json, seed: first } = plan;
  const [total, unit] = plan.seconds === undefined ? [plan.runs, 'runs'] : [plan.seconds, 's'];
  const task = startTask(io, plan.progress, 'fuzzing', total, unit);
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const failures: Failure[] = [];
  let [runs, events] = [0, 0];
  for (let seed = first; runs < plan.runs && seconds() < (plan.seconds ?? Infinity); seed += 1) {
    const left = plan.seconds === undefined ? {} : { seconds: plan.seconds - seconds() };
    const here: Plan = { ...plan, seed, runs: plan.runs - runs, ...left };
    const onRun = (done: number): void => task.update(unit === 's' ? seconds() : runs + done);
    const campaign = runCampaign({ ...here, onRun });
    runs += campaign.runs;
    events += campaign.events;
    if (campaign.counterexample === null) continue;
    const tape = await keep(campaign.counterexample, here);
    failures.push(failureOf(campaign.counterexample, tape, here));
    if (!json) await print(io.stdout, failedText(campaign, campaign.counterexample, tape, here));
  }
  task.end();
  const took = seconds();
  const rate = runs / Math.max(0.001, took);
  if (json) {
    const failure = failures[0] ?? null;
    const figures = { seconds: took, runsPerSecond: rate, events };
    await printJson(io, { runs, seed: first, failure, failures, ...figures });
  } else {
    const done = `${counted(runs, 'run')} from seed ${first} on, ${counted(events, 'event')}`;
    const found = failures.length === 0 ? 'every promise was kept' : `${failures.length} failures`;
    await print(io.stdout, `${done}, ${count(Math.round(rate))} runs/s: ${found}\n`);
  }
  return failures.length === 0 ? 0 : 1;
}
