/** Types of simulated Go values, as far as the memory manager cares: size and pointer words. */
import { HeaptapeError } from '@heaptape/schema';

/** What the language makes of a type, where memory depends on that: map keys and boxing. */
export type GoKind = 'bool' | 'integer' | 'float' | 'string' | 'slice' | 'pointer' | 'interface';

/** A Go type. */
export interface GoType {
  /** As Go prints it; for people. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Which 8-byte words hold pointers, ascending; empty or left out for pointer-free types. */
  readonly pointers?: readonly number[];
  /** Bytes: 1, 2, 4 or 8; the largest that divides the size when left out. */
  readonly align?: number;
  /** Left out for everything else: structs, arrays, maps and so on. */
  readonly kind?: GoKind;
  /** Methods of `*T`, by name: what interfaces a pointer to it implements. */
  readonly methods?: readonly string[];
}

/** What one allocation looks like: a value of a type, or an array of them. */
export interface Layout {
  readonly name: string;
  readonly size: number;
  /** Bytes up to the end of the last pointer; 0 is pointer-free. */
  readonly scanBytes: number;
  /** Whether the word holds a pointer. */
  readonly isPointer: (word: number) => boolean;
  /** Methods of a pointer to it; none when left out. */
  readonly methods?: readonly string[];
}

const WORD = 8;

function wordsOf({ name, size, pointers = [] }: GoType): readonly number[] {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new HeaptapeError('bad-usage', `type ${name}: a size of ${size} bytes`);
  }
  let last = -1;
  for (const word of pointers) {
    if (!Number.isInteger(word) || word <= last || (word + 1) * WORD > size) {
      throw new HeaptapeError('bad-usage', `type ${name}: word ${word} cannot be its next pointer`);
    }
    last = word;
  }
  if (pointers.length > 0 && size % WORD !== 0) {
    throw new HeaptapeError('bad-usage', `type ${name}: with pointers its size is a multiple of 8`);
  }
  return pointers;
}

/** The layout of one value. Throws `bad-usage` for a type that no Go program could have. */
export function layoutOf(type: GoType): Layout {
  const pointers = wordsOf(type);
  return {
    name: type.name,
    size: type.size,
    scanBytes: ((pointers[pointers.length - 1] ?? -1) + 1) * WORD,
    isPointer: (word) => pointers.includes(word),
    ...(type.methods === undefined ? {} : { methods: type.methods }),
  };
}

/** The layout of `count` values in `bytes` bytes, which may have room at the end. */
export function arrayLayout(type: GoType, count: number, bytes: number): Layout {
  const { scanBytes, isPointer } = layoutOf(type);
  const stride = type.size / WORD;
  const used = scanBytes === 0 || count === 0 ? 0 : (count - 1) * type.size + scanBytes;
  return {
    name: `[${count}]${type.name}`,
    size: bytes,
    scanBytes: used,
    isPointer: (word) => word < count * stride && isPointer(word % stride),
  };
}
