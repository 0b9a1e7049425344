/**
 * Power failures, simulated. A writer's calls to its files are recorded (`record.c`); a failure is an instant in
 * that record. What had been flushed by then is on disk. Of everything else any part may be: each write
 * whole, not at all, or some of its sectors of 512 or 4096 bytes, in any order; a file longer than what
 * reached it, with zeros; names made, removed and changed since the folder was last flushed, or not.
 *
 * What has to hold (`docs/TAPE.md`): once the writer was open the tape opens, as a prefix. What a tape held
 * when it was opened to be continued is never lost. With `durability: 'full'` nothing is lost that was
 * written; otherwise a tape that was closed is whole. Nothing half is ever under the final name.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { generator } from '../bench/stream.mjs';
import { examine } from './examine.mjs';
import { compiled } from './preload.mjs';
import { runChild } from './run-child.mjs';

const BEFORE = 20;
const BULK_MIB = 4;
const CANARY = 20;
const SECTORS = [512, 4096];

/** `cuts`: the share of all cuts that a scenario gets; those with much data get fewer. */
const SCENARIOS = {
  create: { task: { limit: 12, snapshots: true }, cuts: 1 },
  'create, flushed': { task: { limit: 8, durability: 'full' }, cuts: 1, canary: true },
  continue: {
    task: { appendTo: true, limit: BEFORE + 8, snapshots: true },
    before: 'before',
    cuts: 1,
  },
  'continue, flushed': {
    task: { appendTo: true, limit: BEFORE + 6, durability: 'full' },
    before: 'before',
    cuts: 1,
    canary: true,
  },
  'continue what a killed writer left': {
    task: { appendTo: true, limit: BEFORE + 6 },
    before: 'killed',
    cuts: 1,
  },
  replace: { task: { limit: 6 }, before: 'before', cuts: 0.5 },
  'replace what a killed writer left': { task: { limit: 6 }, before: 'killed', cuts: 0.5 },
  // The log is moved into the file while the tape is written.
  'log full': { task: { limit: 12, bulkMiB: BULK_MIB }, cuts: 0.25 },
};

const lineEnd = (bytes, at) => bytes.indexOf(10, at);

/**
 * A record as a list of operations. The system gives the number of a removed file to the next one that is
 * made; here each file has a name of its own.
 */
function operationsOf(bytes) {
  const list = [];
  const files = new Map();
  const fileOf = (inode) => files.get(inode) ?? inode;
  for (let at = 0; at < bytes.length; ) {
    const end = lineEnd(bytes, at);
    const line = bytes.toString('utf8', at, end);
    const [kind, a, b, c] = line.split(' ');
    at = end + 1;
    const rest = line.slice(2);
    if (kind === 'W' || kind === 'M') {
      const length = Number(kind === 'W' ? c : a);
      const data = bytes.subarray(at, at + length);
      at += length;
      const write = { kind, file: fileOf(a), offset: Number(b), data };
      list.push(kind === 'M' ? { kind, text: data.toString() } : write);
    } else if (kind === 'R') {
      const [from, to] = rest.split('\t').map((name) => basename(name));
      list.push({ kind, from, to });
    } else if (kind === 'N') {
      files.set(a, `${a} of ${list.length}`);
      list.push({ kind, file: fileOf(a), name: basename(rest.slice(a.length + 1)) });
    } else if (kind === 'U') list.push({ kind, name: basename(rest) });
    else list.push({ kind, file: fileOf(a), size: Number(b) });
  }
  return list;
}

/** Records a writer of scenario `name`. */
async function record(name, known, folder, library) {
  const { task, before } = SCENARIOS[name];
  const own = join(folder, 'power.d');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  const path = join(own, 'x.tape');
  const names = new Map();
  const content = new Map();
  for (const side of before === undefined ? [] : ['', '-wal']) {
    const from = known[before] + side;
    if (!existsSync(from)) continue;
    copyFileSync(from, path + side);
    const file = String(statSync(path + side, { bigint: true }).ino);
    names.set(basename(path + side), file);
    content.set(file, readFileSync(from));
  }
  const to = join(folder, 'record');
  rmSync(to, { force: true });
  const env = { LD_PRELOAD: library, RECORD_MATCH: 'power.d', RECORD_TO: to };
  const said = await runChild({ ...task, path, known: known.path }, { env });
  if (!said.closed) throw new Error(`${name}: ends badly undisturbed: ${said.stderr}`);
  return { operations: operationsOf(readFileSync(to)), names, content, pid: said.pid };
}

/** Applies an operation to the folder's names. */
function rename(names, { kind, file, name, from, to }) {
  if (kind === 'N') names.set(name, file);
  else if (kind === 'U') names.delete(name);
  else if (kind === 'R') {
    names.set(to, names.get(from));
    names.delete(from);
  }
}

/** The folder's names after the failure: as flushed, and of what came later a beginning, or any of it. */
function namesAfter({ operations, names: first }, cut, draw) {
  const names = new Map(first);
  const changes = operations.slice(0, cut);
  const flushed = changes.findLastIndex(({ kind }) => kind === 'D');
  for (const change of changes.slice(0, flushed + 1)) rename(names, change);
  const later = changes.slice(flushed + 1).filter(({ kind }) => 'NUR'.includes(kind));
  const style = draw(4);
  const reached = style === 0 ? 0 : style === 1 ? later.length : draw(later.length + 1);
  // In one of four cases names are made and removed independently of each other.
  const some = style === 3 ? later.filter(() => draw(2) === 1) : later.slice(0, reached);
  for (const change of some) {
    if (change.kind === 'R' && !names.has(change.from)) continue;
    rename(names, change);
  }
  return names;
}

/** A file's bytes while they grow. */
class Disk {
  bytes;
  length;

  constructor(content) {
    this.bytes = Buffer.from(content);
    this.length = content.length;
  }

  grow(length) {
    if (length > this.bytes.length) {
      const larger = Buffer.alloc(length * 2);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    this.length = Math.max(this.length, length);
  }

  write(offset, data) {
    this.grow(offset + data.length);
    data.copy(this.bytes, offset);
  }

  truncate(size) {
    this.grow(size);
    this.bytes.fill(0, size);
    this.length = size;
  }
}

/** What is left of a write that had not been flushed. */
function tear(disk, { offset, data }, style, draw) {
  if (style === 'none' || (style === 'some' && draw(2) === 0)) return;
  if (style === 'all' || style === 'some') {
    disk.write(offset, data);
    return;
  }
  const sector = SECTORS[draw(SECTORS.length)];
  for (let at = 0; at < data.length; ) {
    const next = Math.min(data.length, at + sector - ((offset + at) % sector));
    if (draw(2) === 1) disk.write(offset + at, data.subarray(at, next));
    at = next;
  }
  // The length may have reached the disk without the bytes.
  if (draw(4) === 0) disk.grow(offset + data.length);
}

/** The bytes of a file after the failure. */
function bytesAfter({ operations, content }, file, cut, style, draw) {
  const disk = new Disk(content.get(file) ?? Buffer.alloc(0));
  const own = operations
    .slice(0, cut)
    .filter((one) => one.file === file && 'WTS'.includes(one.kind));
  const flushed = own.findLastIndex(({ kind }) => kind === 'S');
  const stop = style === 'kill' ? own.length : flushed + 1;
  for (const [i, one] of own.entries()) {
    if (one.kind === 'W' && i < stop) disk.write(one.offset, one.data);
    else if (one.kind === 'W') tear(disk, one, style, draw);
    else if (one.kind === 'T' && (i < stop || draw(2) === 1)) disk.truncate(one.size);
  }
  return disk.bytes.subarray(0, disk.length);
}

/** What had been said, and so must hold, at an instant. */
function promisedAt({ task }, operations, cut) {
  const text = operations
    .slice(0, cut)
    .filter(({ kind }) => kind === 'M')
    .map((one) => one.text)
    .join('');
  const closed = text.includes('\nclosed\n');
  const said = /(?:^|\n)committed (\d+) (\d+)\n(?![\s\S]*committed)/.exec(text);
  const full = task.durability === 'full';
  const written = full && said !== null ? Number(said[1]) : 0;
  return {
    closed,
    segments: Math.max(closed ? task.limit : written, task.appendTo ? BEFORE : 0),
    snapshots: 0,
    promised: Boolean(task.appendTo) || text.includes('open\n'),
  };
}

const STYLES = ['kill', 'none', 'all', 'some', 'torn', 'torn'];

/** Cuts a record once, examines what is left, and returns a line for each problem. */
function failOnce(scenario, recorded, known, folder, cut, draw) {
  const own = join(folder, 'power-cut');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  const style = STYLES[draw(STYLES.length)];
  const names = namesAfter(recorded, cut, draw);
  for (const [name, file] of names) {
    // The index of the log is made anew from the log; after a failure it holds anything.
    const shared = name.endsWith('-shm');
    const bytes = shared
      ? Buffer.alloc(32_768, draw(256))
      : bytesAfter(recorded, file, cut, style, draw);
    writeFileSync(join(own, name), bytes);
  }
  const wanted = promisedAt(scenario, recorded.operations, cut);
  const path = join(own, 'x.tape');
  const partial = `${path}.partial-${recorded.pid}`;
  const problems = [];
  const replaces = scenario.before !== undefined && !scenario.task.appendTo;
  if (existsSync(path) && !scenario.task.appendTo)
    problems.push(...finalProblems(path, scenario, known));
  else if (replaces || (wanted.closed && !existsSync(path))) problems.push('there is no file');
  const file = scenario.task.appendTo || wanted.closed ? path : partial;
  const renamed = file === partial && !existsSync(partial) && existsSync(path);
  if (problems.length === 0 && !renamed && file !== undefined) {
    const found = examine(existsSync(file) ? file : undefined, known, wanted, { verify: false });
    problems.push(...found.problems);
  }
  return problems.map((line) => `${style}: ${line}`);
}

/** A tape under its final name that is not continued: the new one, whole, or the old one. */
function finalProblems(path, { before, task }, known) {
  const wanted = { segments: 0, snapshots: 0, promised: true };
  const { left, segments, problems } = examine(path, known, wanted, { verify: false, only: true });
  const isNew = left === 'whole' && segments === task.limit;
  const isOld = before !== undefined && segments === BEFORE;
  return isNew || isOld ? problems : [...problems, `final: ${left} of ${segments} segments`];
}

/** The power fails `count` times, at instants spread evenly over the record. */
function failures(name, recorded, known, folder, count, draw) {
  const problems = [];
  for (let k = 0; k < count; k += 1) {
    const share = (k + draw(1 << 20) / (1 << 20)) / count;
    const cut = Math.floor(share * (recorded.operations.length + 1));
    for (const problem of failOnce(SCENARIOS[name], recorded, known, folder, cut, draw)) {
      problems.push(`${name}, after call ${cut}, ${problem}`);
    }
  }
  return problems;
}

/** On a disk that never flushes anything, something must be found lost. */
function canary(name, recorded, known, folder) {
  const operations = recorded.operations.filter(({ kind }) => kind !== 'S' && kind !== 'D');
  const found = failures(name, { ...recorded, operations }, known, folder, CANARY, generator(3));
  return found.length > 0 ? [] : [`${name}: a disk that never flushes is not found out`];
}

/** A row a scenario, or `skipped`, which says why there are none. */
export async function power(known, folder, { cuts, seed, only, onRow }) {
  const library = compiled(folder, 'record');
  if (library === undefined) return { rows: [], skipped: 'no C compiler, power failures untested' };
  const draw = generator(seed + 1);
  const rows = [];
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (!(only?.includes(name) ?? true)) continue;
    const began = performance.now();
    const recorded = await record(name, known, folder, library);
    const row = { name, calls: recorded.operations.length, runs: 0, problems: [] };
    const count = Math.ceil(cuts * scenario.cuts);
    row.runs = count;
    row.problems.push(...failures(name, recorded, known, folder, count, draw));
    if (scenario.canary && count >= CANARY)
      row.problems.push(...canary(name, recorded, known, folder));
    rows.push(row);
    onRow?.(row, performance.now() - began);
  }
  return { rows };
}
