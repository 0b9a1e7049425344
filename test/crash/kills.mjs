/**
 * Writers that are killed: at seeded instants of the clock, and at each system call in turn (`calls.mjs`).
 *
 * Each scenario is run undisturbed a few times, to learn how long its stage takes. The stage is cut into as many
 * equal parts as there are runs, and an instant is drawn from each: so instants are spread evenly, the first
 * and the last included. A writer that was done before its instant is no kill; it is run again, earlier.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTapeWriter } from '@heaptape/log';
import { examine, fileOf, filesOf } from './examine.mjs';
import { examineMigrated } from './migrating.mjs';
import { runChild } from './run-child.mjs';

/** Segments in a tape that is continued or replaced. */
const BEFORE = 20;
const TRIES = 6;
/** By how much the instant moves to the front when a writer was done before it. */
const EARLIER = 0.85;
const TRACE = fileURLToPath(new URL('../fixtures/traces/small.trace.gz', import.meta.url));

/**
 * `stage`: the line after which instants begin, and the one where they end. `kind` is what the writer is
 * about. `before`: which tape is there, by the name of its file in `known`. `short`: the task when each
 * of its system calls is tried.
 */
export const SCENARIOS = {
  create: { kind: 'appending', task: {}, stage: ['start', 'end'], short: { limit: 4 } },
  'create, threaded': {
    kind: 'appending',
    task: { threaded: true },
    stage: ['start', 'end'],
    short: { limit: 3 },
  },
  continue: {
    kind: 'appending',
    task: { appendTo: true },
    before: 'before',
    stage: ['start', 'end'],
    short: { limit: BEFORE + 4 },
  },
  'continue, threaded': {
    kind: 'appending',
    task: { appendTo: true, threaded: true },
    before: 'before',
    stage: ['start', 'end'],
  },
  'every segment flushed': {
    kind: 'appending',
    task: { durability: 'full' },
    stage: ['start', 'end'],
    short: { limit: 4 },
  },
  replace: {
    kind: 'replacing',
    task: {},
    before: 'before',
    replaces: true,
    stage: ['start', 'end'],
    short: { limit: 3 },
  },
  'replace what a killed writer left': {
    kind: 'replacing',
    task: { limit: 30 },
    before: 'killed',
    replaces: true,
    stage: ['start', 'end'],
    short: { limit: 3 },
  },
  snapshots: {
    kind: 'snapshotting',
    task: { snapshots: true, documents: true, compress: 'none' },
    stage: ['open', 'end'],
    short: { limit: 9 },
  },
  'opening a new tape': { kind: 'opening', task: {}, stage: ['start', 'open'] },
  'opening to continue': {
    kind: 'opening',
    task: { appendTo: true },
    before: 'before',
    stage: ['start', 'open'],
  },
  'opening what a killed writer left': {
    kind: 'opening',
    task: { appendTo: true, limit: BEFORE + 8 },
    before: 'killed',
    stage: ['start', 'open'],
    short: { limit: BEFORE + 8 },
  },
  closing: {
    kind: 'closing',
    task: { limit: 40, snapshots: true },
    stage: ['closing', 'end'],
  },
  'closing, continued': {
    kind: 'closing',
    task: { appendTo: true, limit: 60 },
    before: 'before',
    stage: ['closing', 'end'],
  },
  'closing, threaded': {
    kind: 'closing',
    task: { limit: 40, threaded: true },
    stage: ['closing', 'end'],
  },
  'closing, a reader holds it': {
    kind: 'closing',
    task: { limit: 12, held: true },
    stage: ['closing', 'end'],
    short: { limit: 3 },
  },
  migrating: {
    kind: 'migrating',
    task: { migrating: true, limit: 0 },
    before: 'path',
    stage: ['start', 'end'],
    short: {},
  },
  import: {
    kind: 'importing',
    task: { cli: (path) => ['import', TRACE, '-o', path] },
    stage: ['start', 'end'],
    short: {},
  },
  'import over a tape': {
    kind: 'importing',
    task: { cli: (path) => ['import', TRACE, '-o', path] },
    before: 'before',
    replaces: true,
    stage: ['start', 'end'],
  },
  export: {
    kind: 'exporting',
    task: { cli: (path, known) => ['export', known.path, '--format', 'jsonl', '-o', path] },
    stage: ['start', 'end'],
    short: {},
  },
  'export over a file': {
    kind: 'exporting',
    task: { cli: (path, known) => ['export', known.path, '--format', 'jsonl', '-o', path] },
    before: 'path',
    replaces: true,
    stage: ['start', 'end'],
  },
};

/** What is beside a tape that a killed writer left. */
const SIDES = ['', '-wal', '-journal'];

/** A folder with what the scenario needs to be there; returns the tape's path. */
export function prepare(scenario, known, folder, name) {
  const own = join(folder, name);
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  const path = join(own, 'x.tape');
  if (scenario.before === undefined) return path;
  for (const side of SIDES) {
    const from = known[scenario.before] + side;
    if (existsSync(from)) copyFileSync(from, path + side);
  }
  return path;
}

/** Makes the tapes that are continued or replaced: a closed one, and one whose writer was killed. */
export async function writeBefore(folder, known) {
  for (const name of ['before', 'killed']) {
    const path = join(folder, `${name}.tape`);
    const writer = openTapeWriter(path);
    for (let i = 0; i < BEFORE / 2; i += 1) known.append(writer, i);
    writer.close();
    known[name] = path;
  }
  const writer = openTapeWriter(known.before, { appendTo: true });
  for (let i = BEFORE / 2; i < BEFORE; i += 1) known.append(writer, i);
  writer.close();
  const task = { appendTo: true, limit: BEFORE, onError: 'die', path: known.killed };
  const { signal } = await runChild({ ...task, known: known.path, dies: true });
  if (signal !== 'SIGKILL') throw new Error('the tape of a killed writer could not be made');
  const path = join(folder, 'imported.tape');
  const { closed, stderr } = await runChild({ cli: ['import', TRACE, '-o', path] });
  if (!closed) throw new Error(`import ends badly undisturbed: ${stderr}`);
  const exported = join(folder, 'exported.jsonl');
  await runChild({ cli: SCENARIOS.export.task.cli(exported, known) });
  known.exported = readFileSync(exported);
}

/** The task of a scenario for one path. */
export function taskOf(scenario, known, path) {
  const { task } = scenario;
  if (task.cli !== undefined) return { cli: task.cli(path, known) };
  return { ...task, path, known: known.path };
}

/** Milliseconds that the stage of a scenario takes, undisturbed: the median of `times`; it must end well. */
export async function measureStage(name, known, folder, times) {
  const scenario = SCENARIOS[name];
  const [from, to] = scenario.stage;
  const found = [];
  for (let i = 0; i < times; i += 1) {
    const path = prepare(scenario, known, folder, 'measure');
    const { at, closed, stderr } = await runChild(taskOf(scenario, known, path));
    if (!closed) throw new Error(`${name}: ends badly undisturbed: ${stderr}`);
    found.push(at[to] - at[from]);
  }
  return found.sort((a, b) => a - b)[times >> 1];
}

/** One run; `share` of the stage's time is when it is killed. `late` counts those that were done before. */
export async function killOnce(name, known, folder, { run, share, stageMs, verify }) {
  const scenario = SCENARIOS[name];
  let late = 0;
  for (let ms = share * stageMs; ; ms *= EARLIER) {
    const path = prepare(scenario, known, folder, `run-${run}`);
    const kill = { after: scenario.stage[0], ms };
    const said = await runChild(taskOf(scenario, known, path), { kill });
    const result = judge(scenario, known, path, said, verify);
    const killed = said.signal === 'SIGKILL';
    if (killed || result.problems.length > 0 || late === TRIES) {
      if (result.problems.length === 0) rmSync(dirname(path), { recursive: true });
      return { ...result, killed, late, path };
    }
    late += 1;
  }
}

/** What a run left behind, and what is wrong with it. */
export function judge(scenario, known, path, said, verify) {
  const problems = [];
  if (said.signal !== 'SIGKILL' && (said.status !== 0 || !said.closed)) {
    problems.push(
      `ended by itself with ${said.status}: ${said.stderr}${JSON.stringify(said.errors)}`,
    );
  }
  if (scenario.kind === 'migrating') {
    known.content ??= known.contentOf(known.path);
    const found = examineMigrated(path, known.content);
    return { ...found, problems: [...problems, ...found.problems] };
  }
  if (scenario.kind === 'exporting') return judgeExport(scenario, known, path, said, problems);
  return judgeTape(scenario, known, path, said, verify, problems);
}

function judgeTape(scenario, known, path, said, verify, problems) {
  const stream = scenario.kind === 'importing' ? known.imported : known;
  const file = fileOf(path, said.pid);
  const { appendTo, threaded, cli } = scenario.task;
  if (scenario.replaces && !said.closed && isOld(scenario, known, path)) {
    // Not yet renamed: the old tape, and perhaps a partial one beside it. Renamed: the new one, whole.
    if (file === path)
      return { left: 'old', segments: 0, problems: problems.concat(leftovers(path)) };
  } else if (scenario.replaces && file !== path && existsSync(path)) {
    problems.push('the tape to be replaced was altered');
  }
  const all = scenario.task.limit ?? stream.count;
  const wanted = {
    segments: said.closed ? all : said.segments,
    snapshots: said.snapshots,
    promised: appendTo || said.segments > 0 || (said.opened && !threaded) || (said.closed && cli),
  };
  if (appendTo) wanted.segments = Math.max(wanted.segments, BEFORE);
  const found = examine(file, stream, wanted, { verify });
  problems.push(...found.problems);
  if (file === path && !appendTo && found.left === 'prefix') {
    problems.push('a tape under its final name was not closed');
  }
  if (file === path && !appendTo && found.left === 'whole' && found.segments < all) {
    problems.push(`a tape under its final name has ${found.segments} segments of ${all}`);
  }
  if (problems.length === 0) problems.push(...leftovers(path));
  return { ...found, problems };
}

/** Whether the tape to be replaced is there still, with all that it held; its log may have been moved into it. */
function isOld(scenario, known, path) {
  if (scenario.before === 'before') return readFileSync(path).equals(known.beforeBytes);
  const found = examine(
    path,
    known,
    { segments: BEFORE, snapshots: 0, promised: true },
    {
      verify: false,
      only: true,
    },
  );
  return found.problems.length === 0 && found.left === 'prefix' && found.segments === BEFORE;
}

/** The next writer of that name removes what is left of the dead one. */
function leftovers(path) {
  openTapeWriter(path).close();
  const names = filesOf(path);
  return names.length === 1 ? [] : [`left over: ${names.join(', ')}`];
}

/** A file that is exported is there whole or not at all, and what was there before stays until then. */
function judgeExport(scenario, known, path, said, problems) {
  const others = filesOf(path).filter((name) => !/^x\.tape(?:\.partial-\d+)?$/.test(name));
  if (others.length > 0) problems.push(`there is ${others.join(', ')}`);
  if (!existsSync(path)) {
    if (scenario.replaces || said.closed) problems.push('there is no file');
    return { left: 'nothing', segments: 0, problems };
  }
  const found = readFileSync(path);
  if (found.equals(known.exported)) return { left: 'whole', segments: 0, problems };
  const old = scenario.replaces && !said.closed && found.equals(readFileSync(known.path));
  if (!old) problems.push(`half a file: ${found.length} bytes of ${known.exported.length}`);
  return { left: 'old', segments: 0, problems };
}
