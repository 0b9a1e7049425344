/** `heaptape fuzz` as a child process: its answer, its exit codes, the same programs for the same seed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, heaptape, temporaryFolder } from './heaptape.testkit.ts';

const folder = temporaryFolder();

describe('fuzz', () => {
  test('has the promised keys, and leaves nothing behind when nothing is found', async () => {
    const out = join(folder, 'failures');
    const answer = await answerOf(['fuzz', '--runs', '8', '--seed', '3', '-o', out]);
    expect(answer).toEqual({ runs: 8, seed: 3, failure: null });
    expect(existsSync(out)).toBe(false);
  });

  test('says the seed, which brings the same events back', async () => {
    const said = async (): Promise<string | undefined> =>
      /of seed 4, [\d,]+ events/.exec(
        (await heaptape(['fuzz', '--runs', '5', '--seed', '4'])).stdout,
      )?.[0];
    const first = await said();
    expect(first).toBeDefined();
    expect(await said()).toBe(first);
  });

  test('that keeps going has the figures of all seeds', async () => {
    const args = ['fuzz', '--keep-going', '--runs', '8', '--seed', '3'];
    const answer = await answerOf<{ events: number; runsPerSecond: number }>(args);
    expect(answer).toMatchObject({ runs: 8, seed: 3, failure: null, failures: [] });
    expect(answer.events).toBeGreaterThan(100);
    expect(answer.runsPerSecond).toBeGreaterThan(0);
  });

  test.each([
    [['--runs', '0'], '--runs'],
    [['--seed', '-1'], '--seed'],
    [['--seed', '1', '--path', '1:x'], '--path'],
    [['--path', '1:0'], '--seed'],
    [['--length', 'long'], '--length'],
    [['--seconds', '0'], '--seconds'],
    [['--shrink-seconds', 'x'], '--shrink-seconds'],
    [['--keep-going', '--seed', '1', '--path', '1:0'], '--path'],
    [['--keep-going', '--mutant', 'weak-not-cleared'], '--mutant'],
  ])('refuses %j', async (args, named) => {
    const { status, stdout, stderr } = await heaptape(['fuzz', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain('    at ');
  });
});
