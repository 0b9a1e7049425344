/**
 * The mutation score: changes the source in one small way at a time and asks whether a test notices.
 *
 *   npm run mutation -- [--group NAME] [--mutate FILE] [--survivors] [--fresh] [--out DIR] [--json]
 *
 * Groups: see `groups.mjs`; all of them when none is named. FILE is the end of a path in a group, and
 * may go on with lines: `sweeper.ts:90-130`.
 * `--survivors` prints each change that no test noticed. Results are kept in DIR (outside the project,
 * default in the system's temporary folder), so that the next run repeats only what changed; `--fresh`
 * forgets them. Status 1 when a group that ran whole has a score below 80 %.
 *
 * The score is detected / (detected + undetected): killed and timed-out mutants against those that
 * survived or that no test reaches.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import { optionsOf } from '../tools/arguments.mjs';
import { GROUPS } from './groups.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEAST_SCORE = 80;
/**
 * Static mutants (in tables and constants that are made when a module is loaded) count: each test file
 * loads its modules anew, so they are run like all others.
 */
const SETTINGS = {
  testRunner: 'vitest',
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 5000,
  timeoutFactor: 2,
  disableTypeChecks: false,
  ignorePatterns: ['dist', '.heaptape', 'docs', 'test/*', '!test/mutation', '!test/fixtures'],
  reporters: ['json'],
  logLevel: 'warn',
  incremental: true,
};
const COUNTED = ['Killed', 'Survived', 'Timeout', 'NoCoverage'];

/** The file; or the lines of it that were asked for, or those that hold the methods named. */
function places(file, range, methods) {
  if (range !== undefined) return [`${file}:${range}`];
  if (methods === undefined) return [file];
  const lines = readFileSync(file, 'utf8').split('\n');
  return methods.map((name) => {
    const from = lines.findIndex((text) => text.startsWith(`  ${name}(`));
    const length = lines.slice(from).indexOf('  }');
    if (from < 0 || length < 0) throw new Error(`${file} has no method ${name}`);
    return `${file}:${from + 1}-${from + length + 1}`;
  });
}

/** Mutates one file; resolves to Stryker's results. */
async function mutate(file, range, methods, tests, out) {
  process.env.HEAPTAPE_MUTATION_TESTS = tests.join('\n');
  const name = join(out, file.replaceAll('/', '.'));
  const stryker = new Stryker({
    ...SETTINGS,
    mutate: places(file, range, methods),
    tempDirName: join(out, 'sandbox'),
    incrementalFile: `${name}.incremental.json`,
    jsonReporter: { fileName: `${name}.report.json` },
  });
  return stryker.runMutationTest();
}

function rowOf(file, results) {
  const row = { file, mutants: 0, Killed: 0, Survived: 0, Timeout: 0, NoCoverage: 0 };
  for (const { status } of results) {
    if (!COUNTED.includes(status)) continue;
    row[status] += 1;
    row.mutants += 1;
  }
  return row;
}

function sum(file, rows) {
  const total = rowOf(file, []);
  for (const key of ['mutants', ...COUNTED]) {
    for (const row of rows) total[key] += row[key];
  }
  return total;
}

function score({ mutants, Killed, Timeout }) {
  return mutants === 0 ? 100 : ((Killed + Timeout) / mutants) * 100;
}

function line(row) {
  const cells = ['mutants', ...COUNTED].map((key) => String(row[key]).padStart(10));
  return `${row.file.replace('packages/core/src/', '').padEnd(30)}${cells.join('')}${score(row).toFixed(1).padStart(8)}\n`;
}

function survivorLines(results) {
  return results
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ fileName, location, mutatorName, replacement, status }) => {
      const place = `${fileName.replace(ROOT, '')}:${location.start.line}:${location.start.column}`;
      return `  ${place} ${status} ${mutatorName}: ${replacement.replace(/\s+/g, ' ')}\n`;
    })
    .join('');
}

async function runGroup([name, sets], wanted, options, print) {
  const rows = [];
  for (const { files, methods, tests } of sets) {
    for (const file of files.filter(wanted)) {
      const results = await mutate(file, options.range, methods, tests, options.out);
      const row = rowOf(file, results);
      rows.push(row);
      print(line(row) + (options.survivors ? survivorLines(results) : ''));
    }
  }
  const total = sum(name, rows);
  if (rows.length > 0) print(`${line(total)}\n`);
  const whole = options.range === undefined && rows.length === sets.flatMap((s) => s.files).length;
  return { group: name, whole, score: score(total), total, rows };
}

async function main() {
  const options = optionsOf(import.meta.url, {
    group: { type: 'string' },
    mutate: { type: 'string' },
    survivors: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    out: { type: 'string', default: join(tmpdir(), 'heaptape-mutation') },
    json: { type: 'boolean', default: false },
  });
  process.chdir(ROOT);
  if (options.fresh) rmSync(options.out, { recursive: true, force: true });
  mkdirSync(options.out, { recursive: true });
  const groups = Object.entries(GROUPS).filter(([name]) => (options.group ?? name) === name);
  const [end = '', range] = (options.mutate ?? '').split(':');
  options.range = range;
  const wanted = (file) => file.endsWith(end);
  const print = (text) => {
    if (!options.json) process.stdout.write(text);
  };
  const head = { file: '', mutants: 'mutants' };
  print(
    `${head.file.padEnd(30)}${['mutants', ...COUNTED].map((key) => key.padStart(10)).join('')}${'score'.padStart(8)}\n`,
  );
  const done = [];
  for (const group of groups) done.push(await runGroup(group, wanted, options, print));
  const ran = done.filter(({ rows }) => rows.length > 0);
  if (ran.length > 1)
    print(
      line(
        sum(
          'all',
          ran.map(({ total }) => total),
        ),
      ),
    );
  if (options.json) process.stdout.write(`${JSON.stringify(ran)}\n`);
  return ran.length > 0 && ran.every((one) => !one.whole || one.score >= LEAST_SCORE) ? 0 : 1;
}

process.exitCode = await main();
