/** Real Go, if it is there, still prints what is recorded. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Outcome, Programs } from './expected.ts';

const tool: Programs = await import(join(import.meta.dirname, 'programs.mjs'));
const go = tool.toolchain();
/** The programs use what Go 1.24 brought. */
const usable = go !== null && go.minor >= 24;
const recorded = tool.readExpected('finalizer-order');
const comparable = usable && go.goos === recorded.goos && go.goarch === recorded.goarch;
if (!comparable) {
  process.stderr.write(
    `conformance: not compared with real Go: no go 1.24 or newer for ${recorded.goos}/${recorded.goarch}\n`,
  );
}

describe.skipIf(!comparable)('real Go', () => {
  const programs = tool.programs().filter(({ since }) => since <= (go?.minor ?? 0));
  const outcomes = comparable
    ? tool.withBinaries((run) => new Map(programs.map(({ name }) => [name, run(name)])))
    : new Map<string, Outcome>();

  test.each(programs)('$name', ({ name }) => {
    const outcome = outcomes.get(name);
    expect(outcome && tool.differences(tool.readExpected(name), outcome, true)).toEqual([]);
  });
});
