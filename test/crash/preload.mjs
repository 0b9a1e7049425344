/** The two libraries that are loaded before libc, compiled here where there is a C compiler. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles `fault` or `record` into `folder`, once; undefined without a compiler. */
export function compiled(folder, name) {
  const library = join(folder, `${name}.so`);
  if (existsSync(library)) return library;
  const source = fileURLToPath(new URL(`./${name}.c`, import.meta.url));
  const args = ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl', '-lpthread'];
  try {
    execFileSync('cc', args, { stdio: 'pipe' });
    return library;
  } catch {
    return undefined;
  }
}

/** Set by whoever wants what is under way to end soon, with what it has found so far. */
export const asked = { toStop: false };

/** Runs `task` on each item, `jobs` at a time, until asked to stop. */
export async function inTurn(items, jobs, task) {
  let next = 0;
  const worker = async () => {
    while (next < items.length && !asked.toStop) await task(items[next++]);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** At most `most` whole numbers from 1 to `count`, evenly spread, the first and the last included. */
export function spread(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, i) => i + 1);
  const last = Math.max(1, most - 1);
  return Array.from({ length: most }, (_, i) => 1 + Math.round((i * (count - 1)) / last));
}
