/**
 * Planted bugs that are found at once, and two canaries: the same loader without a bug finds nothing, and the
 * bug is in that one process only. All of them: `node test/mutants/run.mjs`.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { answerOf, expectRefusal, heaptape, temporaryFolder } from '../e2e/heaptape.testkit.ts';

const SEED = '1';
const folder = temporaryFolder();

/** Found within a second or two; all that the collector has to be told of is among them. */
const FAST: readonly string[] = [
  'no-deletion-barrier',
  'barrier-off-early',
  'allocate-white',
  'mark-bit-of-next-slot',
  'interior-pointer-ignored',
  'noscan-queued',
  'roots-never-scanned',
  'stack-scanned-twice',
  'hand-off-loses-one',
  'termination-without-ragged-barrier',
  'sweep-before-mark-ends',
  'stale-sweepgen',
  'mark-bits-not-cleared',
  'sweep-debt-not-paid',
  'large-span-freed-late',
  'free-index-not-advanced',
  'cached-span-stays-listed',
  'large-not-in-heap-live',
  'page-double-allocated',
  'scavenged-counted-twice',
  'finalizers-first-in-first-out',
  'weak-not-cleared',
  'goal-off-by-one',
  'trigger-without-upper-bound',
  'pause-ring-off-by-one',
  'large-frees-not-counted',
  'evolve-differs-from-decide',
];

interface Answer {
  readonly runs: number;
  readonly failure: { readonly property: string; readonly tape: string; readonly command: string };
  readonly mutant: { readonly name: string; readonly found: boolean };
}

/** Options of a search that gives up soon, and takes the first failure as it is. */
const QUICK = ['--seed', SEED, '--seconds', '60', '--shrink-seconds', '0', '-o', folder];

describe('fast mutants', () => {
  it.concurrent.each(FAST)('%s is found', async (name) => {
    const answer = await answerOf<Answer>(['fuzz', '--mutant', name, ...QUICK], 1);
    expect(answer.mutant).toMatchObject({ name, found: true });
    expect(existsSync(answer.failure.tape)).toBe(true);
  });
});

describe('a mutant', () => {
  it('is found again by the command that is printed, shrunk', async () => {
    const found = ['fuzz', '--mutant', 'weak-not-cleared', '--seed', SEED];
    const first = await answerOf<Answer>([...found, '--shrink-seconds', '2', '-o', folder], 1);
    const [, ...command] = first.failure.command.split(' ');
    const again = await answerOf<Answer>([...command, '-o', folder], 1);
    expect(again.failure).toEqual(first.failure);
    expect(again.runs).toBe(1);
  });

  it('is not in the process that asks for it, nor in the next one', async () => {
    const { path } = await found('heap-minimum-off-by-one');
    const plain = await heaptape(['fuzz', '--seed', SEED, '--path', path, '-o', folder]);
    expect(plain).toMatchObject({ status: 0, stderr: '' });
  });

  it('is listed with what it breaks', async () => {
    const { stdout } = await heaptape(['fuzz', '--list-mutants']);
    const { mutants } = await answerOf<{ mutants: { name: string; breaks: string }[] }>([
      'fuzz',
      '--list-mutants',
    ]);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual(
      mutants.map(({ name, breaks }) => [name, breaks]),
    );
  });

  it('that nobody knows is refused', async () => {
    expectRefusal(await heaptape(['fuzz', '--mutant', 'none']), "there is no mutant 'none'");
  });
});

async function found(name: string): Promise<{ path: string }> {
  const { failure } = await answerOf<{ failure: { path: string } }>(
    ['fuzz', '--mutant', name, ...QUICK],
    1,
  );
  return failure;
}

describe('the canary', () => {
  it('a module that is planted unchanged breaks nothing', async () => {
    const module = new URL('../../packages/core/dist/decide/sweeper.js', import.meta.url);
    const planted = { url: module.href, source: readFileSync(module, 'utf8') };
    const plan = { runs: 40, seed: 1, output: join(folder, 'canary'), json: true, progress: false };
    const { status, stdout } = await plantedProcess(plan, planted);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${JSON.stringify({ runs: 40, seed: 1, failure: null })}\n`,
    });
    expect(readdirSync(folder)).not.toContain('canary');
  });

  it('a module that is planted empty is the one that is loaded', async () => {
    const module = new URL('../../packages/core/dist/decide/sweeper.js', import.meta.url);
    const plan = { runs: 1, seed: 1, output: folder, json: true, progress: false };
    const { status, stderr } = await plantedProcess(plan, { url: module.href, source: '' });
    expect(status).toBe(2);
    expect(stderr).toContain('Sweeper');
  });
});

/** Runs what `fuzz --mutant` starts. */
function plantedProcess(
  plan: object,
  planted: object,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const entry = fileURLToPath(new URL('../../packages/cli/dist/fuzz/planted.js', import.meta.url));
  const child = spawn(process.execPath, [entry]);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(JSON.stringify([plan, planted]));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
