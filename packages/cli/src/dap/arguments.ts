/** Reading the arguments of requests, which may be anything. What does not fit is bad usage. */
import { usage } from '../debug/command.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Arguments as an object; none are an empty one. Throws `bad-usage`. */
export function fieldsOf(value: unknown, what = 'arguments'): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value };
  throw usage(`${what}: an object is wanted`);
}

/** A text; undefined where there is none. Throws `bad-usage`. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw usage(`${name}: a text is wanted`);
}

/** A text that must be there. Throws `bad-usage`. */
export function needText(fields: Fields, name: string): string {
  const value = textOf(fields, name);
  if (value === undefined) throw usage(`${name} is missing`);
  return value;
}

/** A whole number; undefined where there is none. Throws `bad-usage`. */
export function numberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw usage(`${name}: a whole number is wanted`);
}

/** A whole number that must be there. Throws `bad-usage`. */
export function needNumber(fields: Fields, name: string): number {
  const value = numberOf(fields, name);
  if (value === undefined) throw usage(`${name} is missing`);
  return value;
}

/** Yes or no; undefined where nothing is said. Throws `bad-usage`. */
export function flagOf(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  throw usage(`${name}: true or false is wanted`);
}

/** The objects of a list; none are an empty one. Throws `bad-usage`. */
export function listOf(fields: Fields, name: string): Fields[] {
  return itemsOf(fields, name).map((item) => fieldsOf(item, name));
}

/** The texts of a list. Throws `bad-usage`. */
export function textsOf(fields: Fields, name: string): string[] {
  return itemsOf(fields, name).map((item) => {
    if (typeof item === 'string') return item;
    throw usage(`${name}: texts are wanted`);
  });
}

function itemsOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw usage(`${name}: a list is wanted`);
}
