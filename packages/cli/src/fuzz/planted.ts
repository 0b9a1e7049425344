/**
 * The entry of a process in which a bug is planted: `heaptape fuzz --mutant` starts it, and nothing else.
 *
 * The one argument is the campaign as JSON. The bug is planted first, and only then is anything loaded
 * that loads the core.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { mutantNamed, plant } from '@heaptape/fuzz/mutants';
import { assert } from '@heaptape/schema';
import { runProcess } from '../entry.ts';
import type { Plan } from './campaign.ts';
import type { Planted } from './hooks.ts';

function plantIn(name: string): void {
  const mutant = mutantNamed(name);
  assert(mutant !== undefined, `there is a mutant ${name}`);
  const module = new URL(`${mutant.module}.js`, import.meta.resolve('@heaptape/core'));
  const data: Planted = { url: module.href, source: plant(readFileSync(module, 'utf8'), mutant) };
  register('./hooks.js', import.meta.url, { data });
}

await runProcess(async (io) => {
  const plan = JSON.parse(process.argv[2] ?? '') as Plan;
  plantIn(plan.mutant ?? '');
  const { carryOut } = await import('./campaign.ts');
  return carryOut(io, plan);
});
