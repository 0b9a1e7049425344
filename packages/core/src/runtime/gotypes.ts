/**
 * The predeclared types, and types made of others, laid out as the compiler lays them out.
 *
 * Fields stand in order, each aligned; a struct is padded to its alignment, and a last field of size
 * zero gets a byte of its own first, so that its address stays inside. Follows
 * `cmd/compile/internal/types/size.go` CalcSize, 64-bit.
 */
import type { GoKind, GoType } from './types.ts';

const WORD = 8;

/** Bytes to which values of the type are aligned. */
export function alignOf({ size, align, pointers = [] }: GoType): number {
  if (align !== undefined) return align;
  if (pointers.length > 0 || size % 8 === 0) return size === 0 ? 1 : WORD;
  return size % 4 === 0 ? 4 : size % 2 === 0 ? 2 : 1;
}

function alignUp(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** `struct{...}` of these fields. */
export function structOf(name: string, fields: readonly GoType[]): GoType {
  let size = 0;
  let align = 1;
  const pointers: number[] = [];
  fields.forEach((field, i) => {
    align = Math.max(align, alignOf(field));
    const offset = alignUp(size, alignOf(field));
    for (const word of field.pointers ?? []) pointers.push(offset / WORD + word);
    size = offset + field.size;
    if (i === fields.length - 1 && field.size === 0 && size > 0) size += 1;
  });
  const type = { name, size: alignUp(size, align), pointers, align };
  // A struct of one field is that field, as far as memory goes.
  const [{ kind } = {}] = fields.length === 1 ? fields : [];
  return kind === undefined ? type : { ...type, kind };
}

/** `[count]elem`. */
export function arrayOf(elem: GoType, count: number): GoType {
  const pointers: number[] = [];
  for (let i = 0; i < count; i += 1) {
    for (const word of elem.pointers ?? []) pointers.push((i * elem.size) / WORD + word);
  }
  const name = `[${count}]${elem.name}`;
  const type = { name, size: count * elem.size, pointers, align: alignOf(elem) };
  return count === 1 && elem.kind !== undefined ? { ...type, kind: elem.kind } : type;
}

/** `*target`. */
export function pointerTo(target: string): GoType {
  return { name: `*${target}`, size: WORD, pointers: [0], kind: 'pointer' };
}

/** `[]elem`: pointer, length, capacity. */
export function sliceOf(elem: string): GoType {
  return { name: `[]${elem}`, size: 3 * WORD, pointers: [0], kind: 'slice' };
}

function plain(name: string, size: number, kind: GoKind): GoType {
  return { name, size, align: Math.min(size, WORD), kind };
}

/** Predeclared types, by Go's names. */
export const GO: {
  readonly bool: GoType;
  readonly int8: GoType;
  readonly int16: GoType;
  readonly int32: GoType;
  readonly int64: GoType;
  readonly int: GoType;
  readonly byte: GoType;
  readonly rune: GoType;
  readonly float32: GoType;
  readonly float64: GoType;
  readonly string: GoType;
  readonly any: GoType;
} = {
  bool: plain('bool', 1, 'bool'),
  int8: plain('int8', 1, 'integer'),
  int16: plain('int16', 2, 'integer'),
  int32: plain('int32', 4, 'integer'),
  int64: plain('int64', 8, 'integer'),
  int: plain('int', 8, 'integer'),
  byte: plain('uint8', 1, 'integer'),
  rune: plain('int32', 4, 'integer'),
  float32: plain('float32', 4, 'float'),
  float64: plain('float64', 8, 'float'),
  string: { name: 'string', size: 2 * WORD, pointers: [0], kind: 'string' },
  any: { name: 'interface {}', size: 2 * WORD, pointers: [0, 1], kind: 'interface' },
};
