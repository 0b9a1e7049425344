/**
 * Runs cases for `run.mjs`, one after the other, and tells before each that it begins, so that whoever watches
 * knows which one hangs. Answers `{ begin }`, `{ finding }`, `{ ended }` and `{ done }`.
 */
import { HeaptapeError } from '@heaptape/schema';
import { caseOf, kindsFor, mutated, nameOf, shrunk } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

const MOST_RSS_KIB = 1 << 20;

const { format, seed, until } = JSON.parse(process.argv[2]);
const target = TARGETS[format];
const seeds = target.seeds();
const kinds = kindsFor(target.kinds);

/** What escapes a promise or an event handler while a case runs is a crash like any other. */
let running = false;
let escaped;
const noteEscape = (error) => {
  if (!running) throw error;
  escaped = error;
};
process.on('uncaughtException', noteEscape);
process.on('unhandledRejection', noteEscape);

const wrong = (error) =>
  !(error instanceof HeaptapeError) || error.message === '' || error.message.includes('\n');

/** What a case ends with: undefined, or an error. */
async function errorOf(bytes) {
  escaped = undefined;
  running = true;
  try {
    await target.run(bytes);
    return escaped;
  } catch (error) {
    return error ?? new Error('nothing was thrown');
  } finally {
    running = false;
  }
}

async function crashes(one) {
  const error = await errorOf(mutated(seeds, one));
  return error !== undefined && wrong(error);
}

function placeOf(error) {
  const [first, ...frames] = String(error.stack ?? error).split('\n');
  const places = frames
    .slice(0, 4)
    .map((line) => line.trim().replace(/file:\S*?(packages|test)/, '$1'));
  return `${first} ${places.join(' ')}`.slice(0, 900);
}

async function outcome(number) {
  const one = caseOf(number, seed, seeds.length, kinds);
  const bytes = mutated(seeds, one);
  const before = process.resourceUsage().maxRSS;
  const describe = (what, last) => {
    const mutations = last.mutations.map(nameOf).join(', ');
    process.send({ finding: { number, bytes: mutated(seeds, last).length, mutations, what } });
  };
  const began = performance.now();
  const error = await errorOf(bytes);
  const ms = Math.round(performance.now() - began);
  const isWrong = error !== undefined && wrong(error);
  if (isWrong) describe(placeOf(error), await shrunk(one, crashes));
  const rss = process.resourceUsage().maxRSS;
  if (rss > MOST_RSS_KIB && before <= MOST_RSS_KIB) describe(`${rss >> 10} MiB of memory`, one);
  const code = error === undefined ? 'good' : isWrong ? 'wrong' : error.code;
  return { number, bytes: bytes.length, ms, rss, code };
}

process.on('message', async ({ from, to }) => {
  for (let number = from; number < to; number += 1) {
    process.send({ begin: number });
    const ended = await outcome(number);
    process.send({ ended });
    if (ended.rss > MOST_RSS_KIB || Date.now() > until) break;
  }
  process.send({ done: true });
});
process.send({ ready: true });
