/**
 * Planted bugs: `heaptape fuzz --mutant` for each of them in turn.
 *
 *   node test/mutants/run.mjs [--only NAME,…] [--seed N] [--seconds N] [--shrink-seconds N] [--json]
 *
 * Prints a table: mutant, the property that breaks, runs and seconds until then, and operations and events
 * of the program after shrinking. Then the core without a bug runs the same programs, as many as the slowest
 * mutant took: it must keep every promise, or what was found proves nothing. Status 1 if it does not, or if a
 * bug is missed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionsOf } from '../tools/arguments.mjs';

const BIN = fileURLToPath(new URL('../../packages/cli/bin/heaptape.js', import.meta.url));

const MISSED = 'NOT FOUND';

/** Runs `heaptape fuzz … --json`; resolves to its status and the object that it prints. */
function fuzz(args) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, [BIN, 'fuzz', ...args, '--json'], { stdio });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0 || status === 1) resolve(JSON.parse(stdout));
      else reject(new Error(`fuzz ${args.join(' ')}: ${stderr.trim()}`));
    });
  });
}

/** Plants one bug; resolves to its row. */
async function row(name, options) {
  const { runs, mutant, failure } = await fuzz(['--mutant', name, ...options]);
  const { found, searchSeconds, shrinkSeconds } = mutant;
  return {
    mutant: name,
    property: found ? failure.property : MISSED,
    runs,
    seconds: Number(searchSeconds.toFixed(1)),
    shrinking: Number(shrinkSeconds.toFixed(1)),
    operations: found ? failure.operations : null,
    events: found ? failure.events : null,
  };
}

/** Rows as text: names left, numbers right. */
function table(rows) {
  const columns = Object.keys(rows[0]);
  const cells = [columns, ...rows.map((one) => columns.map((key) => String(one[key] ?? '')))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells
    .map((line) =>
      line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
    )
    .join('\n');
}

async function main() {
  const values = optionsOf(import.meta.url, {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    'shrink-seconds': { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  });
  const { mutants } = await fuzz(['--list-mutants']);
  const only = values.only?.split(',');
  const names = mutants.map(({ name }) => name).filter((name) => only?.includes(name) ?? true);
  if (names.length === 0) throw new Error(`there is no mutant ${values.only}`);
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-mutants-'));
  const options = ['seed', 'seconds', 'shrink-seconds'].flatMap((name) => [
    `--${name}`,
    values[name],
  ]);
  const rows = [];
  for (const name of names) {
    rows.push(await row(name, [...options, '-o', folder]));
    const { property, runs, seconds } = rows.at(-1);
    process.stderr.write(
      `${rows.length}/${names.length} ${name}: ${property}, ${runs} runs, ${seconds} s\n`,
    );
  }
  const missed = rows.filter(({ property }) => property === MISSED).length;
  const most = Math.max(...rows.map(({ runs }) => runs));
  const plain = await fuzz(['--seed', values.seed, '--runs', String(most), '-o', folder]);
  const without = { runs: plain.runs, failure: plain.failure };
  rmSync(folder, { recursive: true, force: true });
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), rows, without })}\n`);
  } else process.stdout.write(`${table(rows)}\n\n${closing(rows.length, missed, without)}\n`);
  return missed === 0 && without.failure === null ? 0 : 1;
}

function closing(all, missed, { runs, failure }) {
  const found = `${all - missed} of ${all} found`;
  if (failure === null)
    return `${found}; without a bug ${runs} runs of the same programs find nothing`;
  return `${found}; but without a bug run ${runs} breaks ${failure.property}: ${failure.message}`;
}

process.exitCode = await main();
