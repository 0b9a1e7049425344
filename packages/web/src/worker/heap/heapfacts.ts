/**
 * What follows from the whole object graph of one state: who keeps what alive, and how much hangs on it.
 *
 * 1. What needs the state is copied out of it at once. The rest is computed when it is first asked for, and
 *    so can be done bit by bit while the state has gone elsewhere.
 * 2. Facts are kept by position, a few small ones or one large one: a heap of two million objects takes
 *    some 150 MB of them.
 */
import type { World } from '@heaptape/core';
import {
  type Dominators,
  dominatorsOf,
  graphOfWorld,
  type ReverseGraph,
  type RootNames,
  retainedSizes,
  reverseOf,
  rootName,
  type ShortestPaths,
  shortestPaths,
  type Travel,
  WORLD_ROOT_KINDS,
  type WorldGraph,
} from '@heaptape/replay';

/** Objects of a state, the dead included, up to which its graph is made without a job of its own. */
const SMALL = 1 << 16;
/** Events of a tape up to which that is so. */
const MOST_EVENTS = 2_000_000;
/** Facts that are kept. */
const MOST_KEPT = 4;
/** Objects from which on facts are large. */
const LARGE = 200_000;
const PLACE_OBJECTS = 16;

export class HeapFacts {
  readonly event: number;
  readonly graph: WorldGraph;
  /** Type names by site. */
  readonly #types: readonly string[];
  readonly #rootNames: RootNames;
  /** Names of those roots that are specials, by place in the graph's columns. */
  readonly #specials = new Map<number, string>();
  #reverse: ReverseGraph | null = null;
  #paths: ShortestPaths | null = null;
  #dominators: Dominators | null = null;
  #retained: Float64Array | null = null;

  constructor(world: World, event: number, names: RootNames) {
    this.event = event;
    this.graph = graphOfWorld(world);
    this.#types = world.siteNames.slice();
    this.#rootNames = names;
    const { rootKind } = this.graph;
    for (let root = 0; root < rootKind.length; root += 1) {
      if (WORLD_ROOT_KINDS[rootKind[root]] !== 'special') continue;
      this.#specials.set(root, rootName(world, this.graph, root, names));
    }
  }

  get reverse(): ReverseGraph {
    this.#reverse ??= reverseOf(this.graph);
    return this.#reverse;
  }

  get paths(): ShortestPaths {
    this.#paths ??= shortestPaths(this.graph);
    return this.#paths;
  }

  get dominators(): Dominators {
    this.#dominators ??= dominatorsOf(this.graph, this.reverse);
    return this.#dominators;
  }

  get retained(): Float64Array {
    this.#retained ??= retainedSizes(this.graph, this.dominators);
    return this.#retained;
  }

  /** Name of a root, by its place in the graph's columns. */
  rootText(root: number): string {
    const special = this.#specials.get(root);
    if (special !== undefined) return special;
    const index = this.graph.rootIndex[root];
    switch (WORLD_ROOT_KINDS[this.graph.rootKind[root]]) {
      case 'root':
        return this.#rootNames.get(index) ?? `root ${index}`;
      case 'held':
        return `held #${index}`;
      default:
        return `tiny block of P ${index}`;
    }
  }

  /** Type of an object of the graph. */
  typeOf(object: number): string {
    return this.#types[this.graph.groups[object]] ?? '';
  }
}

/** Whether the graph of a state can be asked about at once. Names of roots need a look at the whole tape, too. */
export const isSmall = ({ world, reader }: Travel): boolean =>
  world.objects.count * PLACE_OBJECTS <= SMALL && reader.events <= MOST_EVENTS;

/** Facts by position. */
export class HeapCache {
  readonly #kept = new Map<number, HeapFacts>();

  /** The facts of the state where somebody stands. */
  at(travel: Travel): HeapFacts {
    const { event } = travel.position;
    const known = this.#kept.get(event);
    if (known !== undefined) return known;
    const { world } = travel;
    const named = world.rootCount > 0 ? travel.facts.rootNamesAt(event) : new Map();
    const facts = new HeapFacts(world, event, named);
    const most = facts.graph.count > LARGE ? 1 : MOST_KEPT;
    for (const [key, { graph }] of this.#kept) {
      if (this.#kept.size < most && graph.count <= LARGE) break;
      this.#kept.delete(key);
    }
    this.#kept.set(event, facts);
    return facts;
  }
}
