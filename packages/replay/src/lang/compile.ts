/**
 * From a tree to something that can be read, with types checked on the way.
 *
 * Numbers carry what they measure: bytes and durations cannot be compared with each other, a plain number
 * goes with either. nil is the value of what is not there (an object before its birth, a column that
 * the event does not have, a division by zero): arithmetic on it gives nil, an order with it is false,
 * and `==` and `!=` tell it apart. Nothing here can throw once an expression is compiled.
 */
import { EVENTS } from '@heaptape/schema';
import type { TapeFacts } from '../tapefacts.ts';
import { columnNode, EVENT_COLUMNS } from './columns.ts';
import { ExpressionError } from './errors.ts';
import { kindsOf } from './kinds.ts';
import { STATE_NAMES } from './names.ts';
import { ALL_KINDS, constantNode, type Node, stateNode } from './node.ts';
import { ATTRIBUTES, attributeNode, wordNode } from './objects.ts';
import { infixNode, prefixNode } from './operators.ts';
import type { Tree } from './parse.ts';
import { BOOLEAN, BYTES, COUNT, GOROUTINE, NIL, OBJECT, STRING, typeName } from './values.ts';

/** Words that stand for themselves: colours, phases, kinds of event. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ...['white', 'grey', 'black', 'free', 'unborn', 'dead', 'freed'].map((word): [string, string] => [
    word,
    word,
  ]),
  ['gray', 'grey'],
  ['off', '_GCoff'],
  ['mark', '_GCmark'],
  ['marktermination', '_GCmarktermination'],
  ['_GCoff', '_GCoff'],
  ['_GCmark', '_GCmark'],
  ['_GCmarktermination', '_GCmarktermination'],
  ...Object.keys(EVENTS).map((name): [string, string] => [name, name]),
]);

/** Names that are followed by a field or an index. */
const OPENERS = ['root', 'global', 'goroutine'];

/** Every name that an expression can begin with, for completion. */
export const BARE_NAMES: readonly string[] = [
  ...STATE_NAMES.keys(),
  ...['event', 'kind', 'true', 'false', 'nil', 'min', 'max', 'abs', 'contains'],
  ...OPENERS,
  ...WORDS.keys(),
];

export class Compiler {
  readonly #facts: TapeFacts;

  constructor(facts: TapeFacts) {
    this.#facts = facts;
  }

  compile(tree: Tree): Node {
    switch (tree.is) {
      case 'number':
        return constantNode({ of: 'number', unit: tree.unit }, tree.value);
      case 'string':
        return constantNode(STRING, tree.text);
      case 'object':
        return constantNode(OBJECT, tree.ordinal);
      case 'name':
        return this.#name(tree.name, tree.at);
      case 'prefix':
        return prefixNode(tree.op, tree.at, this.compile(tree.of));
      case 'infix':
        return infixNode(tree.op, tree.at, this.compile(tree.left), this.compile(tree.right));
      case 'field':
        return this.#field(tree.of, tree.name, tree.at);
      case 'index':
        return this.#index(tree.of, tree.index, tree.at);
      case 'call':
        return this.#call(tree.name, tree.args, tree.at);
    }
  }

  #name(name: string, at: number): Node {
    const state = STATE_NAMES.get(name);
    if (state !== undefined) {
      const { type, changedBy, grows, read } = state;
      return stateNode(type, changedBy, ({ world }) => read(world), grows);
    }
    if (name === 'event') return EVENT_NUMBER;
    if (name === 'kind') return this.#column('kind', at);
    if (name === 'true' || name === 'false') return constantNode(BOOLEAN, name === 'true');
    if (name === 'nil') return constantNode(NIL, null);
    const word = WORDS.get(name);
    if (word !== undefined) return constantNode(STRING, word);
    if (OPENERS.includes(name)) {
      throw new ExpressionError(at, `'${name}' alone`, `${name}[…] is meant`);
    }
    throw new ExpressionError(at, `there is no name '${name}'`, nearest(name, BARE_NAMES));
  }

  #column(name: string, at: number): Node {
    const node = columnNode(name);
    if (node !== undefined) return node;
    throw new ExpressionError(at, `no event has a column '${name}'`, nearest(name, EVENT_COLUMNS));
  }

  #field(of: Tree, name: string, at: number): Node {
    if (of.is === 'name' && of.name === 'event') return this.#column(name, at);
    if (of.is === 'name' && of.name === 'global') return this.#root(`global ${name}`, at);
    const node = this.compile(of);
    if (node.type.of === 'goroutine') return goroutineNode(node, name, at);
    if (node.type.of !== 'object') {
      throw new ExpressionError(at, `${typeName(node.type)} has no fields`);
    }
    const found = attributeNode(node, name);
    if (found !== undefined) return found;
    const hint = nearest(name, Object.keys(ATTRIBUTES));
    throw new ExpressionError(at, `objects have no '${name}'`, hint);
  }

  #index(of: Tree, index: Tree, at: number): Node {
    if (of.is === 'name' && OPENERS.includes(of.name)) return this.#opened(of.name, index);
    const node = this.compile(of);
    if (node.type.of !== 'object')
      throw new ExpressionError(at, `${typeName(node.type)} has no words`);
    const place = this.compile(index);
    if (place.type.of === 'number') return wordNode(node, place);
    throw new ExpressionError(index.at, 'the index of a word is a number');
  }

  #opened(opener: string, index: Tree): Node {
    const place = this.compile(index);
    if (opener === 'goroutine') {
      if (place.type.of === 'number') return { ...place, type: GOROUTINE };
      throw new ExpressionError(index.at, 'a goroutine is named by its number');
    }
    if (opener === 'root' && place.type.of === 'number') return rootNode(place);
    if (index.is !== 'string') {
      throw new ExpressionError(index.at, `${opener}[…] takes a name in quotes`);
    }
    return this.#root(opener === 'global' ? `global ${index.text}` : index.text, index.at);
  }

  #root(name: string, at: number): Node {
    const known = this.#facts.rootNames();
    if (!known.includes(name)) {
      const hint = known.length === 0 ? 'this tape names no roots' : nearest(name, known);
      throw new ExpressionError(at, `no root is called '${name}'`, hint);
    }
    const finder = this.#facts.rootFinder(name);
    return stateNode(OBJECT, ROOTS, ({ world, seq, facts }) => {
      const root = finder(seq);
      return root < 0 || root >= world.rootCount
        ? null
        : facts.owners.target(world, world.roots[root]) || null;
    });
  }

  #call(name: string, args: readonly Tree[], at: number): Node {
    const nodes = args.map((arg) => this.compile(arg));
    const expected = { min: 2, max: 2, abs: 1, contains: 2 }[name];
    if (expected === undefined) {
      throw new ExpressionError(at, `there is no function '${name}'`, 'min, max, abs, contains');
    }
    if (nodes.length !== expected) {
      throw new ExpressionError(at, `${name} takes ${expected} value${expected === 1 ? '' : 's'}`);
    }
    if (name === 'abs') return prefixNode('abs', at, nodes[0]);
    return infixNode(name, at, nodes[0], nodes[1]);
  }
}

const EVENT_NUMBER: Node = stateNode(COUNT, ALL_KINDS, ({ seq }) => seq, true);

const ROOTS = kindsOf(
  'RootStored',
  'RootNamed',
  'PoolsCleaned',
  'ObjectAllocated',
  'GCMarkTerminated',
  'SpanSwept',
  'HeapCompacted',
  'FinalizerQueued',
);

function rootNode(place: Node): Node {
  return {
    ...stateNode(OBJECT, ALL_KINDS, (moment) => {
      const root = place.read(moment);
      const { world, facts } = moment;
      if (typeof root !== 'number' || !(root >= 0 && root < world.rootCount)) return null;
      return facts.owners.target(world, world.roots[root]) || null;
    }),
    changedBy: place.constant ? ROOTS : ALL_KINDS,
    ofEvent: place.ofEvent,
  };
}

const GOROUTINES = kindsOf('GoroutineStarted', 'GoroutineExited', 'StackUsed', 'StackPlaced');

function goroutineNode(of: Node, name: string, at: number): Node {
  if (name !== 'alive' && name !== 'stack' && name !== 'used') {
    throw new ExpressionError(at, `goroutines have no '${name}'`, 'alive, stack, used');
  }
  const node = stateNode(name === 'alive' ? BOOLEAN : BYTES, GOROUTINES, (moment) => {
    const g = of.read(moment);
    const { goroutines } = moment.world;
    const there = typeof g === 'number' && goroutines.has(g);
    if (name === 'alive') return there;
    return there ? goroutines[name === 'stack' ? 'bytes' : 'used'][goroutines.row(g)] : null;
  });
  return { ...node, changedBy: of.constant ? GOROUTINES : ALL_KINDS, ofEvent: of.ofEvent };
}

/** A hint that names what is spelled much like it, and the beginning of what there is. */
function nearest(name: string, names: readonly string[]): string {
  const wanted = name.toLowerCase();
  const near = names.filter((one) => {
    const other = one.toLowerCase();
    return (
      other === wanted || other.includes(wanted) || (other.length > 2 && wanted.includes(other))
    );
  });
  const shown = (near.length > 0 ? near : names).slice(0, 8).join(', ');
  return near.length > 0
    ? `did you mean ${shown}?`
    : `there are ${shown}${names.length > 8 ? ', …' : ''}`;
}
