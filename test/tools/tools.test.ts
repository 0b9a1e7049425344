import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const TOOLS = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(TOOLS));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heaptape-tools-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes files below a new folder and returns the folder. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(folder, 'tree-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('bootstrap', () => {
  function bootstrap(nodeFlags: string[], ...args: string[]): ReturnType<typeof spawnSync> {
    const script = join(TOOLS, 'bootstrap.mjs');
    return spawnSync(process.execPath, [...nodeFlags, script, ...args], { encoding: 'utf8' });
  }

  test('an unknown verb is bad usage, said on stderr', () => {
    for (const verb of ['nonsense', 'toString']) {
      const { status, stdout, stderr } = bootstrap([], verb);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^usage: .*start\|test\|bench\|fuzz\|mutation\n$/);
    }
  });

  test.each(['18.20.4', '20.18.9', '9.99.0'])('Node %s is refused in one line', (version) => {
    const pretend = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
    const { status, stdout, stderr } = bootstrap(
      ['--import', `data:text/javascript,${pretend}`],
      'test',
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`heaptape needs Node >=20.19; this is Node ${version}\n`);
  });
});

describe('fingerprint', () => {
  type Fingerprint = {
    installFingerprint(root: string): string;
    buildFingerprint(root: string): string;
  };
  let hashes: (root: string) => [string, string];
  beforeAll(async () => {
    const tool: Fingerprint = await import(join(TOOLS, 'fingerprint.mjs'));
    hashes = (root) => [tool.installFingerprint(root), tool.buildFingerprint(root)];
  });

  const files = {
    'package.json': '{}',
    'pnpm-lock.yaml': 'a',
    'tsconfig.base.json': '{}',
    'packages/a/package.json': '{}',
    'packages/a/tsconfig.json': '{}',
    'packages/a/src/deep/x.ts': 'x',
    'packages/a/src/x.test.ts': 'x',
    'test/package.json': '{}',
  };

  test('depends on contents, not on times or on the place', () => {
    const root = tree(files);
    const before = hashes(root);
    for (const path of Object.keys(files)) utimesSync(join(root, path), 1, 1);
    expect(hashes(root)).toEqual(before);
    expect(hashes(tree(files))).toEqual(before);
  });

  test.each([
    ['packages/a/src/x.test.ts', false, false],
    ['packages/a/src/deep/x.ts', false, true],
    ['packages/a/src/new.ts', false, true],
    ['packages/a/tsconfig.json', false, true],
    ['tsconfig.base.json', false, true],
    ['packages/a/package.json', true, true],
    ['packages/b/package.json', true, true],
    ['test/package.json', true, true],
    ['pnpm-lock.yaml', true, true],
    ['pnpm-workspace.yaml', true, true],
    ['README.md', false, false],
  ])('a change of %s: install again %s, build again %s', (path, install, build) => {
    const before = hashes(tree(files));
    const after = hashes(tree({ ...files, [path]: 'changed' }));
    expect(after.map((hash, i) => hash !== before[i])).toEqual([install, build]);
  });
});

describe('lock', () => {
  const holdFor = (ms: number): string => `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { withLock } from ${JSON.stringify(join(TOOLS, 'lock.mjs'))};
    const [lock, out] = process.argv.slice(1);
    await withLock(lock, async () => {
      appendFileSync(out, 'in ');
      await sleep(${ms});
      appendFileSync(out, 'out ');
    });`;

  function hold(lock: string, out: string, ms: number): { kill(): void; ended: Promise<unknown> } {
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', holdFor(ms), '--', lock, out],
      { stdio: 'inherit' },
    );
    const ended = new Promise((resolve) => child.on('close', resolve));
    return { kill: () => child.kill('SIGKILL'), ended };
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test('one process at a time, also where they break a dead lock first', async () => {
    const root = tree({ [`lock/999999999@${encodeURIComponent(hostname())}@x`]: '', out: '' });
    const [lock, out] = [join(root, 'lock'), join(root, 'out')];
    await Promise.all(Array.from({ length: 8 }, () => hold(lock, out, 20).ended));
    expect(readFileSync(out, 'utf8')).toBe('in out '.repeat(8));
    expect(readdirSync(root)).toEqual(['out']);
  });

  test('a killed holder does not block the next one', async () => {
    const root = tree({ out: '' });
    const [lock, out] = [join(root, 'lock'), join(root, 'out')];
    const first = hold(lock, out, 60_000);
    await until(() => readFileSync(out, 'utf8') === 'in ');
    first.kill();
    await first.ended;
    await hold(lock, out, 0).ended;
    expect(readFileSync(out, 'utf8')).toBe('in in out ');
  });
});

describe('closing line', () => {
  function lastLine(files: Record<string, string>): [string | undefined, number | null] {
    const args = ['run', '--root', tree(files), '--globals', '--reporter=default'];
    const { stdout, status } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/vitest/vitest.mjs'),
        ...args,
        `--reporter=${join(TOOLS, 'closing-line-reporter.mjs')}`,
      ],
      { encoding: 'utf8', cwd: ROOT },
    );
    return [stdout.split('\n').at(-2), status];
  }

  test('counts tests', () => {
    const text =
      "test('a', () => {}); test('b', () => {}); test.skip('c', () => {}); test.todo('d');";
    expect(lastLine({ 'a.test.js': text })).toEqual(['2 passed, 0 failed, 2 skipped', 0]);
  });

  test('what fails outside of a test counts as failed', () => {
    const line = lastLine({
      'a.test.js': "test('a', () => {}); test('b', () => { throw new Error('b'); });",
      'load.test.js': "throw new Error('load');",
      'hook.test.js':
        "describe('x', () => { beforeAll(() => { throw new Error('hook'); }); test('a', () => {}); });",
      'late.test.js':
        "test('a', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((r) => setTimeout(r, 50)); });",
    });
    expect(line).toEqual(['2 passed, 4 failed, 1 skipped', 1]);
  });
});

describe('options of the scripts', () => {
  const scripts = [
    'crash/run',
    'determinism/run',
    'hostile/commands',
    'hostile/guided',
    'hostile/run',
    'longrun/run',
    'mutants/run',
    'mutation/run',
    'tools/record',
  ];

  test.concurrent.each(scripts)('%s says what it takes, and refuses what it does not', (name) => {
    const script = join(ROOT, 'test', `${name}.mjs`);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 20_000 });
    const help = run('--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout.split('\n').length).toBeGreaterThan(5);
    const refused = run('--no-such-option');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/no-such-option[^\n]*\n {2}--help[^\n]*\n$/);
  });
});
test('the compiled kernel is what its source compiles to', async () => {
  const tool: { kernelCode(): Promise<string>; keptKernelCode(): string } = await import(
    join(TOOLS, 'kernel.mjs')
  );
  expect(
    tool.keptKernelCode() === (await tool.kernelCode()),
    'run node test/tools/kernel.mjs',
  ).toBe(true);
}, 120_000);
