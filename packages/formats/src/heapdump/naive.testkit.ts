/**
 * A second reader of heap dumps, for tests: slow, in one pass over a whole file, in bigints and rows, and written
 * without a look at the other. It keeps every object record, phantoms too, and walks the graph by brute force.
 */
export interface NaiveObject {
  readonly address: bigint;
  readonly bytes: number;
  readonly offsets: readonly number[];
  readonly values: readonly bigint[];
}

export interface NaiveDump {
  readonly objects: NaiveObject[];
  /** Values of all roots, in words of memory and in records, by what they are. */
  readonly roots: Map<string, bigint[]>;
  readonly finalized: bigint[];
  readonly integers: Map<number, bigint[][]>;
  readonly strings: Map<number, string[]>;
}

/** Integers of the records that have nothing else; 's' is a string. */
const SHAPES: Readonly<Record<number, string>> = {
  2: 'su',
  3: 'uusu',
  4: 'uuuuuuuusuuuu',
  6: 'uuuussu',
  7: 'uuuuu',
  8: 'uu',
  9: 'uuu',
  10: 'u'.repeat(281),
  11: 'uuuuu',
  14: 'uuuuuuu',
  15: 'uuuuuu',
  17: 'uu',
};

export function naiveDump(file: Uint8Array): NaiveDump {
  const bytes = Buffer.from(file);
  let at = bytes.indexOf('\n') + 1;
  let pointerBytes = 8;
  let bigEndian = false;
  const u = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const blob = (): Buffer => {
    const length = Number(u());
    at += length;
    return bytes.subarray(at - length, at);
  };
  const word = (memory: Buffer, offset: number): bigint => {
    if (pointerBytes === 4) {
      return BigInt(bigEndian ? memory.readUInt32BE(offset) : memory.readUInt32LE(offset));
    }
    return bigEndian ? memory.readBigUInt64BE(offset) : memory.readBigUInt64LE(offset);
  };
  const pointers = (memory: Buffer): { offsets: number[]; values: bigint[] } => {
    const offsets: number[] = [];
    for (let kind = u(); kind !== 0n; kind = u()) {
      offsets.push(Number(u()) + (kind === 1n ? 0 : pointerBytes));
    }
    const inside = offsets.filter((offset) => offset + pointerBytes <= memory.length);
    return { offsets: inside, values: inside.map((offset) => word(memory, offset)) };
  };
  const dump: NaiveDump = {
    objects: [],
    roots: new Map(),
    finalized: [],
    integers: new Map(),
    strings: new Map(),
  };
  const root = (kind: string, ...values: bigint[]): void => {
    dump.roots.set(kind, [...(dump.roots.get(kind) ?? []), ...values]);
  };
  for (let tag = Number(u()); tag !== 0; tag = Number(u())) {
    const integers: bigint[] = [];
    const strings: string[] = [];
    if (tag === 1) {
      const address = u();
      const memory = blob();
      dump.objects.push({ address, bytes: memory.length, ...pointers(memory) });
    } else if (tag === 5) {
      integers.push(u(), u(), u());
      const memory = blob();
      integers.push(u(), u(), u());
      strings.push(blob().toString());
      root('frame', ...pointers(memory).values);
    } else if (tag === 12 || tag === 13) {
      integers.push(u());
      root(tag === 12 ? 'data' : 'bss', ...pointers(blob()).values);
    } else if (tag === 16) {
      integers.push(u(), u(), u());
      for (let i = 0n; i < integers[2]; i++) {
        strings.push(blob().toString(), blob().toString());
        integers.push(u());
      }
      integers.push(u(), u());
    } else {
      const shape = SHAPES[tag];
      if (shape === undefined) throw new Error(`tag ${tag} at ${at}`);
      for (const field of shape) {
        if (field === 's') strings.push(blob().toString());
        else integers.push(u());
      }
    }
    if (tag === 6) {
      bigEndian = integers[0] === 1n;
      pointerBytes = Number(integers[1]);
    }
    if (tag === 2) root('other', integers[0]);
    if (tag === 4) root('goroutine', integers[8]);
    if (tag === 7) root('finalizer', integers[1]);
    if (tag === 7) dump.finalized.push(integers[0]);
    if (tag === 11) root('queued-finalizer', integers[0], integers[1]);
    if (tag === 14) root('defer', integers[4]);
    if (tag === 15) root('panic', integers[3]);
    dump.integers.set(tag, [...(dump.integers.get(tag) ?? []), integers]);
    dump.strings.set(tag, [...(dump.strings.get(tag) ?? []), ...strings]);
  }
  return dump;
}

/** Addresses of the objects that the roots reach. */
export function naiveReach(dump: NaiveDump): Set<bigint> {
  const containing = new Map<bigint, NaiveObject>();
  for (const object of dump.objects) {
    for (let offset = 0; offset < object.bytes; offset += 4) {
      containing.set(object.address + BigInt(offset), object);
    }
  }
  const find = (address: bigint): NaiveObject | undefined =>
    containing.get(address - (address % 4n));
  const reached = new Set<bigint>();
  const todo = [...dump.roots.values()].flat();
  for (const address of dump.finalized) todo.push(...(find(address)?.values ?? []));
  for (let address = todo.pop(); address !== undefined; address = todo.pop()) {
    const object = find(address);
    if (object === undefined || reached.has(object.address)) continue;
    reached.add(object.address);
    todo.push(...object.values);
  }
  return reached;
}
