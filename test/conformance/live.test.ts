/**
 * Real Go, if it is there, still prints what is recorded.
 *
 * A busy machine disturbs a run: a page more is in use, a timer fires late. So a program that differs runs
 * again, and only what every run differs in is a difference between the releases.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Outcome, Programs } from './expected.ts';

const tool: Programs = await import(join(import.meta.dirname, 'programs.mjs'));
const go = tool.toolchain();
/** The programs use what Go 1.24 brought. */
const usable = go !== null && go.minor >= 24;
const recorded = tool.readExpected('finalizer-order');
const comparable = usable && go.goos === recorded.goos && go.goarch === recorded.goarch;
/** Runs of a program before it counts as changed. */
const TRIES = 5;
if (!comparable) {
  process.stderr.write(
    `conformance: not compared with real Go: no go 1.24 or newer for ${recorded.goos}/${recorded.goarch}\n`,
  );
}

describe.skipIf(!comparable)('real Go', () => {
  const programs = tool.programs().filter(({ since }) => since <= (go?.minor ?? 0));
  const found = comparable
    ? tool.withBinaries(
        (run) => new Map(programs.map(({ name }) => [name, differences(run, name)])),
      )
    : new Map<string, string[]>();

  test.each(programs)('$name', ({ name }) => {
    expect(found.get(name)).toEqual([]);
  });
});

/** Where real Go differs from the recording in the best of some runs. */
function differences(run: (name: string) => Outcome, name: string): string[] {
  const expected = tool.readExpected(name);
  let best: string[] | null = null;
  for (let tries = 0; tries < TRIES && best?.length !== 0; tries += 1) {
    const some = tool.differences(expected, run(name), true);
    if (best === null || some.length < best.length) best = some;
  }
  return best ?? [];
}
