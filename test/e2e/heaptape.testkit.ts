/** The built command line as a child process, and what its answers have in common. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';

/** What `heaptape` runs, built. */
export const BIN: string = fileURLToPath(
  new URL('../../packages/cli/bin/heaptape.js', import.meta.url),
);
const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** A real recording, at GOGC=20, of 24 cycles. */
export const TRACE: string = join(FIXTURES, 'traces/compile-regexp.trace.gz');
export const LOG: string = join(FIXTURES, 'gctrace/esbuild-0.28-watch-gogc20-go1.26.gctrace.log');

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Settings of this machine that would change what the command does. */
const CLEARED = ['GOGC', 'GOMEMLIMIT', 'GOMAXPROCS', 'NO_COLOR', 'FORCE_COLOR', 'NODE_OPTIONS'];

function environment(changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of CLEARED) delete env[name];
  return { ...env, ...changes };
}

/** Runs `heaptape` to its end. */
export function heaptape(args: readonly string[], options: RunOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd,
      env: environment(options.env ?? {}),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    // The command may refuse its input before it has read all of it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

/** Runs `heaptape … --json`, expects the status and silence on stderr, and parses the one object. */
export async function answerOf<T>(
  args: readonly string[],
  status = 0,
  options: RunOptions = {},
): Promise<T> {
  const answer = await heaptape([...args, '--json'], options);
  expect(answer).toMatchObject({ status, stderr: '' });
  expect(answer.stdout.endsWith('}\n') && answer.stdout.indexOf('\n')).toBe(
    answer.stdout.length - 1,
  );
  return JSON.parse(answer.stdout) as T;
}

/** Expects an error as heaptape promises it: status 2, nothing on stdout, one line and a hint. */
export function expectRefusal(answer: Answer, line: string | RegExp): void {
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toMatch(/^heaptape: [^\n]+\nhint: [^\n]+\n$/);
  expect(answer.stderr).not.toMatch(/internal error|\n +at |node:internal/);
  const [first = ''] = answer.stderr.split('\n');
  if (typeof line === 'string') expect(first).toBe(`heaptape: ${line}`);
  else expect(first).toMatch(line);
}

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-e2e-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Names in a folder that begin like this: a tape, or what is left of one. */
export const beginning = (folder: string, prefix: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith(prefix));
