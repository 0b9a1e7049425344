/**
 * A mutant: a bug as data, planted in one module of `@heaptape/core` while that is being loaded.
 *
 * 1. The product carries no bug behind a switch. A mutant names a module and a piece of its text, which
 *    must occur there exactly once, and what stands there instead.
 * 2. Runs of white space match each other, so that the same text is found in the source and in what the
 *    compiler makes of it. It therefore holds no types, and no comment.
 * 3. A mutant is a mistake that somebody could make: one expression or statement. It names no seed and
 *    no feature; the programs that find it are those that run every day.
 */

export interface Mutant {
  readonly name: string;
  /** What it breaks, in a line. */
  readonly breaks: string;
  /** The module of `@heaptape/core`, without extension: `decide/sweeper`. */
  readonly module: string;
  readonly find: string;
  readonly replace: string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** How often a mutant's text occurs in a module. */
export const occurrences = (source: string, { find }: Mutant): number =>
  [...source.matchAll(patternOf(find))].length;

function patternOf(find: string): RegExp {
  return new RegExp(find.trim().split(/\s+/).map(escaped).join('\\s+'), 'g');
}

/** The module's source with the bug in it. Throws where its text does not occur exactly once. */
export function plant(source: string, mutant: Mutant): string {
  const found = occurrences(source, mutant);
  if (found !== 1) {
    throw new Error(`${mutant.name}: its text occurs ${found} times in ${mutant.module}`);
  }
  return source.replace(patternOf(mutant.find), () => mutant.replace);
}
