/**
 * Types as `SetFinalizer` looks at them: pointers, interfaces, functions; and functions as values.
 *
 * 1. A type is its name, except that a pointer type has an element type and perhaps a name of its own,
 *    and an interface has methods.
 * 2. A plain JavaScript function stands for a Go function of the type that is wanted and that closes
 *    over nothing. `Func` is one with a type, and with the objects it closes over: those make it a
 *    closure, which is an object on the heap (code pointer and captured words).
 * 3. Assigning a pointer follows what the runtime checks: the same type; or pointers to the same type
 *    of which one has no name and no methods; or an interface whose methods `*T` has.
 *
 * Follows `runtime/mfinal.go` SetFinalizer and `internal/abi/type.go`, Go 1.26.
 */
import { Obj } from './heap.ts';
import type { Pointer } from './pointers.ts';
import type { GoType } from './types.ts';
import type { Held } from './values.ts';

/** A type by name (`*T` is a pointer to T, `any` the empty interface), or with what a name lacks. */
export type ParamType =
  | string
  | { readonly name: string; readonly pointerTo: string }
  | { readonly name: string; readonly methods: readonly string[] };

export interface FuncType {
  readonly params: readonly ParamType[];
  /** The last parameter is `...T`; it is given as `[]T` or `T`. */
  readonly variadic?: boolean;
  readonly results?: readonly string[];
}

/** A function of the program: a plain one, or a generator function that may block. */
export type FuncBody = (...args: never[]) => unknown;

/** A Go function value. */
export class Func implements Held {
  readonly type: FuncType;
  readonly body: FuncBody;
  /** The closure; null when it closes over nothing. */
  readonly closure: Obj | null;
  readonly captures: readonly Obj[];

  constructor(type: FuncType, body: FuncBody, closure: Obj | null, captures: readonly Obj[]) {
    this.type = type;
    this.body = body;
    this.closure = closure;
    this.captures = captures;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.closure];
  }

  /** As Go prints it. */
  get typeName(): string {
    const { params, variadic = false, results = [] } = this.type;
    const names = params.map(paramName);
    const last = names.length - 1;
    if (variadic && last >= 0) names[last] = `...${names[last].replace(/^\[\]/, '')}`;
    const result = results.length > 1 ? ` (${results.join(', ')})` : results.map((r) => ` ${r}`);
    return `func(${names.join(', ')})${result}`;
  }
}

/** Layout of a closure: a code pointer, then the captured pointers. */
export function closureType(captures: number): GoType {
  const pointers = Array.from({ length: captures }, (_, i) => i + 1);
  return { name: 'func literal', size: 8 + 8 * captures, pointers };
}

function paramName(type: ParamType): string {
  const name = typeof type === 'string' ? type : type.name;
  return name === 'any' ? 'interface {}' : name;
}

/** Name of a pointer's type. */
export function pointerTypeName(pointer: Obj | Pointer): string {
  if (pointer.pointerName !== '') return pointer.pointerName;
  return `*${pointer instanceof Obj ? pointer.layout.name : pointer.elem.name}`;
}

/** Whether a finalizer with this parameter takes the object. */
export function takes(param: ParamType, object: Obj): boolean {
  const own = pointerTypeName(object);
  const name = paramName(param);
  const methods = object.layout.methods ?? [];
  if (name === own) return true;
  if (typeof param === 'object' && 'methods' in param) {
    const has = object.pointerName === '' ? methods : [];
    return param.methods.every((method) => has.includes(method));
  }
  if (name === 'interface {}') return true;
  const named = typeof param === 'object';
  const elem = named ? param.pointerTo : name.startsWith('*') ? name.slice(1) : null;
  if (elem !== object.layout.name) return false;
  // What the runtime asks is whether a type has a name or methods of its own, not a name alone.
  const plain = methods.length === 0;
  return (!named && plain) || (object.pointerName === '' && plain);
}
