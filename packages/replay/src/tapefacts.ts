/**
 * What is known of a tape as a whole, gathered when somebody first asks: names of roots through time,
 * births and deaths of objects; and of its latest state, the object graph.
 */
import { SCALAR, type World } from '@heaptape/core';
import { ALLOCATES, decodeUtf8, EVENTS, EventBatch, type TapeReader } from '@heaptape/schema';
import { cutOf } from './beginning.ts';
import { type Dominators, dominatorsOf } from './graph/dominators.ts';
import { reverseOf } from './graph/graph.ts';
import { retainedSizes } from './graph/retained.ts';
import { graphOfWorld, type WorldGraph } from './graph/world.ts';
import { type ObjectColumns, objectsOf } from './objects.ts';
import { recordedAddresses } from './recordedaddress.ts';
import type { RootNames } from './rootnames.ts';
import { SlotOwners } from './slotowners.ts';
import { eachEvent } from './walk.ts';

interface Naming {
  readonly seq: number;
  readonly root: number;
  readonly name: string;
}

/** A state's object graph and what follows from it. */
export interface GraphFacts {
  readonly graph: WorldGraph;
  readonly dominators: Dominators;
  /** Bytes that each object of the graph retains. */
  readonly retained: ArrayLike<number>;
}

export class TapeFacts {
  readonly reader: TapeReader;
  readonly owners: SlotOwners = new SlotOwners();
  #namings: readonly Naming[] | null = null;
  #objects: ObjectColumns | null = null;
  #addresses: Float64Array | null = null;
  #graph: { readonly seq: number; readonly facts: GraphFacts } | null = null;

  constructor(reader: TapeReader) {
    this.reader = reader;
  }

  /** Every name that a root was given, in tape order. */
  #names(): readonly Naming[] {
    if (this.#namings !== null) return this.#namings;
    const before = cutOf(this.reader)?.rootNames ?? [];
    const found: Naming[] = before.map(([seq, root, name]) => ({ seq, root, name }));
    eachEvent(this.reader, (kind, batch, at, seq) => {
      if (kind !== EVENTS.RootNamed.tag) return;
      const [root, from, length] = batch.args.subarray(at, at + 3);
      found.push({ seq, root, name: decodeUtf8(batch.blob.subarray(from, from + length)) });
    });
    this.#namings = found;
    return found;
  }

  /** Every name that some root has at some time. */
  rootNames(): readonly string[] {
    return [...new Set(this.#names().map(({ name }) => name))];
  }

  /** The names that roots have after event `seq`. */
  rootNamesAt(seq: number): RootNames {
    const names = new Map<number, string>();
    for (const naming of this.#names()) if (naming.seq <= seq) names.set(naming.root, naming.name);
    return names;
  }

  /** Which root has a name after event `seq`, and -1 for none: for one name, made to be asked often. */
  rootFinder(name: string): (seq: number) => number {
    const names = this.#names();
    const given = names.filter((naming) => naming.name === name);
    const spans = given.map(({ seq, root }) => ({
      root,
      from: seq,
      to: names.find((other) => other.root === root && other.seq > seq)?.seq ?? Number.MAX_VALUE,
    }));
    return (seq) => spans.findLast(({ from, to }) => from <= seq && seq < to)?.root ?? -1;
  }

  /** The event that allocated an object; 0 where no event of the tape did. */
  bornOf(ordinal: number): number {
    const { segments } = this.reader;
    if (!(ordinal > 0)) return 0;
    const index = segments.findLastIndex(({ firstOrdinal }) => firstOrdinal <= ordinal);
    if (index < 0) return 0;
    const batch = new EventBatch();
    this.reader.readSegment(index, batch);
    let next = batch.firstOrdinal;
    for (let i = 0; i < batch.count; i += 1) {
      if (ALLOCATES[batch.kinds[i]] === 0) continue;
      if (next === ordinal) return batch.firstSeq + i;
      next += 1;
    }
    return 0;
  }

  /** The event whose sweep freed an object; 0 where none did. The first call folds the whole tape. */
  diedOf(ordinal: number): number {
    this.#objects ??= objectsOf(this.reader);
    return ordinal > 0 && ordinal <= this.#objects.count ? this.#objects.died[ordinal] : 0;
  }

  /** Where each object lay in the recorded process, by ordinal. */
  addresses(): Float64Array {
    this.#addresses ??= recordedAddresses(this.reader);
    return this.#addresses;
  }

  /** The graph of a state of this tape. */
  graphOf(world: World): GraphFacts {
    const seq = world.scalars[SCALAR.seq];
    if (this.#graph?.seq === seq) return this.#graph.facts;
    const graph = graphOfWorld(world);
    const dominators = dominatorsOf(graph, reverseOf(graph));
    const facts = { graph, dominators, retained: retainedSizes(graph, dominators) };
    this.#graph = { seq, facts };
    return facts;
  }
}
