/**
 * Hostile files given to the command line itself.
 *
 *   node test/hostile/commands.mjs [--runs N] [--seed N] [--from N] [--jobs N] [--json]
 *
 * Each case is a damaged trace, dump, log or tape, as run.mjs makes them, and one command that reads it, in a
 * process of its own. The status must be 0, 1 or 2; on failure one line and a hint are on stderr, never a stack
 * trace or "internal error"; and where a command that writes a file fails, there is none under the final name, and
 * no part of one. Status 1 if anything else happens.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from '../tools/arguments.mjs';
import { caseOf, kindsFor, mutated, nameOf } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

const BIN = join(import.meta.dirname, '../../packages/cli/bin/heaptape.js');
const MOST_MS = 60_000;

/** Commands by what they read: IN is the damaged file, GOOD a whole tape, OUT what is to be written. */
const ON_TAPES = [
  ['check', 'IN'],
  ['check', 'IN', '--json'],
  ['replay', 'IN'],
  ['replay', 'IN', '--verify'],
  ['replay', 'IN', '--to', '60', '--json'],
  ['state', 'IN'],
  ['state', 'IN', '--at', '155'],
  ['object', 'IN', '#3'],
  ['object', 'IN', '#3', '--history'],
  ['whatif', 'IN', '--gogc', '50,200'],
  ['diff', 'IN', 'GOOD'],
  ['diff', 'GOOD', 'IN', '--json'],
  ['export', 'IN', '--format', 'jsonl', '-o', 'OUT'],
  ['export', 'IN', '--format', 'gctrace', '-o', 'OUT'],
  ['export', 'IN', '--format', 'gcpacertrace', '-o', 'OUT'],
  ['export', 'IN', '--format', 'memstats', '-o', 'OUT'],
  ['sql', 'IN', 'SELECT * FROM events LIMIT 9'],
  ['sql', 'IN', 'SELECT count(*), max(bytes) FROM objects'],
  ['sql', 'IN', 'SELECT * FROM cycles', '--json'],
];
const COMMANDS = {
  tape: ON_TAPES,
  exectrace: [
    ['import', 'IN', '-o', 'OUT'],
    ['import', 'IN', '-o', 'OUT', '--format', 'exectrace', '--json'],
    ['import', 'IN', '-o', 'OUT', '--gogc', '50', '--procs', '3'],
    ['whatif', 'IN', '--gogc', '50,400'],
    ['object', 'IN', '#1'],
  ],
  heapdump: [
    ['import', 'IN', '-o', 'OUT'],
    ['import', 'IN', '-o', 'OUT', '--format', 'heapdump', '--json'],
    ['object', 'IN', '#1'],
  ],
  gctrace: [
    ['import', 'IN', '-o', 'OUT'],
    ['import', 'IN', '-o', 'OUT', '--format', 'gctrace', '--json'],
    ['import', 'IN', '-o', 'OUT', '--format', 'heapdump'],
  ],
};
const FORMATS = Object.keys(COMMANDS);

function answerOf(args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd, timeout: MOST_MS });
    let stderr = '';
    let stdout = 0;
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.on('data', (text) => {
      stdout += text.length;
    });
    child.on('close', (status, signal) => resolve({ status: status ?? signal, stderr, stdout }));
  });
}

/** What is wrong with an answer, if anything. */
function problemOf({ status, stderr }, left) {
  if (![0, 1, 2].includes(status)) return `status ${status}: ${stderr.slice(-300)}`;
  if (/internal error|^\s+at |node:internal|\bundefined\b/m.test(stderr))
    return stderr.slice(0, 300);
  if (status === 2 && !/^heaptape: [^\n]+\nhint: [^\n]+\n$/.test(stderr))
    return `not one line: ${stderr.slice(0, 300)}`;
  if (status !== 2 && stderr !== '') return `said ${stderr.slice(0, 300)}`;
  const files = left.filter((name) => !/^(?:in|good\.tape)(?:-wal|-shm|-journal)?$/.test(name));
  if (status !== 0 && files.length > 0) return `left ${files}`;
  if (status === 0 && files.some((name) => name !== 'out')) return `left ${files}`;
  return undefined;
}

async function main() {
  const values = optionsOf(import.meta.url, {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  });
  const [runs, seed, from, jobs] = ['runs', 'seed', 'from', 'jobs'].map((key) =>
    Number(values[key]),
  );
  const seeds = Object.fromEntries(FORMATS.map((format) => [format, TARGETS[format].seeds()]));
  const report = { runs, seed, statuses: {}, slowestMs: 0, findings: [] };
  const home = mkdtempSync(join(tmpdir(), 'heaptape-commands-'));

  async function run(number) {
    // Half of the cases are tapes, which most commands read.
    const format = number % 2 === 0 ? 'tape' : FORMATS[1 + ((number >> 1) % (FORMATS.length - 1))];
    const command = COMMANDS[format][(number >> 1) % COMMANDS[format].length];
    const one = caseOf(number, seed, seeds[format].length, kindsFor(TARGETS[format].kinds));
    const folder = mkdtempSync(join(home, 'case-'));
    writeFileSync(join(folder, 'in'), mutated(seeds[format], one));
    writeFileSync(join(folder, 'good.tape'), seeds.tape[0]);
    const names = { IN: 'in', GOOD: 'good.tape', OUT: 'out' };
    const args = command.map((word) => names[word] ?? word);
    const began = performance.now();
    const answer = await answerOf(args, folder);
    report.slowestMs = Math.max(report.slowestMs, Math.round(performance.now() - began));
    const key = `${command[0]} ${answer.status}`;
    report.statuses[key] = (report.statuses[key] ?? 0) + 1;
    const what = problemOf(answer, readdirSync(folder));
    if (what !== undefined)
      report.findings.push({
        number,
        format,
        args: args.join(' '),
        mutations: one.mutations.map(nameOf).join(', '),
        what,
      });
    rmSync(folder, { recursive: true });
  }

  let next = from;
  const worker = async () => {
    while (next < from + runs) await run(next++);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  rmSync(home, { recursive: true, force: true });
  const { findings, ...counts } = report;
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else
    process.stdout.write(
      `${[counts, ...findings].map((line) => JSON.stringify(line)).join('\n')}\n`,
    );
  return findings.length > 0 ? 1 : 0;
}

process.exitCode = await main();
