/** A long run at a small size. `node test/longrun/run.mjs` is the large one: 100 million events. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

interface Stage {
  readonly name: string;
  readonly samples: readonly { readonly done: number; readonly rss: number }[];
  readonly result: Readonly<Record<string, unknown>>;
}

interface Tool {
  verdict(stage: Pick<Stage, 'samples'>): { readonly flat: boolean };
}

const { verdict }: Tool = await import(join(import.meta.dirname, 'verdict.mjs'));

function run(...args: string[]): Promise<{ readonly stages: readonly Stage[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [RUN, '--json', ...args]);
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(stdout)));
  });
}

test('a steady program is recorded, folded, sought through, drawn and checked', async () => {
  const { stages } = await run('--events', '400000', '--roots', '2000');
  const [record, fold, seek, draw, check] = stages.map(({ result }) => result);
  expect(stages.map(({ name }) => name)).toEqual(['record', 'fold', 'seek', 'draw', 'check']);
  expect(Number(record['events'])).toBeGreaterThanOrEqual(400_000);
  expect(Number(record['cycles'])).toBeGreaterThan(5);
  expect(fold['hash']).toBe(record['hash']);
  expect(Number(seek['slowestMs'])).toBeGreaterThan(0);
  expect(Number(draw['bytes'])).toBeGreaterThan(1000);
  expect(check['problems']).toBe(0);
  for (const { samples } of stages) expect(samples.length).toBeGreaterThan(0);
});

const samplesOf = (rss: (share: number) => number) =>
  Array.from({ length: 50 }, (_, i) => ({ done: i * 1e6, rss: rss(i / 50) * (1 << 20) }));

test.each([
  ['warms up and stays', (share: number) => (share < 0.15 ? 40 + share * 400 : 100), true],
  ['saws', (share: number) => 100 + ((share * 50) % 7) * 4, true],
  ['grows slowly', (share: number) => 100 + share * 30, false],
  ['grows at the end', (share: number) => (share > 0.8 ? 300 : 100), false],
])('memory that %s', (_, rss, flat) => {
  expect(verdict({ samples: samplesOf(rss) }).flat).toBe(flat);
});
