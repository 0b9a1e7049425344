/**
 * Hostile files that find their own way: damage that reaches new code is kept and damaged further.
 *
 *   node test/hostile/guided.mjs --format NAME [--seconds N] [--seed N] [--corpus DIR] [--plain] [--json]
 *
 * 1. Every input that is tried is run with V8 counting how often each block of the product runs (the same counts
 *    that coverage tools show). Counts are taken as 1, 2, 3, 4–7, 8–15, 16–31, 32–127 and more, as AFL does.
 * 2. An input after which some block was reached, or reached so many times, for the first time joins the corpus.
 *    A third of what is damaged are the first members, a third the newest, a third any.
 * 3. Errors that are not typed, broken invariants, and inputs that take more than ten seconds are findings.
 *
 * `--corpus` keeps the members as files and begins with those that are there. `--plain` damages the first members
 * only, as run.mjs does, and measures all the same: what guidance is worth. Status 1 if there is a finding.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { generator } from '../bench/stream.mjs';
import { optionsOf } from '../tools/arguments.mjs';
import { kindsFor } from './mutate.mjs';

const MOST_MS = 10_000;
/** Inputs between two looks at the counters: a look costs more than a run. */
const GROUP = 8;
const MOST_BYTES = 200_000;
const PRODUCT = /\/packages\/[a-z]+\/dist\//;

/** Parts of `a` that are in some interval of `b`. Both ascend. */
function common(a, b) {
  const parts = [];
  for (const [from, to] of a)
    for (const [start, end] of b)
      if (start < to && end > from) parts.push([Math.max(from, start), Math.min(to, end)]);
  return parts;
}

const lengthOf = (intervals) => intervals.reduce((sum, [from, to]) => sum + to - from, 0);

/**
 * What of the product's code ran. V8 names a block only where it ran another number of times than the code around
 * it, so what is told for sure is what did not run: of each function the parts are kept that never did.
 */
class Coverage {
  #session = new Session();
  /** By function: the parts that have never run. */
  #never = new Map();
  #marks = new Set();
  functions = 0;
  characters = 0;

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  #post(method, params) {
    let answer;
    this.#session.post(method, params, (error, result) => {
      if (error) throw new Error(error.message);
      answer = result;
    });
    return answer;
  }

  /** What ran since the last call: by function the parts that did not, and how often what did. */
  take() {
    const ran = [];
    for (const { url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (!PRODUCT.test(url)) continue;
      for (const { ranges, isBlockCoverage } of functions) {
        // What starts at 0 is a whole file, which holds all the others.
        if (!isBlockCoverage || ranges[0].count === 0 || ranges[0].startOffset === 0) continue;
        const [{ startOffset, endOffset }] = ranges;
        const idle = ranges
          .filter(({ count }) => count === 0)
          .map((r) => [r.startOffset, r.endOffset]);
        const marks = ranges.map(
          (r) => `${url}:${r.startOffset}-${r.endOffset}*${bucketOf(r.count)}`,
        );
        ran.push({
          key: `${url}:${startOffset}-${endOffset}`,
          whole: [startOffset, endOffset],
          idle,
          marks,
        });
      }
    }
    return ran;
  }

  /** Whether any of what ran is new: a part of a function, or how often a part ran. */
  isNew(ran) {
    return ran.some(({ key, whole, idle, marks }) => {
      const never = this.#never.get(key) ?? [whole];
      return (
        lengthOf(common(never, idle)) < lengthOf(never) ||
        marks.some((mark) => !this.#marks.has(mark))
      );
    });
  }

  note(ran) {
    for (const { key, whole, idle, marks } of ran) {
      const known = this.#never.get(key);
      if (known === undefined) this.functions += 1;
      const before = known ?? [whole];
      const never = common(before, idle);
      this.characters += lengthOf(before) - lengthOf(never);
      this.#never.set(key, never);
      for (const mark of marks) this.#marks.add(mark);
    }
  }
}

/** 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more. */
function bucketOf(count) {
  if (count < 4) return count;
  return count < 32 ? Math.floor(Math.log2(count)) + 2 : count < 128 ? 7 : 8;
}

class Corpus {
  members = [];
  #folder;

  constructor(folder) {
    this.#folder = folder;
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  }

  stored() {
    if (this.#folder === undefined) return [];
    return readdirSync(this.#folder).map((name) => readFileSync(join(this.#folder, name)));
  }

  add(bytes) {
    this.members.push(bytes);
    if (this.#folder === undefined) return;
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    writeFileSync(join(this.#folder, name), bytes);
  }

  /** One of the first, one of the newest, or any. */
  pick(draw, first) {
    const { members } = this;
    const kind = draw(3);
    if (kind === 0) return first[draw(first.length)];
    return members[
      kind === 1 ? draw(members.length) : members.length - 1 - draw(Math.min(24, members.length))
    ];
  }
}

async function errorOf(target, bytes) {
  try {
    await target.run(bytes);
    return undefined;
  } catch (error) {
    return error;
  }
}

const typed = (error) =>
  error?.name === 'HeaptapeError' && error.message !== '' && !error.message.includes('\n');

async function main() {
  const values = optionsOf(import.meta.url, {
    format: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    corpus: { type: 'string' },
    plain: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  // Only what is loaded from now on is counted in full.
  const coverage = new Coverage();
  const { TARGETS } = await import('./targets.mjs');
  const target = TARGETS[values.format];
  const kinds = kindsFor(target.kinds);
  const draw = generator(Number(values.seed) * 2654435761 + 1);
  const corpus = new Corpus(values.corpus);
  const first = [...target.seeds(), ...corpus.stored()];
  const report = {
    format: values.format,
    plain: values.plain,
    runs: 0,
    good: 0,
    slowestMs: 0,
    findings: [],
  };
  const places = new Set();
  const until = performance.now() + Number(values.seconds) * 1000;

  /** Runs one input and notes what is wrong. */
  const run = async (bytes) => {
    const began = performance.now();
    const error = await errorOf(target, bytes);
    const ms = performance.now() - began;
    report.runs += 1;
    report.good += error === undefined ? 1 : 0;
    report.slowestMs = Math.max(report.slowestMs, Math.round(ms));
    const wrong = error !== undefined && !typed(error);
    if (!wrong && ms < MOST_MS) return;
    const what = wrong
      ? String(error?.stack ?? error)
          .split('\n')
          .slice(0, 3)
          .join(' ')
      : `${Math.round(ms)} ms`;
    const place = what.replace(/\d+/g, 'N');
    if (places.has(place)) return;
    places.add(place);
    report.findings.push({
      what: what.slice(0, 600),
      base64: bytes.length < 3000 ? bytes.toString('base64') : `${bytes.length} bytes`,
    });
  };

  for (const bytes of first) {
    await run(bytes);
    coverage.note(coverage.take());
    corpus.members.push(bytes);
  }
  report.bySeeds = { functions: coverage.functions, characters: coverage.characters };
  while (performance.now() < until) {
    const group = Array.from({ length: GROUP }, () => {
      let bytes = values.plain ? first[draw(first.length)] : corpus.pick(draw, first);
      for (let i = 1 + draw(4); i > 0 && bytes.length > 0; i -= 1)
        bytes = kinds[draw(kinds.length)](bytes, generator(draw(0x7fffffff) | 1), corpus.members);
      return bytes.subarray(0, MOST_BYTES);
    });
    for (const bytes of group) await run(bytes);
    const ran = coverage.take();
    if (!coverage.isNew(ran)) continue;
    if (!values.plain) {
      // Which of them was it? Each is run again by itself.
      for (const bytes of group) {
        await errorOf(target, bytes);
        const alone = coverage.take();
        if (coverage.isNew(alone)) corpus.add(bytes);
        coverage.note(alone);
      }
    }
    coverage.note(ran);
  }
  report.functions = coverage.functions;
  report.characters = coverage.characters;
  report.corpus = corpus.members.length;
  process.stdout.write(`${JSON.stringify(report, null, values.json ? undefined : 1)}\n`);
  return report.findings.length > 0 ? 1 : 0;
}

process.exitCode = await main();
