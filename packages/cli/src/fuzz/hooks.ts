/** Loader hooks, which run in a thread of their own: one module is loaded with other source. */
import type { LoadHook } from 'node:module';
import type { Planted } from './planted.ts';

let planted: Planted = { url: '', source: '' };

export function initialize(data: Planted): void {
  planted = data;
}

export const load: LoadHook = (url, context, next) => {
  if (url !== planted.url) return next(url, context);
  return { format: 'module', source: planted.source, shortCircuit: true };
};
