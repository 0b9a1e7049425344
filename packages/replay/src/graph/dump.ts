/**
 * The graph of a heap dump: its columns without what is nil or outside.
 */
import { checkEdges, NONE, type ObjectGraph } from './graph.ts';

/** The columns that are needed of a dump; the reader of heap dumps gives more. */
export interface DumpColumns {
  readonly params: { readonly pointerBytes: number };
  readonly objects: {
    readonly count: number;
    readonly bytes: Float64Array;
    /** First field of each object; one entry more than objects. */
    readonly firstField: Uint32Array;
    /** Bytes from the beginning of the object to each field. */
    readonly fieldOffset: Uint32Array;
    /** Object that the field refers to, -1 for none. */
    readonly fieldTarget: Int32Array;
    /** Allocation site of each object, -1 for none. */
    readonly site: Int32Array;
  };
  readonly roots: {
    readonly count: number;
    readonly kind: Uint8Array;
    readonly target: Int32Array;
  };
}

/**
 * Objects keep their numbers, groups are allocation sites, `rootKind` is the dump's own and `rootIndex` the root's
 * place in it. Roots of the kinds in `without` are left out.
 */
export function graphOfDump(dump: DumpColumns, without: readonly number[] = []): ObjectGraph {
  const { count, bytes, firstField, fieldOffset, fieldTarget, site } = dump.objects;
  checkEdges(fieldTarget.length);
  const offsets = new Int32Array(count + 1);
  const targets = new Int32Array(fieldTarget.length);
  const words = new Int32Array(fieldTarget.length);
  let edges = 0;
  for (let object = 0; object < count; object += 1) {
    for (let field = firstField[object]; field < firstField[object + 1]; field += 1) {
      if (fieldTarget[field] === NONE) continue;
      targets[edges] = fieldTarget[field];
      words[edges] = Math.floor(fieldOffset[field] / dump.params.pointerBytes);
      edges += 1;
    }
    offsets[object + 1] = edges;
  }
  const rootIndex = Int32Array.from(dump.roots.target.keys()).filter(
    (root) => !without.includes(dump.roots.kind[root]),
  );
  return {
    count,
    offsets,
    targets: targets.slice(0, edges),
    words: words.slice(0, edges),
    sizes: bytes,
    groups: site,
    roots: rootIndex.map((root) => dump.roots.target[root]),
    rootKind: Uint8Array.from(rootIndex, (root) => dump.roots.kind[root]),
    rootIndex,
  };
}
