/**
 * The entry of a process in which a bug is planted: `heaptape fuzz --mutant` starts it, and nothing else.
 *
 * Standard input holds the campaign and the planted module as JSON. The bug is planted first, and only
 * then is anything loaded that loads the core. Who started it hears how far it is, and ends it when a
 * program hangs.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { runProcess } from '../entry.ts';
import type { Plan } from './campaign.ts';

/** A module, and the source to load in its place. */
export interface Planted {
  readonly url: string;
  readonly source: string;
}

await runProcess(async (io) => {
  const [plan, data] = JSON.parse(readFileSync(0, 'utf8')) as [Plan, Planted];
  register('./hooks.js', import.meta.url, { data });
  const { carryOut } = await import('./campaign.ts');
  const status = await carryOut(io, plan, (news) => process.send?.(news));
  if (process.connected) process.disconnect();
  return status;
});
