/** Settings that no run can have, as a file may state them; found by test/hostile. */
import { HeaptapeError } from '@heaptape/schema';
import { expect, test } from 'vitest';
import { checkConfig, configText, configWith, DEFAULT_CONFIG, parseConfig } from './config.ts';
import type { RunConfig } from './control.ts';
import { Decider } from './decide/decider.ts';

function codeOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error.code;
    throw error;
  }
  return 'none';
}

const { costs } = DEFAULT_CONFIG;

test.each<[string, Partial<RunConfig>]>([
  ['Ps beyond all memory', { procs: 1224979098644775000 }],
  ['no P', { procs: 0 }],
  ['half a P', { procs: 1.5 }],
  ['GOGC', { gcPercent: 2 ** 40 }],
  ['a memory limit', { memoryLimit: -1 }],
  ['stacks', { stackBytes: 2 ** 50 }],
  ['a cost', { costs: { ...costs, allocNs: 1e300 } }],
  ['a negative cost', { costs: { ...costs, markNsPerByte: -1 } }],
  ['a pause', { costs: { ...costs, markTermPauses: [0, 1, 2, 3, 1e200] } }],
])('%s', (_, settings) => {
  const config = configWith(settings);
  expect(codeOf(() => checkConfig(config))).toBe('limit');
  expect(codeOf(() => new Decider(config, null))).toBe('limit');
  expect(codeOf(() => parseConfig(configText(config)))).toBe('bad-data');
});

test('the defaults are possible', () => {
  expect(codeOf(() => checkConfig(DEFAULT_CONFIG))).toBe('none');
  expect(parseConfig(configText(DEFAULT_CONFIG))).toEqual(DEFAULT_CONFIG);
});
