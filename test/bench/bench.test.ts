/** The benchmark program's output: its shape, never its figures. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('run.mjs', import.meta.url));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
}

describe('npm run bench', () => {
  it('prints one JSON object with machine and results', () => {
    const { status, stdout } = bench('--quick', '--only', 'pacer,bytes-per-event', '--json');
    expect(status).toBe(0);
    const { machine, results } = JSON.parse(stdout);
    expect(machine).toMatchObject({
      node: process.version,
      cpus: expect.any(Number),
      arch: process.arch,
      os: expect.any(String),
    });
    expect(machine.go === null || /^go1\.\d+/.test(machine.go)).toBe(true);
    expect(results.map((result: { name: string }) => result.name)).toEqual([
      'pacer',
      'bytes-per-event',
    ]);
    for (const result of results) {
      expect(result).toMatchObject({
        name: expect.any(String),
        unit: expect.any(String),
        target: expect.any(String),
        met: expect.any(Boolean),
      });
      expect(result.value).toBeGreaterThan(0);
      expect(result.baseline).toBeGreaterThan(0);
      expect(result.ratio).toBeCloseTo(result.value / result.baseline, 6);
    }
  });

  it('shows a table without --json', () => {
    const { status, stdout } = bench('--quick', '--only', 'pacer');
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^name +value +unit +baseline +ratio +target$/);
    expect(stdout).toMatch(/^pacer +[\d.]+ M +cycles\/s/m);
  });

  it('tells where the time of an import goes', () => {
    const { status, stdout } = bench('--stages', '--quick');
    expect(status).toBe(0);
    if (process.platform !== 'linux') return;
    for (const stage of ['decode', 'survey', 'simulate', 'write', 'all']) {
      expect(stdout).toMatch(new RegExp(`^${stage} +\\d+ +-?\\d+ +\\d+ +-?\\d+$`, 'm'));
    }
  });

  it('refuses names and options that it does not have', () => {
    for (const args of [['--only', 'speed'], ['--fast'], ['--only']]) {
      const { status, stdout, stderr } = bench(...args);
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain('names: pacer');
    }
  });
});
