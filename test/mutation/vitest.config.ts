/**
 * How the tests run while Stryker mutates: few of them, the quick ones first, and no shrinking.
 *
 * 1. `HEAPTAPE_MUTATION_TESTS` names the test files, one a line: those that reach the mutated files and
 *    are quick enough to run once a mutant (`groups.mjs`).
 * 2. Stryker runs a copy of the project whose node_modules are links to the real ones. The aliases have
 *    packages import each other from the copy: otherwise tests above core would import core unmutated.
 * 3. A run ends at the first failing test, so files go in the order in which the table names them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tests = (process.env['HEAPTAPE_MUTATION_TESTS'] ?? '').split('\n');

/** Each entry of the workspace's packages, and the source file of it. */
function sourceAliases(): { find: RegExp; replacement: string }[] {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const folder = join(root, 'packages', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports?: Record<string, Record<string, string>>;
    };
    return Object.entries(manifest.exports ?? {}).flatMap(
      ([entry, { '@heaptape/source': file }]) =>
        file === undefined
          ? []
          : [
              {
                find: new RegExp(`^@heaptape/${name}${entry.slice(1)}$`),
                replacement: join(folder, file),
              },
            ],
    );
  });
}

class TableOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = (file: TestSpecification): number =>
      tests.findIndex((test) => file.moduleId.endsWith(test));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  root,
  resolve: { alias: sourceAliases() },
  test: {
    include: tests,
    setupFiles: [fileURLToPath(new URL('setup.ts', import.meta.url))],
    sequence: { sequencer: TableOrder },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
