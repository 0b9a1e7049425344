/**
 * Carries a campaign out in a process in which a bug is planted, and watches over it.
 *
 * 1. The bug is planted while the core is loaded, so it takes a process of its own.
 * 2. A planted bug can make a program run for ever. After a while without news the process is ended: a
 *    program that hangs is a broken promise like any other.
 * 3. Shrinking tries other programs, and one of those may hang, too. What was found before counts then:
 *    the campaign is carried out again, which finds the same, without shrinking.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Mutant, plant } from '@heaptape/fuzz';
import { HeaptapeError } from '@heaptape/schema';
import { type Io, print, printJson } from '../io.ts';
import { commandOf, type Listener, type Plan } from './campaign.ts';
import type { Planted } from './planted.ts';

/** A program takes some milliseconds; one that takes this long hangs. */
const HANG_MS = 30_000;

type News = Parameters<Listener>[0];

/** How a process ended: what it printed, or the last that was heard of it before it hung. */
interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly hung: News | null;
  readonly seconds: number;
}

/** Resolves to the exit status: 1 when the bug is found. */
export async function carryOutPlanted(io: Io, plan: Plan, mutant: Mutant): Promise<number> {
  const module = new URL(`${mutant.module}.js`, import.meta.resolve('@heaptape/core'));
  const planted: Planted = {
    url: module.href,
    source: plant(readFileSync(module, 'utf8'), mutant),
  };
  let outcome = await run(io, plan, planted);
  if (outcome.hung?.found === true) outcome = await run(io, { ...plan, shrinkSeconds: 0 }, planted);
  const { status, signal, stdout, hung, seconds } = outcome;
  if (hung !== null) {
    await printHang(io, plan, hung.runs, seconds);
    return 1;
  }
  if (status === null) {
    throw new HeaptapeError('limit', `the process with ${mutant.name} was ended by ${signal}`);
  }
  await print(io.stdout, stdout);
  return status;
}

async function run(io: Io, plan: Plan, planted: Planted): Promise<Outcome> {
  const begun = performance.now();
  const entry = fileURLToPath(new URL('../fuzz/planted.js', import.meta.url));
  const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  let last: News = { runs: 0, found: false };
  let hung: News | null = null;
  const end = (): void => {
    hung = last;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(end, HANG_MS);
  child.on('message', (news: News) => {
    last = news;
    clearTimeout(timer);
    timer = setTimeout(end, HANG_MS);
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.pipe(io.stderr, { end: false });
  child.stdin?.end(JSON.stringify([plan, planted]));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  return { status, signal, stdout, hung, seconds: (performance.now() - begun - HANG_MS) / 1000 };
}

/** The run after the last that was heard of did not end; its path is its number. */
async function printHang(io: Io, plan: Plan, before: number, seconds: number): Promise<void> {
  const { seed, mutant, json } = plan;
  const runs = before + 1;
  const path = plan.path ?? String(before);
  const command = commandOf(plan, path);
  const message = `run ${runs} does not end within ${HANG_MS / 1000} s`;
  if (json) {
    const planted = { name: mutant, found: true, searchSeconds: seconds, shrinkSeconds: 0 };
    const failure = { property: 'hang', events: null, tape: null, message, path, command };
    await printJson(io, { runs, seed, mutant: planted, failure });
    return;
  }
  const lines = [`${mutant} is found: ${seconds.toFixed(1)} s`, `hang: ${message}`];
  await print(io.stdout, `${[...lines, `  to see it again: ${command}`].join('\n')}\n`);
}
