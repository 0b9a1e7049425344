/**
 * A long run in flat memory.
 *
 *   node test/longrun/run.mjs [--events N] [--roots N] [--seed N] [--stage NAME] [-o FILE] [--json]
 *
 * Stages, each in a process of its own, whose resident memory is sampled as it goes:
 *   record  a steady program (`program.mjs`) of N events, 100 million unless told, into one tape
 *   fold    the tape is replayed from its beginning, and each stored state hash is compared
 *   seek    states are asked for at places all over the tape, out of order
 *   check   every checksum of the file, as `heaptape check` does it
 *
 * A row a sample; then a line a stage: resident memory in the first quarter after warming up against the last
 * one, and by how much it grew for a million events. Status 1 when a stage grows.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { optionsOf } from '../tools/arguments.mjs';
import { verdict } from './verdict.mjs';

const STAGE = fileURLToPath(new URL('./stage.mjs', import.meta.url));
const STAGES = ['record', 'fold', 'seek', 'draw', 'check'];
const MIB = 1 << 20;

/** Runs a stage; resolves to its samples and what it says at the end. */
function runStage(name, options, onSample) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [STAGE, JSON.stringify({ name, ...options })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const samples = [];
    let result = {};
    createInterface(child.stdout).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.result !== undefined) result = message.result;
      else {
        samples.push(message);
        onSample(name, message);
      }
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve({ name, samples, result });
      else reject(new Error(`stage ${name} ended with ${status}`));
    });
  });
}

const rowOf = (stage, { done, seconds, rss, objects, ...rest }) =>
  [
    stage.padEnd(6),
    `${(done / 1e6).toFixed(1)} M`.padStart(9),
    `${seconds.toFixed(0)} s`.padStart(6),
    `${(rss / MIB).toFixed(0)} MiB`.padStart(9),
    ...Object.entries(rest).map(([key, value]) => `${key} ${value}`),
  ].join('  ');

async function main() {
  const values = optionsOf(import.meta.url, {
    events: { type: 'string', default: '100000000' },
    roots: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    stage: { type: 'string' },
    output: { type: 'string', short: 'o' },
    json: { type: 'boolean', default: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-long-'));
  const path = values.output ?? join(folder, 'long.tape');
  const options = { path, events: Number(values.events), roots: Number(values.roots) };
  const stages = [];
  try {
    for (const name of STAGES) {
      if (values.stage !== undefined && values.stage !== name) continue;
      const stage = await runStage(name, { ...options, seed: Number(values.seed) }, (of, sample) =>
        process.stderr.write(`${rowOf(of, sample)}\n`),
      );
      stages.push({ ...stage, verdict: verdict(stage) });
    }
    const fileBytes = statSync(path).size;
    if (values.json) process.stdout.write(`${JSON.stringify({ fileBytes, stages })}\n`);
    else report(stages, fileBytes);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return stages.every(({ verdict: { flat } }) => flat) ? 0 : 1;
}

function report(stages, fileBytes) {
  for (const { name, samples, result, verdict: v } of stages) {
    const { done = 0, seconds = 0 } = samples.at(-1) ?? {};
    const facts = Object.entries(result).map(([key, value]) => `${key} ${value}`);
    const memory = `${v.firstQuarterMiB} MiB in the first quarter, ${v.lastQuarterMiB} in the last, peak ${v.peakMiB}`;
    const slope = `${v.bytesPerEvent} B an event`;
    process.stdout.write(
      `${name}: ${v.flat ? 'flat' : 'GROWS'}: ${memory}, ${slope}; ${done} in ${seconds.toFixed(0)} s; ${facts.join(', ')}\n`,
    );
  }
  process.stdout.write(`file: ${fileBytes} bytes\n`);
}

process.exitCode = await main();
