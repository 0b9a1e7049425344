/**
 * What the tests of claims share. A claim is a sentence about Go's memory manager, from one of the five
 * documents this project started from; docs/SEEDS.md lists them all and says which are true.
 *
 * There are three witnesses. `simulate` runs a few lines as a process on the simulated heap. `realGo` is
 * what the real toolchain printed for a program of the folder above (live.test.ts compares that with the
 * toolchain at hand). `runGo` and `goCommand` ask the toolchain at hand; without one the test is skipped.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeOptions } from '@heaptape/core';
import { type GctraceRow, parseGctrace } from '@heaptape/formats';
import type { EventRow } from '@heaptape/schema';
import type { TestContext } from 'vitest';
import type { Expected, Outcome, Programs } from '../expected.ts';
import { type Kit, runTwin, typeOf } from '../kit.ts';

/** Tests by the claim that each is about. */
export type Claims = Readonly<Record<string, (context: TestContext) => unknown>>;

/** The folder of the Go programs. */
export const PROGRAMS: string = join(import.meta.dirname, '..');
export const FIXTURES: string = join(import.meta.dirname, '../../fixtures');

const tool: Programs = await import(join(PROGRAMS, 'programs.mjs'));
const toolchain = tool.toolchain();
/** The oldest Go that the programs here are for. */
const LEAST_GO = 23;
if ((toolchain?.minor ?? 0) < LEAST_GO) {
  process.stderr.write(`conformance: claims are not shown on real Go: no go 1.${LEAST_GO}\n`);
}

/** A plain struct: 5,008 bytes, a pointer in its first word; `t.live(OBJECT_SLOT)` counts them. */
export const OBJECT = typeOf('main.object', 5008, [0]);
export const OBJECT_SLOT = 5376;

export const MIB = 1 << 20;

/** Runs `main` as a simulated process. */
export function simulate(main: (t: Kit) => unknown, options: RuntimeOptions = {}): Outcome {
  return runTwin({ main, options });
}

/** What a simulated process printed. */
export function printed(
  main: (t: Kit) => unknown,
  options: RuntimeOptions = {},
): readonly string[] {
  const { status, fatal, stdout } = simulate(main, options);
  if (status !== 0) throw new Error(`the process ended with ${fatal ?? `status ${status}`}`);
  return stdout;
}

/** The events between here and the end of `act`. */
export function eventsOf({ rt }: Kit, act: () => void): EventRow[] {
  const events: EventRow[] = [];
  const stop = rt.subscribe((event) => events.push(event));
  act();
  stop();
  return events;
}

/** What real Go did when it ran the program of that name. */
export function realGo(name: string): Expected {
  return tool.readExpected(name);
}

/** The cycles of the recorded compilation at a setting of GOGC, as real Go logged them. */
export function recordedCycles(gogc: number): readonly GctraceRow[] {
  const setting = gogc === 20 ? '' : `-gogc${gogc}`;
  const log = join(FIXTURES, 'traces', `compile-regexp${setting}.gctrace.log`);
  return parseGctrace(readFileSync(log, 'utf8')).rows;
}

export interface GoAnswer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `go ARGS`, in the folder of the programs unless said. */
export function goCommand(
  { skip }: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = PROGRAMS,
): GoAnswer {
  skip((toolchain?.minor ?? 0) < LEAST_GO, `no go 1.${LEAST_GO}`);
  const { GOGC: _g, GODEBUG: _d, GOMEMLIMIT: _l, GOFLAGS: _f, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...rest, GOTOOLCHAIN: 'local', ...env },
  });
  return { status, stdout, stderr };
}

/** Builds and runs a Go program given as text. */
export function runGo(
  context: TestContext,
  source: string,
  env: Readonly<Record<string, string>> = {},
): GoAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-claim-'));
  try {
    writeFileSync(join(folder, 'go.mod'), `module claim\n\ngo 1.${LEAST_GO}\n`);
    writeFileSync(join(folder, 'main.go'), source);
    return goCommand(context, ['run', '.'], env, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
