/**
 * Kills at each system call: a short run of each scenario is killed before its first call that changes
 * anything on disk, before its second, and so on to the last; and once more, after half of what each call
 * would write. Nothing is left to the clock.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judge, prepare, SCENARIOS, taskOf } from './kills.mjs';
import { asked, compiled, inTurn, spread } from './preload.mjs';
import { runChild } from './run-child.mjs';

/** Every so many runs the tape is decided again. */
const VERIFY_EVERY = 16;

/** Runs a short scenario that is killed at call `at`; 0 is never. */
async function run(context, name, { at, how }) {
  const { known, folder, library } = context;
  const { short, ...full } = SCENARIOS[name];
  const scenario = { ...full, task: { ...full.task, ...short } };
  const own = join(`${how}-${at}`, 'faulty.d');
  const path = prepare(scenario, known, join(folder, `calls-${name.replaceAll(' ', '-')}`), own);
  const log = join(dirname(path), '..', 'count');
  const env = {
    LD_PRELOAD: library,
    FAULT_MATCH: 'faulty.d',
    FAULT_CALL: 'any',
    FAULT_AT: String(at),
    FAULT_HOW: how,
    FAULT_LOG: log,
  };
  const said = await runChild(taskOf(scenario, known, path), { env });
  const count = existsSync(log) ? Number(readFileSync(log, 'utf8')) : 0;
  return { scenario, path, said, count };
}

async function row(context, name, most) {
  const counted = await run(context, name, { at: 0, how: 'kill' });
  if (!counted.said.closed)
    throw new Error(`${name}: ends badly undisturbed: ${counted.said.stderr}`);
  const { kind } = SCENARIOS[name];
  const row = {
    name,
    kind,
    calls: counted.count,
    runs: 0,
    killed: 0,
    nothing: 0,
    prefix: 0,
    whole: 0,
    old: 0,
    problems: [],
  };
  const tries = ['kill', 'half'].flatMap((how) =>
    spread(counted.count, Math.ceil(most / 2)).map((at) => ({ at, how })),
  );
  await inTurn(tries, context.jobs, async (one) => {
    const { scenario, path, said } = await run(context, name, one);
    const verify = row.runs % VERIFY_EVERY === 0;
    row.runs += 1;
    if (said.signal === 'SIGKILL') row.killed += 1;
    const { left, problems } = judge(scenario, context.known, path, said, verify);
    row[left] += 1;
    if (problems.length === 0) rmSync(join(dirname(path), '..'), { recursive: true });
    for (const problem of problems) row.problems.push(`${name}, ${one.how} ${one.at}: ${problem}`);
  });
  return row;
}

/** A row a scenario, or `skipped`, which says why there are none. `most` bounds the runs of a row. */
export async function calls(known, folder, { most, jobs, only, onRow = () => undefined }) {
  const library = compiled(folder, 'fault');
  if (library === undefined) {
    return { rows: [], skipped: 'no C compiler, kills at system calls untested' };
  }
  const rows = [];
  for (const [name, { short }] of Object.entries(SCENARIOS)) {
    if (asked.toStop) break;
    if (short === undefined || !(only?.includes(name) ?? true)) continue;
    const began = performance.now();
    rows.push(await row({ known, folder, library, jobs }, name, most));
    onRow(rows.at(-1), performance.now() - began);
  }
  return { rows };
}
