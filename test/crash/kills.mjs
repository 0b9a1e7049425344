/**
 * Writers killed at seeded instants. Each scenario is run once undisturbed, to learn how long its stages
 * take; then instants are drawn evenly from one stage.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openTapeWriter } from '@heaptape/log';
import { examine, fileOf, filesOf } from './examine.mjs';
import { runChild } from './run-child.mjs';

/** Segments in a tape that is continued or replaced. */
const BEFORE = 20;
/** Instants go this much beyond the stage, because no two runs take the same time. */
const BEYOND = 1.1;

/** `stage`: the line after which instants begin, and the one where they end. */
export const SCENARIOS = {
  create: { task: {}, stage: ['start', 'end'] },
  'create, threaded': { task: { threaded: true }, stage: ['start', 'end'] },
  continue: { task: { appendTo: true }, stage: ['start', 'end'] },
  'continue, threaded': { task: { appendTo: true, threaded: true }, stage: ['start', 'end'] },
  replace: { task: {}, replaces: true, stage: ['start', 'end'] },
  snapshots: {
    task: { snapshots: true, documents: true, compress: 'none' },
    stage: ['open', 'end'],
  },
  'every segment flushed': { task: { durability: 'full' }, stage: ['start', 'end'] },
  'opening a new tape': { task: {}, stage: ['start', 'open'] },
  'opening to continue': { task: { appendTo: true }, stage: ['start', 'open'] },
  closing: { task: { limit: 40, snapshots: true }, stage: ['closing', 'end'] },
  'closing, continued': { task: { appendTo: true, limit: 60 }, stage: ['closing', 'end'] },
  'closing, threaded': { task: { limit: 40, threaded: true }, stage: ['closing', 'end'] },
};

/** A folder with what the scenario needs to be there; returns the tape's path. */
function prepare(scenario, known, folder, name) {
  const own = join(folder, name);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  const path = join(own, 'x.tape');
  if (scenario.task.appendTo || scenario.replaces) copyFileSync(known.before, path);
  return path;
}

/** Makes the tape that is continued or replaced. */
export function writeBefore(path, known) {
  const writer = openTapeWriter(path);
  for (let i = 0; i < BEFORE; i += 1) known.append(writer, i);
  writer.close();
}

/** Milliseconds that the stage of a scenario takes, undisturbed; it must end well. */
export async function measureStage(name, known, folder) {
  const scenario = SCENARIOS[name];
  const path = prepare(scenario, known, folder, 'measure');
  const { at, closed, stderr } = await runChild({ ...scenario.task, path, known: known.path });
  if (!closed) throw new Error(`${name}: ends badly undisturbed: ${stderr}`);
  const [from, to] = scenario.stage;
  return (at[to] - at[from]) * BEYOND;
}

/** One run; `share` of the stage's time is when it is killed. */
export async function killOnce(name, known, folder, { run, share, stageMs, verify }) {
  const scenario = SCENARIOS[name];
  const path = prepare(scenario, known, folder, `run-${run}`);
  const kill = { after: scenario.stage[0], ms: share * stageMs };
  const said = await runChild({ ...scenario.task, path, known: known.path }, { kill });
  const result = judge(scenario, known, path, said, verify);
  if (result.problems.length === 0) rmSync(join(path, '..'), { recursive: true });
  return { ...result, killed: said.signal === 'SIGKILL', committed: said.segments, path };
}

function judge(scenario, known, path, said, verify) {
  const problems = [];
  if (said.signal !== 'SIGKILL' && (said.status !== 0 || !said.closed)) {
    problems.push(
      `ended by itself with ${said.status}: ${said.stderr}${JSON.stringify(said.errors)}`,
    );
  }
  const file = fileOf(path, said.pid);
  const { appendTo, threaded } = scenario.task;
  if (scenario.replaces && file === path && !said.closed) {
    // Not yet renamed: the old tape, byte for byte. Renamed: the new one, whole.
    if (readFileSync(path).equals(known.beforeBytes)) return { left: 'old', segments: 0, problems };
  }
  if (scenario.replaces && file !== path && !readFileSync(path).equals(known.beforeBytes)) {
    problems.push('the tape to be replaced was altered');
  }
  const wanted = {
    segments: said.closed ? (scenario.task.limit ?? known.count) : said.segments,
    snapshots: said.snapshots,
    promised: appendTo || said.segments > 0 || (said.opened && !threaded),
  };
  if (appendTo) wanted.segments = Math.max(wanted.segments, BEFORE);
  const found = examine(file, known, wanted, { verify });
  problems.push(...found.problems);
  if (file === path && !appendTo && found.left === 'prefix') {
    problems.push('a tape under its final name was not closed');
  }
  if (problems.length === 0) problems.push(...leftovers(path));
  return { ...found, problems };
}

/** The next writer of that name removes what is left of the dead one. */
function leftovers(path) {
  openTapeWriter(path).close();
  const names = filesOf(path);
  return names.length === 1 ? [] : [`left over: ${names.join(', ')}`];
}
