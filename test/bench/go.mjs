/**
 * Go programs that serve as yardsticks: built when a toolchain is there, left out with a note when not.
 * Needs Go 1.23 or later, the first that records allocations in execution traces.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAMS = fileURLToPath(new URL('../fixtures/go/', import.meta.url));
const LEAST_MINOR = 23;

/** Version of `go` on PATH, as in "go1.26.8"; null when there is none of use. */
export function goVersion() {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const version = status === 0 ? stdout.trim() : '';
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
  return minor >= LEAST_MINOR ? version : null;
}

/** Builds a program of test/fixtures/go into `folder`: `{ path }`, or `{ note }` saying why not. */
export function goProgram(name, folder) {
  if (goVersion() === null)
    return { note: `no baseline: go 1.${LEAST_MINOR} or later is not on PATH` };
  const path = join(folder, name);
  const cwd = join(PROGRAMS, name);
  const { status, stderr } = spawnSync('go', ['build', '-o', path, '.'], { cwd, encoding: 'utf8' });
  if (status === 0) return { path };
  // A folder without a module of its own is built by file.
  const again = spawnSync('go', ['build', '-o', path, 'main.go'], { cwd, encoding: 'utf8' });
  if (again.status === 0) return { path };
  const why = (stderr || again.stderr).trim().split('\n').at(-1);
  return { note: `no baseline: go build ${name} failed: ${why}` };
}
