/** Operators and functions of the condition language: types first, then values. */
import { ExpressionError } from './errors.ts';
import { combined, type Node } from './node.ts';
import type { Unit } from './tokens.ts';
import { BOOLEAN, COUNT, type Moment, typeName, type Value, type ValueType } from './values.ts';

type Apply = (a: Value, b: Value) => Value;

const arithmetic =
  (apply: (a: number, b: number) => number): Apply =>
  (a, b) => {
    if (typeof a !== 'number' || typeof b !== 'number') return null;
    const value = apply(a, b);
    return Number.isFinite(value) ? value : null;
  };

const order =
  (apply: (a: number, b: number) => boolean): Apply =>
  (a, b) =>
    typeof a === 'number' && typeof b === 'number' && apply(a, b);

const APPLY: Readonly<Record<string, Apply>> = {
  '+': arithmetic((a, b) => a + b),
  '-': arithmetic((a, b) => a - b),
  '*': arithmetic((a, b) => a * b),
  '/': arithmetic((a, b) => a / b),
  '%': arithmetic((a, b) => a % b),
  min: arithmetic((a, b) => Math.min(a, b)),
  max: arithmetic((a, b) => Math.max(a, b)),
  '<': order((a, b) => a < b),
  '<=': order((a, b) => a <= b),
  '>': order((a, b) => a > b),
  '>=': order((a, b) => a >= b),
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  contains: (a, b) => typeof a === 'string' && typeof b === 'string' && a.includes(b),
};

const unitOf = (type: ValueType): Unit | undefined =>
  type.of === 'number' ? type.unit : undefined;

/** What both numbers measure, where they can stand beside each other; undefined where they cannot. */
function common(a: Unit, b: Unit): Unit | undefined {
  if (a === b || b === 'count') return a;
  return a === 'count' ? b : undefined;
}

/** Type of an operation on numbers; undefined where the two do not go together. */
function numberType(op: string, a: Unit, b: Unit): ValueType | undefined {
  if (op === '*') {
    const unit = a === 'count' ? b : a;
    return { of: 'number', unit: a !== 'count' && b !== 'count' ? 'count' : unit };
  }
  if (op === '/') return a !== 'count' && b === 'count' ? { of: 'number', unit: a } : COUNT;
  if (a === 'addr' && b === 'addr' && op === '-') return { of: 'number', unit: 'bytes' };
  if (a === 'addr' && b === 'bytes' && (op === '+' || op === '-')) return { of: 'number', unit: a };
  const unit = common(a, b);
  return unit === undefined ? undefined : { of: 'number', unit };
}

const ORDERS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);
const MISMATCH = 'a size and a duration cannot be compared; a plain number goes with either';

function refuse(op: string, at: number, a: ValueType, b: ValueType): never {
  const both = a.of === 'number' && b.of === 'number';
  throw new ExpressionError(
    at,
    `'${op}' between ${typeName(a)} and ${typeName(b)}`,
    both ? MISMATCH : undefined,
  );
}

function typeOf(op: string, at: number, a: ValueType, b: ValueType): ValueType {
  if (op === '==' || op === '!=') {
    const nil = a.of === 'nil' || b.of === 'nil';
    const numbers = a.of === 'number' && b.of === 'number';
    const alike = numbers ? common(a.unit, b.unit) !== undefined : a.of === b.of;
    return nil || alike ? BOOLEAN : refuse(op, at, a, b);
  }
  if (op === 'contains') {
    return a.of === 'string' && b.of === 'string' ? BOOLEAN : refuse(op, at, a, b);
  }
  const [left, right] = [unitOf(a), unitOf(b)];
  if (left === undefined || right === undefined) return refuse(op, at, a, b);
  if (ORDERS.has(op)) return common(left, right) === undefined ? refuse(op, at, a, b) : BOOLEAN;
  return numberType(op, left, right) ?? refuse(op, at, a, b);
}

/** Whether an operation on values that only grow, or stay, only grows. */
function grows(op: string, a: Node, b: Node): boolean {
  if (op === '+' || op === 'min' || op === 'max') return a.grows && b.grows;
  if (op === '>' || op === '>=') return a.grows && b.constant;
  if (op === '<' || op === '<=') return a.constant && b.grows;
  return false;
}

export function infixNode(op: string, at: number, a: Node, b: Node): Node {
  if (op === '&&' || op === '||') return logicNode(op, at, a, b);
  const apply = APPLY[op];
  const node: Node = {
    ...combined([a, b]),
    type: typeOf(op, at, a.type, b.type),
    grows: grows(op, a, b),
    read: (moment) => apply(a.read(moment), b.read(moment)),
    known: (tag) => {
      const left = a.known(tag);
      const right = b.known(tag);
      return left === undefined || right === undefined
        ? orderWithNil(op, left, right)
        : apply(left, right);
    },
  };
  return node.constant ? { ...node, grows: true } : node;
}

/** An order in which one side is nil is false, whatever the other is. */
function orderWithNil(op: string, a: Value | undefined, b: Value | undefined): Value | undefined {
  return ORDERS.has(op) && (a === null || b === null) ? false : undefined;
}

function logicNode(op: string, at: number, a: Node, b: Node): Node {
  if (a.type.of !== 'boolean' || b.type.of !== 'boolean') return refuse(op, at, a.type, b.type);
  /** The value of one side that settles the whole. */
  const settles = op === '||';
  return {
    ...combined([a, b]),
    type: BOOLEAN,
    grows: a.grows && b.grows,
    read: (moment) =>
      settles
        ? a.read(moment) === true || b.read(moment) === true
        : a.read(moment) === true && b.read(moment) === true,
    known: (tag) => {
      const left = a.known(tag);
      const right = b.known(tag);
      if (left === settles || right === settles) return settles;
      return left === undefined || right === undefined ? undefined : !settles;
    },
  };
}

export function prefixNode(op: string, at: number, of: Node): Node {
  const parts = combined([of]);
  if (op === '!') {
    if (of.type.of !== 'boolean') {
      throw new ExpressionError(at, `'!' before ${typeName(of.type)}`);
    }
    return {
      ...parts,
      type: BOOLEAN,
      grows: of.constant,
      read: (moment) => of.read(moment) !== true,
      known: (tag) => {
        const value = of.known(tag);
        return value === undefined ? undefined : value !== true;
      },
    };
  }
  if (of.type.of !== 'number') throw new ExpressionError(at, `'${op}' before ${typeName(of.type)}`);
  const apply = (value: Value): Value => {
    if (typeof value !== 'number') return null;
    return op === 'abs' ? Math.abs(value) : 0 - value;
  };
  return {
    ...parts,
    type: of.type,
    grows: of.constant,
    read: (moment: Moment) => apply(of.read(moment)),
    known: (tag) => {
      const value = of.known(tag);
      return value === undefined ? undefined : apply(value);
    },
  };
}
