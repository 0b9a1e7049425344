/**
 * The conformance programs: what their headers say, how they are built and run, and when two outcomes agree.
 *
 * 1. Each folder with a main.go is a program. Its opening comment ends in lines that declare how it is
 *    compared: `compare: exact` (every line), or `compare: range` with `vary: KEY, …`, where output is
 *    `KEY value` lines, the named keys are numbers that real Go itself varies, and the rest is exact.
 *    `since: go1.N` names the first release that prints what was recorded.
 * 2. An outcome is the exit status, the lines of stdout, and of stderr the line that tells why Go ended
 *    the program (`fatal error: …` or `panic: …`), if there is one.
 * 3. expected.json beside the program holds what the real toolchain did: in `runs` runs the same each time,
 *    or for a varying key the least and the largest value.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Runs that a recording is made of, by mode. */
export const RUNS = { exact: 3, range: 20 };

/** Settings of the runtime that a program must not inherit. */
const RUNTIME_SETTINGS = ['GOGC', 'GOMEMLIMIT', 'GODEBUG', 'GOMAXPROCS', 'GOTRACEBACK'];
const ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !RUNTIME_SETTINGS.includes(name)),
);

/** Every program: `{ name, mode, vary, since, about }`, by name. */
export function programs() {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders
    .map((entry) => entry.name)
    .filter((name) => readdirSync(join(FOLDER, name)).includes('main.go'))
    .map((name) => headerOf(name, readFileSync(join(FOLDER, name, 'main.go'), 'utf8')));
}

function headerOf(name, source) {
  const lines = source.split('\n');
  const header = lines.slice(0, lines.indexOf('package main')).map((line) => line.slice(3));
  const declared = (what) =>
    header.find((line) => line.startsWith(`${what}: `))?.slice(what.length + 2);
  const mode = declared('compare');
  if (mode !== 'exact' && mode !== 'range') throw new Error(`${name}: compare: exact or range`);
  const vary = declared('vary')?.split(', ') ?? [];
  if ((mode === 'range') !== vary.length > 0) throw new Error(`${name}: vary goes with range`);
  const about = header.slice(0, header.indexOf('')).join(' ');
  return { name, mode, vary, since: Number(declared('since')?.slice('go1.'.length) ?? 0), about };
}

export function readExpected(name) {
  return JSON.parse(readFileSync(join(FOLDER, name, 'expected.json'), 'utf8'));
}

/** The Go toolchain on PATH: `{ version, minor, goos, goarch }`, or null. */
export function toolchain() {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { encoding: 'utf8' });
  const [version = '', goos = '', goarch = ''] = (stdout ?? '').split('\n');
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
  return minor === 0 ? null : { version, minor, goos, goarch };
}

/** Builds every program at once; calls `use` with what runs one of them, then removes the binaries. */
export function withBinaries(use) {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const { status, stderr } = spawnSync('go', ['build', '-o', `${folder}/`, './...'], {
      cwd: FOLDER,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`go build: ${stderr}`);
    return use((name) => run(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(binary) {
  const { status, stdout, stderr } = spawnSync(binary, [], {
    encoding: 'utf8',
    env: ENV,
    timeout: 30_000,
    maxBuffer: 1 << 26,
  });
  const fatal = stderr.split('\n').find((line) => /^(?:fatal error|panic): /.test(line)) ?? null;
  return { status, fatal, stdout: stdout.split('\n').slice(0, -1) };
}

/** `KEY value` lines as a map. */
export function keysOf(lines) {
  return Object.fromEntries(
    lines.map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
  );
}

/**
 * Where an outcome is not what is expected, a line each. `margin` widens a range by its own width, a
 * tenth of its largest value, and 2: for another run of real Go, which twenty runs do not bound.
 */
export function differences(expected, outcome, margin = false) {
  const found = [];
  const same = (what, want, got) => {
    if (want !== got) found.push(`${what}: expected ${want}, got ${got}`);
  };
  same('exit status', expected.status, outcome.status);
  same('stderr', expected.fatal, outcome.fatal);
  if (expected.mode === 'exact') {
    for (let i = 0; i < Math.max(expected.stdout.length, outcome.stdout.length); i += 1) {
      same(`line ${i + 1}`, expected.stdout[i], outcome.stdout[i]);
    }
    return found;
  }
  const values = keysOf(outcome.stdout);
  same('keys', Object.keys(expected.values).join(), Object.keys(values).join());
  for (const [key, want] of Object.entries(expected.values)) {
    if (!Array.isArray(want)) same(key, want, values[key]);
    else if (!within(want, Number(values[key]), margin)) {
      found.push(`${key}: expected ${want[0]} to ${want[1]}, got ${values[key]}`);
    }
  }
  return found;
}

function within([least, most], value, margin) {
  const room = margin ? most - least + Math.abs(most) / 10 + 2 : 0;
  return value >= least - room && value <= most + room;
}
