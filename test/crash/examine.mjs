/**
 * What a dead writer left: does it open, is it a prefix of the known stream, is everything there that was
 * committed, does `check` find nothing, can it be decided again, and can it be appended to?
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { openTape, openTapeWriter } from '@heaptape/log';
import { snapshotChecker, verifyTape } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { digestOf } from './known.mjs';

/** Segments appended to what was left. */
const MORE = 2;

/** Names of a tape's folder that belong to it. */
export const filesOf = (path) =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));

/** The tape's file: under its final name, else the partial one of process `pid`, else undefined. */
export function fileOf(path, pid) {
  const partial = `${path}.partial-${pid}`;
  return [partial, path].find((candidate) => existsSync(candidate));
}

/** The problems of an opened tape, as lines; `wanted` says what has to be there. */
function problemsOf(reader, known, wanted) {
  const problems = [];
  const found = digestOf(reader);
  const expected = known.digest;
  const different = found.segments.findIndex((digest, i) => digest !== expected.segments[i]);
  if (different >= 0) problems.push(`segment ${different} is not what was written`);
  if (found.segments.length < wanted.segments) {
    problems.push(`${found.segments.length} segments of ${wanted.segments} that were committed`);
  }
  if (found.snapshots.size < wanted.snapshots) {
    problems.push(`${found.snapshots.size} snapshots of ${wanted.snapshots} that were committed`);
  }
  for (const [seq, digest] of found.snapshots) {
    if (expected.snapshots.get(seq) !== digest) problems.push(`snapshot ${seq} is another`);
  }
  const unsealed = `the tape was not closed; it ends with event ${reader.events}`;
  const report = reader.check({ onSnapshot: snapshotChecker(reader) });
  for (const line of report.problems) {
    if (reader.closed || line !== unsealed) problems.push(`check: ${line}`);
  }
  return problems;
}

/** Decides the tape again: a beginning of the known stream is verified as what it is. */
function verificationProblem(reader, known) {
  if (reader.events === 0) return [];
  const whole = reader.segments.length === known.count;
  const { verified, firstMismatch, cut } = verifyTape(reader, undefined, !whole);
  if (!verified) return [`verify: ${JSON.stringify(firstMismatch)}`];
  return whole && cut !== null ? [`verify: whole, and yet cut: ${JSON.stringify(cut)}`] : [];
}

/** Appends to the tape, closes it, and checks it again. */
function continued(file, known, wanted) {
  const writer = openTapeWriter(file, { appendTo: true });
  const first = known.reader.segments.findIndex(({ firstSeq }) => firstSeq === writer.events + 1);
  const to = first < 0 ? 0 : Math.min(known.count, first + MORE);
  for (let i = first; i >= 0 && i < to; i += 1) known.append(writer, i);
  writer.close();
  const reader = openTape(file);
  try {
    const problems = problemsOf(reader, known, wanted);
    if (!reader.closed) problems.push('was closed and is not sealed');
    if (to > 0 && reader.segments.length !== to) problems.push('what was appended is missing');
    return problems.map((line) => `continued: ${line}`);
  } finally {
    reader.close();
  }
}

/**
 * Examines `file`. `wanted` has `segments` and `snapshots`, what is there at least, and `promised`: whether
 * there must be a tape at all. With `only` the tape is not continued. Returns `problems`, and `left`: `nothing`, `prefix` or `whole`.
 */
export function examine(file, known, wanted, { verify, only = false }) {
  if (file === undefined) {
    return { left: 'nothing', segments: 0, problems: wanted.promised ? ['there is no file'] : [] };
  }
  let reader;
  try {
    reader = openTape(file);
    const problems = problemsOf(reader, known, wanted);
    if (verify) problems.push(...verificationProblem(reader, known));
    const left = reader.closed ? 'whole' : 'prefix';
    const segments = reader.segments.length;
    reader.close();
    reader = undefined;
    if (problems.length === 0 && !only)
      problems.push(...continued(file, known, { ...wanted, segments }));
    return { left, segments, problems };
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    const problems = wanted.promised ? [`${error.code}: ${error.message}`] : [];
    return { left: 'nothing', segments: 0, problems };
  } finally {
    reader?.close();
  }
}
