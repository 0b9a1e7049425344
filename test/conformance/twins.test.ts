/** The same behaviour on the simulated heap prints what real Go printed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DISAGREEMENTS, WITHOUT_TWIN } from './disagreements.ts';
import type { Programs } from './expected.ts';
import { runTwin, type Twin } from './kit.ts';

const HERE = import.meta.dirname;
const tool: Programs = await import(join(HERE, 'programs.mjs'));
const programs = tool.programs();
const twins = programs.filter(({ name }) => existsSync(join(HERE, name, 'twin.ts')));
const fidelity = readFileSync(join(HERE, '../../docs/FIDELITY.md'), 'utf8');
const table = new Map<string, string[]>();

async function differencesOf(name: string): Promise<string[]> {
  const twin: Twin = await import(join(HERE, name, 'twin.ts'));
  const found = tool.differences(tool.readExpected(name), runTwin(twin));
  table.set(name, found);
  return found;
}

describe('twins of the conformance programs', () => {
  test.each(twins.filter(({ name }) => !(name in DISAGREEMENTS)))('$name', async ({ name }) => {
    expect(await differencesOf(name)).toEqual([]);
  });

  test.each(Object.entries(DISAGREEMENTS))('%s differs, as FIDELITY.md says', async (name, row) => {
    expect(await differencesOf(name)).not.toEqual([]);
    expect(fidelity).toContain(row);
  });

  test('a program has a twin, or a reason why not', () => {
    const without = programs.filter((program) => !twins.includes(program)).map(({ name }) => name);
    expect(Object.keys(WITHOUT_TWIN).sort()).toEqual(without.sort());
  });

  afterAll(() => {
    const disagreed = [...table].filter(([, found]) => found.length > 0);
    const without = programs.length - twins.length;
    const counts = `${twins.length} twins, ${table.size - disagreed.length} agreed, ${disagreed.length} disagreed`;
    console.log(`conformance: ${programs.length} programs, ${counts}, ${without} without a twin`);
    for (const [name, found] of disagreed) console.log(`  ${name}\n    ${found.join('\n    ')}`);
  });
});
