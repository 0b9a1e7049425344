/**
 * Records the real Go runs that the tests compare the simulator with. Needs Go 1.23 or newer and no network.
 *
 *   node test/tools/record.mjs                    the recording and its truths, into test/fixtures/traces
 *   node test/tools/record.mjs --traces DIR       the same, and every truth's trace and log into DIR
 *   node test/tools/record.mjs --programs DIR     only the programs of test/fixtures/go, traces and logs into DIR
 *   … --out DIR                                   another place for the recording and its truths
 *
 * The program is Go's own compiler at work on the package `regexp`: a real, allocation-heavy, concurrent program that
 * every Go toolchain brings along, and whose work is the same each time.
 *
 * 1. One run at a low GOGC with allocation events is the input: short cycles date each object's death closely.
 * 2. Runs of the same work at other GOGC values are the truths that a what-if from the input is judged by. Each is
 *    made several times, because two runs differ, and no prediction can be better than that band. They are traced
 *    too, so that tracing slows both sides alike; as many untraced runs show what tracing itself changes.
 * 3. Everything is made in a temporary directory and gets its final name only once all of it is whole.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { optionsOf } from './arguments.mjs';

const NAME = 'compile-regexp';
const PACKAGE = 'regexp';
const INPUT_GOGC = 20;
const TRUTH_GOGC = [50, 100, 200, 400];
const REPEATS = 3;
const PROCS = 2;
const MAX_ATTEMPTS = 60;
const MAX_GZIP_BYTES = 3_000_000;
const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

/** The Go programs of test/fixtures/go that take `-trace FILE`, and how each is run. */
const PROGRAMS = [
  { name: 'treechurn', args: ['-duration', '30s', '-size', '400'], env: {} },
  { name: 'lateserver', args: [], env: {} },
  { name: 'memorylimit', args: [], env: { GOGC: 'off', GOMEMLIMIT: '40MiB' } },
  { name: 'forcedgc', args: [], env: {} },
];

/** The lines of `go tool trace -d=parsed` that matter here: kind, name, and the rest. */
const PARSED_EVENT = /^M=\S+ P=\S+ G=\S+ (Metric|Range\w+) Time=\d+ Name="([^"]*)"(.*)/;

const say = (text) => process.stderr.write(`record: ${text}\n`);

/** The caller's environment without whatever would steer the collector or pick another toolchain. */
function environment(extra) {
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...extra };
  for (const name of ['GOGC', 'GOMEMLIMIT', 'GODEBUG', 'GOMAXPROCS', 'GOFLAGS', 'GOEXPERIMENT']) {
    if (!(name in extra)) delete env[name];
  }
  return env;
}

/** Standard output of `go ARGS`. */
function go(...args) {
  const run = spawnSync('go', args, { env: environment({}), encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.error)
    throw new Error(`go cannot be started (${run.error.message}); is Go 1.23 or newer on PATH?`);
  if (run.status !== 0) throw new Error(`go ${args.join(' ')} failed:\n${run.stderr}`);
  return run.stdout.trim();
}

/** Runs a program to its end with its standard error in a file; gives the seconds it took. */
async function runLogged(command, args, env, logPath) {
  const log = createWriteStream(logPath);
  const began = process.hrtime.bigint();
  const child = spawn(command, args, {
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = new Promise((done, fail) => child.on('error', fail).on('close', done));
  child.stderr.pipe(log);
  const status = await exit;
  await finished(log);
  if (status !== 0)
    throw new Error(`${command} ended with ${status}:\n${await readFile(logPath, 'utf8')}`);
  return Number(process.hrtime.bigint() - began) / 1e9;
}

/** Where the compiler is, and its arguments for PACKAGE except those that say what to record. */
function prepareCompiler(dir, importcfg) {
  return {
    command: go('tool', '-n', 'compile'),
    args: ['-std', '-p', PACKAGE, '-complete', `-c=${PROCS}`, '-pack'].concat(
      '-importcfg',
      importcfg,
      '-o',
      join(dir, 'out.a'),
    ),
    files: JSON.parse(go('list', '-json=Dir,GoFiles', PACKAGE)),
  };
}

/** Compiles once with gctrace on; with a trace path, with an execution trace and its allocation events too. */
async function compile(compiler, gogc, logPath, tracePath) {
  const { command, args, files } = compiler;
  const godebug = tracePath ? 'gctrace=1,traceallocfree=1' : 'gctrace=1';
  const traced = tracePath ? [...args, '-traceprofile', tracePath] : args;
  // An explicit GOGC also keeps the compiler from raising its own starting heap.
  const env = { GOGC: String(gogc), GODEBUG: godebug, GOMAXPROCS: String(PROCS) };
  return runLogged(
    command,
    [...traced, ...files.GoFiles.map((file) => join(files.Dir, file))],
    env,
    logPath,
  );
}

/** What a gctrace log says: cycles, their three heap sizes in MiB (rounded down by Go), and the largest at a mark's end. */
async function measureLog(path) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('gc '));
  const heaps = lines.map((line) => / (\d+)->(\d+)->(\d+) MB,/.exec(line)?.slice(1).map(Number));
  if (heaps.includes(undefined)) throw new Error(`${path}: a gctrace line has no heap sizes`);
  return {
    cycles: lines.length,
    heaps,
    peakMarkEndMiB: Math.max(0, ...heaps.map(([, atEnd]) => atEnd)),
  };
}

/**
 * What Go's own trace reader says: marks begun, peaks of heapLive in bytes, whether either end cuts a mark, and for each
 * finished mark the sizes that gctrace prints (heapLive before it, its peak within, and what was marked), in bytes.
 */
async function measureTrace(path) {
  const args = ['tool', 'trace', '-d=parsed', path];
  const child = spawn('go', args, { env: environment({}), stdio: ['ignore', 'pipe', 'ignore'] });
  const exit = new Promise((done, fail) => child.on('error', fail).on('close', done));
  const marks = [];
  let [marksBegun, heapLive, peakHeapLive, opensInMark, mark] = [0, 0, 0, false, undefined];
  for await (const line of createInterface({ input: child.stdout })) {
    const [, kind, name, rest] = PARSED_EVENT.exec(line) ?? [];
    if (name === '/memory/classes/heap/objects:bytes') {
      heapLive = Number(/(\d+)\D*$/.exec(rest)?.[1]);
      peakHeapLive = Math.max(peakHeapLive, heapLive);
      if (mark) mark.peak = Math.max(mark.peak, heapLive);
    } else if (name === 'GC concurrent mark phase' && kind === 'RangeBegin') {
      marksBegun++;
      mark = { begin: heapLive, peak: heapLive };
    } else if (name === 'GC concurrent mark phase' && kind === 'RangeEnd') {
      marks.push([mark.begin, mark.peak, heapLive]);
      mark = undefined;
    } else if (name === 'GC concurrent mark phase' && !mark) {
      // RangeActive repeats an open mark in each of the trace's generations; one never begun was open at the start.
      opensInMark = true;
      mark = { begin: Number.NaN, peak: 0 };
    }
  }
  if ((await exit) !== 0 || !(peakHeapLive > 0))
    throw new Error(`go tool trace cannot read ${path}`);
  const peakHeapLiveInMark = Math.max(0, ...marks.map(([, peak]) => peak));
  return {
    marksBegun,
    peakHeapLive,
    peakHeapLiveInMark,
    opensInMark,
    endsInMark: mark !== undefined,
    marks,
  };
}

/** How many of the log's cycles precede the trace's first: the shift at which most of their heap sizes agree. */
function cyclesBeforeTrace(marks, heaps) {
  const inMiB = marks.map((sizes) => sizes.map((bytes) => Math.floor(bytes / (1 << 20))).join());
  const logged = heaps.map((sizes) => sizes.join());
  let best = { shift: 0, agreeing: -1 };
  for (let shift = 0; shift <= logged.length; shift++) {
    const agreeing = inMiB.filter((sizes, i) => sizes === logged[shift + i]).length;
    if (agreeing > best.agreeing) best = { shift, agreeing };
  }
  return best.shift;
}

/** One traced run and what it measured. */
async function record(compiler, gogc, dir, name) {
  const tracePath = join(dir, `${name}.trace`);
  const logPath = join(dir, `${name}.gctrace.log`);
  const seconds = await compile(compiler, gogc, logPath, tracePath);
  const measured = { ...(await measureLog(logPath)), ...(await measureTrace(tracePath)) };
  say(
    `${name}: ${seconds.toFixed(2)} s, ${measured.cycles} cycles, ${measured.marksBegun} of them in the trace, ` +
      `peak heapLive ${measured.peakHeapLive}`,
  );
  return { tracePath, logPath, seconds: Number(seconds.toFixed(3)), ...measured };
}

/** The input: the first run whose trace has the log's last cycles, each of them whole. */
async function recordInput(compiler, dir) {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const run = await record(compiler, INPUT_GOGC, dir, NAME);
    const before = cyclesBeforeTrace(run.marks, run.heaps);
    if (run.opensInMark || run.endsInMark)
      say('  but the trace begins or ends inside a mark phase; once more');
    else if (before + run.marksBegun !== run.cycles)
      say('  but there was a cycle after the trace; once more');
    else return run;
  }
  throw new Error(`in ${MAX_ATTEMPTS} runs no trace had the last cycles whole`);
}

/** Traced and untraced runs at one GOGC. */
async function recordTruth(compiler, gogc, dir, tracesDir) {
  const runs = [];
  const untraced = [];
  for (let run = 1; run <= REPEATS; run++) {
    const traced = await record(compiler, gogc, dir, `${NAME}-gogc${gogc}-run${run}`);
    if (tracesDir) {
      await install(traced.tracePath, join(tracesDir, `${NAME}-gogc${gogc}-run${run}.trace`));
      await install(traced.logPath, join(tracesDir, `${NAME}-gogc${gogc}-run${run}.gctrace.log`));
    }
    await rm(traced.tracePath);
    runs.push(traced);
    const logPath = join(dir, 'untraced.log');
    const seconds = await compile(compiler, gogc, logPath);
    const { cycles, peakMarkEndMiB } = await measureLog(logPath);
    untraced.push({ seconds: Number(seconds.toFixed(3)), cycles, peakMarkEndMiB });
  }
  return { gogc, runs, untraced };
}

/** Copies a whole file beside its final name and renames it there, so that the final name never holds half a file. */
async function install(from, to) {
  await copyFile(from, `${to}.part`);
  await rename(`${to}.part`, to);
}

/** The figures of a run that are kept, without the paths of this machine. */
function figures(run) {
  const { seconds, cycles, marksBegun, peakHeapLive, peakHeapLiveInMark, peakMarkEndMiB } = run;
  return {
    seconds,
    cycles,
    cyclesInTrace: marksBegun,
    peakHeapLive,
    peakHeapLiveInMark,
    peakMarkEndMiB,
  };
}

function band(values, digits = 0) {
  const low = Math.min(...values).toFixed(digits);
  const high = Math.max(...values).toFixed(digits);
  return low === high ? low : `${low}–${high}`;
}

/** The README's measured part. */
function measuredSection(facts) {
  const mib = (bytes) => bytes / (1 << 20);
  const rows = facts.truths.map(({ gogc, runs, untraced }) => {
    const cells = [
      band(runs.map((run) => run.cycles)),
      band(runs.map((run) => run.cyclesInTrace)),
      band(
        runs.map((run) => mib(run.peakHeapLive)),
        1,
      ),
      band(
        runs.map((run) => mib(run.peakHeapLiveInMark)),
        1,
      ),
      band(untraced.map((run) => run.cycles)),
      band(untraced.map((run) => run.peakMarkEndMiB)),
    ];
    return `| ${gogc} | ${cells.join(' | ')} |`;
  });
  const { input } = facts;
  return [
    `Recorded with ${facts.go}, GOMAXPROCS=${PROCS}, on a machine with ${facts.cpus} CPUs. The input: GOGC=${INPUT_GOGC}, ` +
      `${input.cycles} cycles, ${input.cyclesInTrace} of them within the trace, peak heapLive ` +
      `${mib(input.peakHeapLive).toFixed(1)} MiB, ${input.gzipBytes} bytes of trace.`,
    '',
    `| GOGC | cycles | … in the trace | peak heapLive, MiB | … while marking, MiB | untraced: cycles | untraced: peak at mark end, MiB |`,
    '|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n');
}

/** Writes the README with what stands between its two markers replaced. */
async function writeReadme(path, section) {
  const text = await readFile(join(FIXTURES, 'traces', 'README.md'), 'utf8');
  const markers = /(<!-- measured:[^\n]*-->\n)[\s\S]*?(<!-- end measured -->)/;
  if (!markers.test(text))
    throw new Error('test/fixtures/traces/README.md lacks the markers of its measured section');
  await writeFile(
    path,
    text.replace(markers, (_, begin, end) => `${begin}${section}\n${end}`),
  );
}

async function recordCompiler(dir, outDir, tracesDir) {
  say(`building what ${PACKAGE} imports`);
  const importcfg = join(dir, 'importcfg');
  const template = '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}';
  await writeFile(importcfg, `${go('list', '-deps', '-export', '-f', template, PACKAGE)}\n`);
  const compiler = prepareCompiler(dir, importcfg);

  const input = await recordInput(compiler, dir);
  const gzipPath = join(dir, `${NAME}.trace.gz`);
  const gzip = gzipSync(await readFile(input.tracePath), { level: 9 });
  if (gzip.length > MAX_GZIP_BYTES)
    throw new Error(`the trace is too big for the repository: ${gzip.length} bytes`);
  await writeFile(gzipPath, gzip);

  const truths = [];
  for (const gogc of TRUTH_GOGC) truths.push(await recordTruth(compiler, gogc, dir, tracesDir));

  const facts = {
    go: go('env', 'GOVERSION', 'GOOS', 'GOARCH').replaceAll('\n', ' '),
    cpus: availableParallelism(),
    procs: PROCS,
    input: { gogc: INPUT_GOGC, gzipBytes: gzip.length, ...figures(input) },
    truths: truths.map(({ gogc, runs, untraced }) => ({ gogc, runs: runs.map(figures), untraced })),
  };
  const factsPath = join(dir, `${NAME}.truth.json`);
  await writeFile(factsPath, `${JSON.stringify(facts, null, 2)}\n`);
  const readmePath = join(dir, 'README.md');
  await writeReadme(readmePath, measuredSection(facts));

  await install(gzipPath, join(outDir, `${NAME}.trace.gz`));
  await install(input.logPath, join(outDir, `${NAME}.gctrace.log`));
  for (const { gogc, runs } of truths) {
    await install(runs[0].logPath, join(outDir, `${NAME}-gogc${gogc}.gctrace.log`));
  }
  await install(factsPath, join(outDir, `${NAME}.truth.json`));
  await install(readmePath, join(outDir, 'README.md'));
}

async function recordPrograms(dir, programsDir) {
  for (const { name, args, env } of PROGRAMS) {
    const binary = join(dir, name);
    go('build', '-o', binary, join(FIXTURES, 'go', name, 'main.go'));
    const tracePath = join(dir, `${name}.trace`);
    const logPath = join(dir, `${name}.gctrace.log`);
    const settings = { GODEBUG: 'gctrace=1,traceallocfree=1', GOMAXPROCS: String(PROCS), ...env };
    const seconds = await runLogged(binary, ['-trace', tracePath, ...args], settings, logPath);
    const { cycles, peakMarkEndMiB } = await measureLog(logPath);
    const { size } = await stat(tracePath);
    say(
      `${name}: ${seconds.toFixed(2)} s, ${cycles} cycles, peak ${peakMarkEndMiB} MiB, ${size} bytes of trace`,
    );
    await install(tracePath, join(programsDir, `${name}.trace`));
    await install(logPath, join(programsDir, `${name}.gctrace.log`));
    await rm(tracePath);
  }
}

async function main() {
  const options = {
    out: { type: 'string' },
    traces: { type: 'string' },
    programs: { type: 'string' },
  };
  const values = optionsOf(import.meta.url, options);
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(go('env', 'GOVERSION')) ?? [];
  if (Number(major) === 1 && Number(minor) < 23)
    throw new Error(`Go 1.${minor} records no allocations; 1.23 does`);
  const outDir = resolve(values.out ?? join(FIXTURES, 'traces'));
  const dir = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    for (const wanted of [outDir, values.traces, values.programs]) {
      if (wanted) await mkdir(wanted, { recursive: true });
    }
    if (values.programs) await recordPrograms(dir, values.programs);
    else await recordCompiler(dir, outDir, values.traces);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  say('done');
}

main().catch((error) => {
  say(error.message);
  process.exitCode = 1;
});
