/**
 * Runs cases for `run.mjs`, one after the other, and tells before each that it begins, so that whoever watches
 * knows which one hangs. Answers `{ begin }`, `{ finding }` and `{ done, refused, good }`.
 */
import { HeaptapeError } from '@heaptape/schema';
import { caseOf, mutated, nameOf, shrunk } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

const MOST_RSS_KIB = 1 << 20;

const { format, seed } = JSON.parse(process.argv[2]);
const target = TARGETS[format];
const seeds = target.seeds();

/** What escapes a promise or an event handler is a crash like any other. */
let escaped;
process.on('uncaughtException', (error) => {
  escaped = error;
});

const wrong = (error) =>
  !(error instanceof HeaptapeError) || error.message === '' || error.message.includes('\n');

/** Whether the plain run of a case crashes. */
function crashes(one) {
  try {
    target.run(mutated(seeds, one));
    return false;
  } catch (error) {
    return wrong(error);
  }
}

async function outcome(number) {
  const one = caseOf(number, seed, seeds.length);
  const bytes = mutated(seeds, one);
  const before = process.resourceUsage().maxRSS;
  const describe = (what, last = one) => {
    const mutations = last.mutations.map(nameOf).join(', ');
    return { finding: { number, bytes: bytes.length, mutations, what } };
  };
  const byCommand = target.commands !== undefined && number % target.every === 0;
  let refused = false;
  try {
    escaped = undefined;
    if (byCommand) await target.commands(bytes);
    else target.run(bytes);
    if (escaped !== undefined) throw escaped;
  } catch (error) {
    if (wrong(error)) {
      const last = byCommand ? one : shrunk(one, crashes);
      const [first, ...frames] = String(error?.stack ?? error).split('\n');
      process.send(
        describe(
          `${first} ${frames
            .slice(0, 4)
            .map((line) => line.trim())
            .join(' ')}`,
          last,
        ),
      );
    }
    refused = true;
  }
  const { maxRSS } = process.resourceUsage();
  if (maxRSS > MOST_RSS_KIB && before <= MOST_RSS_KIB)
    process.send(describe(`${maxRSS >> 10} MiB of memory`));
  return { refused, spent: maxRSS > MOST_RSS_KIB };
}

process.on('message', async ({ from, to }) => {
  let refused = 0;
  let number = from;
  let spent = false;
  for (; number < to && !spent; number += 1) {
    process.send({ begin: number });
    const result = await outcome(number);
    refused += result.refused ? 1 : 0;
    spent = result.spent;
  }
  process.send({ done: number, refused, good: number - from - refused, spent });
});
process.send({ ready: true });
