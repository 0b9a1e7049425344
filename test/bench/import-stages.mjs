/**
 * `--only import --stages`: where an import's processor time goes, stage by stage, in a fresh process and in one
 * that has done the same several times before. The difference is what compiling costs, and what not being compiled
 * yet does.
 *
 * "Own" is the thread that works; "others" are the engine's threads, which compile and collect garbage meanwhile.
 * Processor time and not the clock, because neighbours do not show in it; on two processors an import
 * cannot be faster than its longest thread, nor than half of the sum. Linux only: other systems do not tell by
 * thread.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExecTraceReader } from '@heaptape/formats';
import { openTapeWriter } from '@heaptape/log';
import { calibrate, configFor, recordRun, simulate, survey } from '@heaptape/replay';
import { EventBatch } from '@heaptape/schema';
import { goProgram } from './go.mjs';
import { inChild, median, rounds, runJson } from './measure.mjs';

const TASKS = '/proc/self/task';
const CHUNK_BYTES = 1 << 20;
/** Times that a process does everything; the first is cold, the last warm. */
const TIMES = 6;

/** Milliseconds of processor time of a thread since it began. */
function cpuOf(path) {
  try {
    return Number(readFileSync(path, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

/** Processor time of this thread, and of all the others of this process. */
function cpu() {
  const own = cpuOf('/proc/thread-self/schedstat');
  let all = 0;
  for (const task of readdirSync(TASKS)) all += cpuOf(join(TASKS, task, 'schedstat'));
  return { own, others: all - own };
}

/** A writer that keeps copies of what it gets, to be written later. */
class Keeper {
  events = 0;
  segments = [];

  append(batch, hash, endTimeNs) {
    const copy = new EventBatch(1);
    Object.assign(copy, batch, {
      kinds: batch.kinds.slice(0, batch.count),
      args: batch.args.slice(0, batch.argCount),
      blob: batch.blob.slice(0, batch.blobLength),
    });
    this.segments.push([copy, hash, endTimeNs]);
    this.events += batch.count;
  }

  putSnapshot() {}

  putDocument() {}
}

/** Carries out an import's stages one after the other in this thread; returns the processor time of each. */
function once(bytes, path) {
  const times = {};
  const stage = (name, work) => {
    const before = cpu();
    const result = work();
    const after = cpu();
    times[name] = { own: after.own - before.own, others: after.others - before.others };
    return result;
  };
  const recording = stage('decode', () => {
    const reader = new ExecTraceReader();
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      reader.push(bytes.subarray(at, at + CHUNK_BYTES));
    }
    return reader.finish();
  });
  const { surveyed, calibration } = stage('survey', () => {
    const surveyed = survey(recording);
    return { surveyed, calibration: calibrate(recording, surveyed, {}) };
  });
  const { gcPercent: gogc, ...base } = calibration.config;
  const config = configFor(calibration.config, { ...base, gogc });
  const play = (sink, onStart) => {
    const more = onStart === undefined ? {} : { onStart };
    const options = { assumption: 'middle', config, sink, ...more };
    return simulate(recording, surveyed, calibration, options);
  };
  const keeper = new Keeper();
  stage('simulate', () => recordRun(keeper, (sink, started) => play(sink, started)));
  stage('write', () => {
    const writer = openTapeWriter(path);
    for (const [batch, hash, endTimeNs] of keeper.segments) writer.append(batch, hash, endTimeNs);
    writer.close();
  });
  return times;
}

/** Task of a child: all stages, again and again. */
export const stages = ({ file, path }) => {
  const bytes = readFileSync(file);
  const all = [];
  for (let i = 0; i < TIMES; i += 1) {
    all.push(once(bytes, path));
    rmSync(path);
  }
  return { cold: all[0], warm: all[TIMES - 1] };
};

/** The table of stages for a file, as text. */
export async function stageTable(file, { quick, folder }) {
  if (cpuOf('/proc/thread-self/schedstat') === 0)
    return 'this system does not tell time by thread\n';
  const path = join(folder, 'stages.tape');
  const program = goProgram('benchreader', folder);
  const { own, go } = await rounds(quick ? 1 : 3, {
    own: () => inChild('import', 'stages', { file, path }),
    go: program.path ? () => runJson(program.path, [file]) : undefined,
  });
  const names = Object.keys(own[0].cold);
  const figure = (state, thread, name) => median(own.map((round) => round[state][name][thread]));
  const columns = [
    ['cold', 'own'],
    ['cold', 'others'],
    ['warm', 'own'],
    ['warm', 'others'],
  ];
  const sums = columns.map(() => 0);
  const lines = [
    `${(statSync(file).size / 1e6).toFixed(1)} MB, milliseconds of processor time`,
    ['stage   ', ...columns.map((column) => column.join(' ').padStart(12))].join(''),
  ];
  for (const name of names) {
    const figures = columns.map(([state, thread], i) => {
      const value = figure(state, thread, name);
      sums[i] += value;
      return value;
    });
    lines.push(rowOf(name, figures));
  }
  lines.push(rowOf('all', sums));
  if (go.length > 0) {
    const reading = statSync(file).size / 1e3 / median(go.map(({ rate }) => rate));
    const note = `the reader of golang.org/x/exp/trace takes ${reading.toFixed(0)} ms for it by the clock`;
    lines.push('', note);
  }
  return `${lines.join('\n')}\n`;
}

function rowOf(name, figures) {
  return [name.padEnd(8), ...figures.map((figure) => figure.toFixed(0).padStart(12))].join('');
}
