/** The comparison itself: what differs is found, and what may vary passes. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Expected, Programs } from './expected.ts';

const tool: Programs = await import(join(import.meta.dirname, 'programs.mjs'));
const HEAD = { go: 'go1.26.8', goos: 'linux', goarch: 'amd64', runs: 3, status: 0, fatal: null };
const EXACT: Expected = { ...HEAD, mode: 'exact', stdout: ['a 1', 'b 2'] };
const RANGE: Expected = { ...HEAD, mode: 'range', values: { a: [100, 120], b: 'true' } };
const DONE = { status: 0, fatal: null };

describe('differences', () => {
  test.each([
    [EXACT, { ...DONE, stdout: ['a 1', 'b 2'] }, []],
    [EXACT, { ...DONE, stdout: ['a 1', 'b 3'] }, ['line 2: expected b 2, got b 3']],
    [EXACT, { ...DONE, stdout: ['a 1'] }, ['line 2: expected b 2, got undefined']],
    [EXACT, { ...DONE, stdout: ['a 1', 'b 2', 'c'] }, ['line 3: expected undefined, got c']],
    [
      EXACT,
      { status: 2, fatal: 'panic: no', stdout: ['a 1', 'b 2'] },
      ['exit status: expected 0, got 2', 'stderr: expected null, got panic: no'],
    ],
    [RANGE, { ...DONE, stdout: ['a 100', 'b true'] }, []],
    [RANGE, { ...DONE, stdout: ['a 121', 'b true'] }, ['a: expected 100 to 120, got 121']],
    [RANGE, { ...DONE, stdout: ['a x', 'b true'] }, ['a: expected 100 to 120, got x']],
    [RANGE, { ...DONE, stdout: ['a 110', 'b false'] }, ['b: expected true, got false']],
    [
      RANGE,
      { ...DONE, stdout: ['a 110'] },
      ['keys: expected a,b, got a', 'b: expected true, got undefined'],
    ],
  ])('case %#', (expected, outcome, found) => {
    expect(tool.differences(expected, outcome)).toEqual(found);
  });

  test('another run of real Go may lie beside the range, but not far', () => {
    const at = (a: number): string[] =>
      tool.differences(RANGE, { ...DONE, stdout: [`a ${a}`, 'b true'] }, true);
    expect([at(66), at(154)]).toEqual([[], []]);
    expect([at(65).length, at(155).length]).toEqual([1, 1]);
  });
});

test('every recording is of the mode and the runs that its program declares', () => {
  const programs = tool.programs();
  expect(programs.length).toBeGreaterThanOrEqual(60);
  for (const { name, mode, vary } of programs) {
    const recorded = tool.readExpected(name);
    expect({ name, mode: recorded.mode, runs: recorded.runs }).toEqual({
      name,
      mode,
      runs: mode === 'exact' ? 3 : 20,
    });
    const ranges = Object.entries(recorded.values ?? {}).filter(([, value]) =>
      Array.isArray(value),
    );
    expect(ranges.map(([key]) => key).sort()).toEqual([...vary].sort());
  }
});
