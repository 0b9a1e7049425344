/**
 * Values that can be opened: what a client gets a reference for, and asks the children of.
 *
 * References are good until the next move. A node is made when its parent is shown and gives its children
 * when they are asked for, a page at a time where there may be many. What a child is called in the
 * debugger's language is kept, so that a data breakpoint can be made of it.
 */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { References } from './references.ts';

/** A child as it is shown. `open` makes the node that its own children come from. */
export interface Item {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** Its name in the language of expressions. */
  readonly expression?: string;
  /** What to watch for a change of it, as `watch` takes it; the expression where it is left out. */
  readonly watch?: string;
  readonly address?: string;
  readonly open?: Node;
}

export interface Node {
  /** How many children come with names; and how many by number, which may be many and come in pages. */
  readonly named: number;
  readonly indexed: number;
  namedItems(): readonly Item[];
  indexedItems(start: number, count: number): readonly Item[];
}

/** A node whose few children are made at once. */
export function list(items: () => readonly Item[], named: number): Node {
  return { named, indexed: 0, namedItems: items, indexedItems: () => [] };
}

/** A node with children by number only. */
export function paged(
  indexed: number,
  indexedItems: (start: number, count: number) => readonly Item[],
): Node {
  return { named: 0, indexed, namedItems: () => [], indexedItems };
}

/** Children that are given where the client names no number. */
const MOST_UNPAGED = 10_000;

export class Values {
  readonly #nodes = new References<{ readonly node: Node; readonly shown: Map<string, Item> }>();

  /** After a move all references are void. */
  forget(): void {
    this.#nodes.forget();
  }

  /** A reference to a node. */
  keep(node: Node): number {
    return this.#nodes.keep({ node, shown: new Map() });
  }

  /** Children of the node with a reference; undefined where the reference is void. */
  children(
    reference: number,
    filter: string | undefined,
    start: number,
    count: number,
  ): DebugProtocol.Variable[] | undefined {
    const kept = this.#nodes.get(reference);
    if (kept === undefined) return undefined;
    const { node, shown } = kept;
    const many = count === 0 ? MOST_UNPAGED : Math.min(count, MOST_UNPAGED);
    const items: Item[] = [];
    if (filter !== 'indexed') {
      const named = node.namedItems();
      items.push(
        ...(count === 0 || filter === undefined ? named : named.slice(start, start + many)),
      );
    }
    if (filter !== 'named' && start < node.indexed) {
      items.push(...node.indexedItems(start, Math.min(many, node.indexed - start)));
    }
    for (const item of items) shown.set(item.name, item);
    return items.map((item) => this.variable(item));
  }

  /** A child of a node by its name; undefined where it has not been shown. */
  childOf(reference: number, name: string): Item | undefined {
    return this.#nodes.get(reference)?.shown.get(name);
  }

  variable(item: Item): DebugProtocol.Variable {
    const { name, value, type, expression, address, open } = item;
    return {
      name,
      value,
      variablesReference: open === undefined ? 0 : this.keep(open),
      ...(type === undefined ? {} : { type }),
      ...(expression === undefined ? {} : { evaluateName: expression }),
      ...(address === undefined ? {} : { memoryReference: address }),
      ...(open === undefined || open.named === 0 ? {} : { namedVariables: open.named }),
      ...(open === undefined || open.indexed === 0 ? {} : { indexedVariables: open.indexed }),
    };
  }
}
