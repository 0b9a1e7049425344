/** The table of what is mutated names files, methods and tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Part {
  readonly files: readonly string[];
  readonly methods?: readonly string[];
  readonly tests: readonly string[];
}

it('what is mutated and what has to notice is there', async () => {
  const table: { GROUPS: Record<string, readonly Part[]> } = await import(
    join(ROOT, 'test/mutation/groups.mjs')
  );
  const missing: string[] = [];
  for (const { files, methods = [], tests } of Object.values(table.GROUPS).flat()) {
    missing.push(...[...files, ...tests].filter((path) => !existsSync(join(ROOT, path))));
    for (const file of methods.length > 0 ? files : []) {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      for (const name of methods) {
        if (!lines.some((text) => text.startsWith(`  ${name}(`))) missing.push(`${file}: ${name}`);
      }
    }
  }
  expect(missing).toEqual([]);
  expect(Object.keys(table.GROUPS)).toEqual(['pacer', 'sweep', 'barrier', 'finalizer']);
});
