/**
 * Every mutant still finds its place: its text occurs exactly once in its module, as written and as compiled,
 * and what is loaded in its place is a module. Whoever changes the core and breaks one of these gives the
 * mutant a new text.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { MUTANTS } from './list.ts';
import { type Mutant, occurrences, plant } from './mutant.ts';

const CORE = new URL('../../../core/', import.meta.url);
const written = ({ module }: Mutant): URL => new URL(`src/${module}.ts`, CORE);
const compiled = ({ module }: Mutant): URL => new URL(`dist/${module}.js`, CORE);
const textOf = (file: URL): string => readFileSync(file, 'utf8');

describe('the list', () => {
  it('has at least 45 mutants, each of a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(45);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(new Set(MUTANTS.map(({ breaks }) => breaks)).size).toBe(MUTANTS.length);
    for (const { name } of MUTANTS) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });
});

describe('each mutant', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', (_, mutant) => {
    expect(existsSync(written(mutant)) ? mutant.module : 'no such module').toBe(mutant.module);
    expect(occurrences(textOf(written(mutant)), mutant)).toBe(1);
    const source = textOf(compiled(mutant));
    const planted = plant(source, mutant);
    expect(planted).not.toBe(source);
    expect(() => parseAst(planted)).not.toThrow();
  });
});

describe('planting', () => {
  const mutant = { name: 'm', breaks: '', module: 'a', find: 'f(a, $1)', replace: "f(a, '$&')" };

  it('takes white space as it comes, and the new text as it is', () => {
    expect(plant('x; f(a,\n    $1);', mutant)).toBe("x; f(a, '$&');");
  });

  it('refuses a text that is not there once', () => {
    expect(() => plant('f(b)', mutant)).toThrow('m: its text occurs 0 times in a');
    expect(() => plant('f(a, $1) + f(a, $1)', mutant)).toThrow('occurs 2 times');
  });
});
