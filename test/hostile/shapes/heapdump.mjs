/**
 * Heap dumps by their records: taken apart, altered and put together again.
 *
 * A dump is a list of records `{ tag, fields }`. A field is a number, a byte string, or a list of pointers
 * `[kind, offset]…`; a byte string may have `lie`, another length than its own.
 */
import { ByteReader, EXTREMES, otherNumber, putUint } from './numbers.mjs';

const MAGIC = 'go1.7 heap dump\n';
const MOST_BYTES = 15_000_000;

/** The fields of each record: `u` a number, `s` bytes, `P` pointers, `C` a count and so many calls. */
const SHAPES = {
  0: '',
  1: 'usP',
  2: 'su',
  3: 'uusu',
  4: 'uuuuuuuusuuuu',
  5: 'uuusuuusP',
  6: 'uuuussu',
  7: 'uuuuu',
  8: 'uu',
  9: 'uuu',
  10: 'u'.repeat(281),
  11: 'uuuuu',
  12: 'usP',
  13: 'usP',
  14: 'uuuuuuu',
  15: 'uuuuuu',
  16: 'uuCuu',
  17: 'uu',
};
const TAGS = Object.keys(SHAPES).map(Number);

function pointers(reader) {
  const list = [];
  for (let kind = reader.uint(); kind !== 0; kind = reader.uint()) list.push([kind, reader.uint()]);
  return list;
}

function parseDump(bytes) {
  const reader = new ByteReader(bytes);
  const head = reader.take(Math.min(MAGIC.length, bytes.length));
  const records = [];
  while (!reader.done) {
    const tag = Number(reader.uint());
    const shape = SHAPES[tag];
    if (shape === undefined) throw new RangeError(`no record has tag ${tag}`);
    const fields = [];
    for (const part of shape) {
      if (part === 'u') fields.push(reader.uint());
      else if (part === 's') fields.push(reader.take(reader.uint()));
      else if (part === 'P') fields.push(pointers(reader));
      else {
        const calls = reader.uint();
        fields.push(calls);
        for (let i = 0; i < calls; i += 1)
          fields.push(reader.take(reader.uint()), reader.take(reader.uint()), reader.uint());
      }
    }
    records.push({ tag, fields });
    if (tag === 0) break;
  }
  return { head, records };
}

function printDump({ head, records }) {
  const parts = [head];
  let total = 0;
  let out = [];
  const bytes = (value) => {
    parts.push(Buffer.from(out), value);
    total += value.length;
    out = [];
  };
  for (const { tag, fields } of records) {
    putUint(out, tag);
    for (const field of fields) {
      if (field instanceof Uint8Array) {
        putUint(out, field.lie ?? field.length);
        if (field.length > 256) bytes(field);
        else for (const byte of field) out.push(byte);
      } else if (Array.isArray(field)) {
        for (const [kind, offset] of field) {
          putUint(out, kind);
          putUint(out, offset);
        }
        putUint(out, 0);
      } else putUint(out, field);
    }
    if (total + out.length > MOST_BYTES) break;
  }
  return Buffer.concat([...parts, Buffer.from(out)]);
}

const pick = (list, draw) => list[draw(list.length)];
const isNumber = (value) => typeof value === 'number' || typeof value === 'bigint';
const OBJECT = 1;
const addressesOf = (records) =>
  records.flatMap(({ tag, fields }) => (tag === OBJECT ? [fields[0]] : []));

/** Replaces one record, of a tag among `tags` if there are any, by what `alter` makes of a copy. */
function alterRecord(dump, draw, tags, alter) {
  const places = dump.records.flatMap(({ tag }, i) =>
    tags === null || tags.includes(tag) ? [i] : [],
  );
  if (places.length === 0) return dump;
  const at = pick(places, draw);
  const record = { ...dump.records[at], fields: dump.records[at].fields.slice() };
  return { ...dump, records: dump.records.with(at, alter(record) ?? record) };
}

const placesOf = (fields, test) => fields.flatMap((field, i) => (test(field) ? [i] : []));
const WITH_MEMORY = [1, 5, 12, 13];

function alterNumber(dump, draw, tags) {
  return alterRecord(dump, draw, tags, ({ fields }) => {
    const places = placesOf(fields, isNumber);
    if (places.length === 0) return;
    const at = pick(places, draw);
    const elsewhere = draw(2) === 0 ? addressesOf(dump.records) : fields.filter(isNumber);
    fields[at] = otherNumber(fields[at], draw, elsewhere);
  });
}

function alterBytes(dump, draw) {
  return alterRecord(dump, draw, null, ({ fields }) => {
    const places = placesOf(fields, (field) => field instanceof Uint8Array);
    if (places.length === 0) return;
    const at = pick(places, draw);
    const bytes = Buffer.from(fields[at]);
    const kind = draw(5);
    if (kind === 0) bytes.lie = pick(EXTREMES, draw);
    else if (kind === 1) bytes.lie = Math.max(0, bytes.length + draw(17) - 8);
    else if (kind === 2 && bytes.length > 0) bytes[draw(bytes.length)] = draw(256);
    fields[at] = kind === 3 ? bytes.subarray(0, draw(bytes.length + 1)) : bytes;
    if (kind === 4) fields[at] = Buffer.concat([bytes, Buffer.alloc(1 << draw(17), draw(256))]);
  });
}

/** Puts a word into memory: the address of an object, of its inside, or an extreme. */
function alterMemory(dump, draw) {
  return alterRecord(dump, draw, WITH_MEMORY, ({ fields }) => {
    const at = fields.findIndex((field) => field instanceof Uint8Array);
    const bytes = Buffer.from(fields[at]);
    if (bytes.length < 8) return;
    const value = otherNumber(0, draw, addressesOf(dump.records));
    bytes.writeBigUInt64LE(BigInt(value) & ((1n << 64n) - 1n), 8 * draw(bytes.length >> 3));
    fields[at] = bytes;
  });
}

function alterPointers(dump, draw) {
  return alterRecord(dump, draw, WITH_MEMORY, ({ fields }) => {
    const at = fields.findIndex(Array.isArray);
    const list = fields[at].slice();
    const kind = draw(6);
    const offset = draw(2) === 0 ? 8 * draw(64) : pick(EXTREMES, draw);
    if (kind === 0) list.splice(draw(list.length + 1), 0, [1, offset]);
    else if (kind === 1) list.splice(draw(list.length + 1), 1);
    else if (kind === 2) list.reverse();
    else if (kind === 3) list.push([draw(6), offset]);
    else if (kind === 4) for (let i = draw(2000); i > 0; i -= 1) list.push([1, 8 * i]);
    else if (list.length > 0) list[draw(list.length)] = [1 + draw(4), offset];
    fields[at] = list;
  });
}

/** Another object of this size begins where, or nearly where, an object does. */
function overlap(dump, draw) {
  return alterRecord(dump, draw, [OBJECT], ({ fields }) => {
    const other = BigInt(pick(addressesOf(dump.records), draw));
    fields[0] = BigInt.asUintN(64, other + BigInt(draw(33) - 16));
  });
}

/** Very many records like one, each with the next number in one of its fields. */
function flood(dump, draw) {
  const at = draw(dump.records.length);
  const { tag, fields } = dump.records[at];
  const places = placesOf(fields, isNumber);
  if (places.length === 0) return dump;
  const cell = pick(places, draw);
  const step = BigInt([0, 1, 8, 64, 8192, 1 << 26][draw(6)]);
  const from = BigInt(fields[cell]);
  const count = Math.min(
    1 + draw(3000),
    Math.floor(400_000 / printDump({ head: Buffer.alloc(0), records: [dump.records[at]] }).length),
  );
  const many = Array.from({ length: count }, (_, i) => {
    return { tag, fields: fields.with(cell, BigInt.asUintN(64, from + step * BigInt(i))) };
  });
  return { ...dump, records: dump.records.toSpliced(at, 0, ...many) };
}

const range = (list, draw) => {
  const from = draw(list.length);
  return [from, from + 1 + draw(6)];
};

const ALTERATIONS = {
  dropRecords: (dump, draw) => {
    const [from, to] = range(dump.records, draw);
    return { ...dump, records: dump.records.filter((_, i) => i < from || i >= to) };
  },
  repeatRecords: (dump, draw) => {
    const [from, to] = range(dump.records, draw);
    const at = draw(dump.records.length);
    return { ...dump, records: dump.records.toSpliced(at, 0, ...dump.records.slice(from, to)) };
  },
  moveRecord: (dump, draw) => {
    const records = dump.records.slice();
    const [one] = records.splice(draw(records.length), 1);
    records.splice(draw(records.length + 1), 0, one);
    return { ...dump, records };
  },
  reverseRecords: (dump, draw) => {
    const [from] = range(dump.records, draw);
    const to = from + draw(60);
    const part = dump.records.slice(from, to).reverse();
    return {
      ...dump,
      records: [...dump.records.slice(0, from), ...part, ...dump.records.slice(to)],
    };
  },
  spliceDump: (dump, draw, other) => ({
    ...dump,
    records: [
      ...dump.records.slice(0, draw(dump.records.length)),
      ...other.records.slice(draw(other.records.length)),
    ],
  }),
  alterTag: (dump, draw) =>
    alterRecord(dump, draw, null, ({ fields }) => ({
      tag: draw(20) === 0 ? draw(300) : pick(TAGS, draw),
      fields,
    })),
  alterAnyNumber: (dump, draw) => alterNumber(dump, draw, null),
  alterObjectNumber: (dump, draw) => alterNumber(dump, draw, [OBJECT]),
  alterParams: (dump, draw) => alterNumber(dump, draw, [6]),
  alterStacks: (dump, draw) => alterNumber(dump, draw, [4, 5, 14, 15]),
  alterSpecials: (dump, draw) => alterNumber(dump, draw, [7, 11, 16, 17]),
  alterBytes,
  alterMemory,
  alterPointers,
  overlap,
  flood,
};

const parsed = new WeakMap();

function parseOnce(bytes) {
  let dump = parsed.get(bytes);
  if (dump === undefined) {
    dump = parseDump(bytes);
    parsed.set(bytes, dump);
  }
  return dump;
}

/** Alterations of bytes, as `mutate.mjs` has them. What is no dump any more stays as it is. */
export const DUMP_KINDS = Object.entries(ALTERATIONS).map(([name, alter]) => {
  const kind = (bytes, draw, others) => {
    try {
      const dump = parseOnce(bytes);
      if (dump.records.length === 0) return bytes;
      return printDump(alter(dump, draw, parseOnce(pick(others, draw))));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return bytes;
    }
  };
  return Object.defineProperty(kind, 'name', { value: name });
});

/** The first records of each kind of a dump, and objects enough that its pointers lead somewhere. */
export function thinnedDump(bytes, most) {
  const { head, records } = parseDump(bytes);
  const limits = {
    1: most,
    3: 12,
    8: 6,
    4: 5,
    5: 24,
    9: 2,
    12: 1,
    13: 1,
    16: 8,
    17: 16,
    7: 8,
    11: 4,
  };
  const wanted = records.flatMap(({ tag, fields }) => {
    return tag === 7 || tag === 11 ? fields.slice(0, 2).map(Number) : [];
  });
  const isWanted = ([address, memory]) =>
    wanted.some((place) => place >= address && place < Number(address) + memory.length);
  const seen = new Map();
  const step = Math.ceil(addressesOf(records).length / most);
  let objects = 0;
  const kept = records.filter(({ tag, fields }) => {
    if (tag === OBJECT) {
      objects += 1;
      return Math.floor(objects / 16) % step === 0 || isWanted(fields);
    }
    seen.set(tag, (seen.get(tag) ?? 0) + 1);
    return seen.get(tag) <= (limits[tag] ?? Infinity);
  });
  const cut = ({ tag, fields }) => {
    if (!WITH_MEMORY.includes(tag) || tag === OBJECT) return { tag, fields };
    const at = fields.findIndex((field) => field instanceof Uint8Array);
    const memory = fields[at].subarray(0, 96);
    const list = fields.at(-1).filter(([, offset]) => offset + 8 <= memory.length);
    return { tag, fields: fields.with(at, memory).with(-1, list) };
  };
  const rooted = kept
    .map(cut)
    .filter(({ tag, fields }) => tag !== OBJECT || fields[1].length <= 512);
  return printDump({ head, records: rooted });
}
