/**
 * Tokens of the condition language.
 *
 * Numbers are decimal or hexadecimal, with `_` between digits, and may have a unit right behind them: a
 * size (`64MiB`, bytes) or a duration (`2ms`, ns). `#12` is an object by its ordinal. Strings are in
 * single or double quotes, without escapes. Words are names, with Go's letters; `and`, `or` and `not`
 * are operators too.
 */
import { ExpressionError } from './errors.ts';

/** What a number measures: a plain count, bytes, ns, or an address. */
export type Unit = 'count' | 'bytes' | 'ns' | 'addr';

export type Token =
  | { readonly kind: 'number'; readonly at: number; readonly value: number; readonly unit: Unit }
  | { readonly kind: 'object'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly text: string }
  | { readonly kind: 'name'; readonly at: number; readonly text: string }
  | { readonly kind: 'operator'; readonly at: number; readonly text: string }
  | { readonly kind: 'end'; readonly at: number };

const KIB = 1024;
/** Bytes or ns of each unit. A unit that is both a size and none else has its own name. */
const UNITS: ReadonlyMap<string, readonly [Unit, number]> = new Map([
  ['B', ['bytes', 1]],
  ['KiB', ['bytes', KIB]],
  ['MiB', ['bytes', KIB * KIB]],
  ['GiB', ['bytes', KIB * KIB * KIB]],
  ['TiB', ['bytes', KIB * KIB * KIB * KIB]],
  ['kB', ['bytes', 1e3]],
  ['KB', ['bytes', 1e3]],
  ['MB', ['bytes', 1e6]],
  ['GB', ['bytes', 1e9]],
  ['ns', ['ns', 1]],
  ['us', ['ns', 1e3]],
  ['µs', ['ns', 1e3]],
  ['μs', ['ns', 1e3]],
  ['ms', ['ns', 1e6]],
  ['s', ['ns', 1e9]],
  ['m', ['ns', 60e9]],
  ['h', ['ns', 3600e9]],
]);

const SPACE = /\s*/y;
const NUMBER = /0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?/y;
const UNIT = /[\p{L}]+/uy;
const OBJECT = /#(\d+)/y;
const STRING = /"([^"]*)"|'([^']*)'/y;
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const OPERATOR = /&&|\|\||==|!=|<=|>=|[-+*/%<>!()[\].,]/y;

/** Longest expression, characters. */
const MOST_CHARACTERS = 4096;

const WORD_OPERATORS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
]);

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Cuts an expression into tokens; the last is of kind `end`. */
export function tokensOf(text: string): Token[] {
  if (text.length > MOST_CHARACTERS) {
    throw new ExpressionError(
      MOST_CHARACTERS,
      `an expression has at most ${MOST_CHARACTERS} characters`,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, text, at)?.[0].length ?? 0;
    if (at === text.length) {
      tokens.push({ kind: 'end', at });
      return tokens;
    }
    const [token, length] = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
}

function tokenAt(text: string, at: number): [Token, number] {
  const object = match(OBJECT, text, at);
  if (object !== null) {
    return [{ kind: 'object', at, value: Number(object[1]) }, object[0].length];
  }
  const number = match(NUMBER, text, at);
  if (number !== null) return numberAt(text, at, number[0]);
  const string = match(STRING, text, at);
  if (string !== null) {
    return [{ kind: 'string', at, text: string[1] ?? string[2] ?? '' }, string[0].length];
  }
  const name = match(NAME, text, at);
  if (name !== null) {
    const word = WORD_OPERATORS.get(name[0]);
    if (word !== undefined) return [{ kind: 'operator', at, text: word }, name[0].length];
    return [{ kind: 'name', at, text: name[0] }, name[0].length];
  }
  const operator = match(OPERATOR, text, at);
  if (operator !== null) {
    return [{ kind: 'operator', at, text: operator[0] }, operator[0].length];
  }
  const [character = ''] = text.slice(at);
  if (character === '"' || character === "'") {
    throw new ExpressionError(at, 'a string without its end');
  }
  if (character === '=') throw new ExpressionError(at, "'=' alone", "'==' compares");
  throw new ExpressionError(at, `unexpected '${character}'`);
}

function numberAt(text: string, at: number, digits: string): [Token, number] {
  const plain = Number(digits.replaceAll('_', ''));
  const end = at + digits.length;
  const unit = match(UNIT, text, end);
  if (unit === null || /^0[xX]/.test(digits)) {
    const measure: Unit = 'count';
    if (!Number.isFinite(plain)) throw new ExpressionError(at, `'${digits}' is no number`);
    return [{ kind: 'number', at, value: plain, unit: measure }, digits.length];
  }
  const known = UNITS.get(unit[0]);
  if (known === undefined) {
    throw new ExpressionError(
      end,
      `'${unit[0]}' is no unit`,
      'sizes are in B, KiB, MiB, GiB, TiB, kB, MB, GB; durations in ns, us, ms, s, m, h',
    );
  }
  const [measure, factor] = known;
  return [
    { kind: 'number', at, value: plain * factor, unit: measure },
    digits.length + unit[0].length,
  ];
}
