/**
 * Rules for code whose results have to be the same everywhere: what the compiler and the linter do not catch.
 *
 * The pure packages have no clock, no dice and no host, by their types and by `biome.json`. That leaves what the
 * language itself lets vary: order by locale, order of property names, and powers, which an engine may round as
 * it likes (those of two with constant exponents are exact in each).
 */
import { isTest, type Rule, type SourceFile } from './project.ts';

const OWN = /^packages\/(?:schema|core|formats|replay|fuzz)\/src\//;

/** `sort` without a function orders numbers of typed arrays by value, and anything else by its text. */
const TYPED = /\b(?:Int32Array|Float64Array)\.from\(|\.subarray\(|#object\.filter\(/;

interface Trap {
  readonly pattern: RegExp;
  readonly unless?: RegExp;
  readonly why: string;
}

const TRAPS: readonly Trap[] = [
  { pattern: /\.(?:localeCompare|toLocale\w+)\(/, why: 'depends on the locale' },
  {
    pattern: /\.(?:sort|toSorted)\(\)/,
    unless: TYPED,
    why: 'orders by text: give a function that compares',
  },
  {
    pattern: /\bfor \((?:const|let) \w+ in /,
    why: 'names of properties do not come in the order in which they were put in',
  },
  { pattern: /\*\*/, unless: /\b2 \*\* \d+\b/, why: 'a power may be rounded: multiply' },
];

/** Text without comments, as many lines as before. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(?<!:)\/\/.*/g, '');
}

function trapsOf(file: SourceFile): string[] {
  return withoutComments(file.text)
    .split('\n')
    .flatMap((line, index) =>
      TRAPS.filter(({ pattern, unless }) => pattern.test(line) && unless?.test(line) !== true).map(
        ({ why }) => `${file.path}:${index + 1}: ${why}`,
      ),
    );
}

export const samenessRule: Rule = (files) =>
  files
    .filter(({ path }) => OWN.test(path) && path.endsWith('.ts') && !isTest(path))
    .flatMap(trapsOf);
