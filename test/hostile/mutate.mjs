/**
 * Seeded damage to bytes: a case is a seed file and a short list of mutations, each with numbers of its own,
 * so that a case can be repeated by its number and shrunk by leaving mutations out.
 */
import { generator } from '../bench/stream.mjs';
import { leb, EXTREMES as NUMBERS } from './shapes/numbers.mjs';

const MOST_MUTATIONS = 4;
const MOST_BYTES = 20_000_000;

const EXTREMES = NUMBERS.map(BigInt);
const VARINTS = [...NUMBERS.map(leb), Buffer.alloc(12, 0xff), Buffer.from('80808000', 'hex')];
const TEXTS = [
  '0',
  '-1',
  '1e9',
  '999999999999999999999',
  '0.0000000001',
  '->',
  ' ',
  '\n',
  '\0',
  '\u00e9',
  'NaN',
];

const cut = (bytes, from, to, put) =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);

/** The length of the varint at a place. */
function varintEnd(bytes, at) {
  let end = at;
  while (end < bytes.length - 1 && bytes[end] >= 128 && end - at < 9) end += 1;
  return end + 1;
}

const BYTE_KINDS = [
  function flipBits(bytes, draw) {
    const copy = Buffer.from(bytes);
    for (let i = 1 + draw(4); i > 0; i -= 1) copy[draw(copy.length)] ^= 1 << draw(8);
    return copy;
  },
  function setByte(bytes, draw) {
    const copy = Buffer.from(bytes);
    copy[draw(copy.length)] = draw(256);
    return copy;
  },
  function truncate(bytes, draw) {
    return bytes.subarray(0, draw(bytes.length));
  },
  function extremeVarint(bytes, draw) {
    const at = draw(bytes.length);
    return cut(bytes, at, varintEnd(bytes, at), VARINTS[draw(VARINTS.length)]);
  },
  function shiftVarint(bytes, draw) {
    const at = draw(bytes.length);
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] & 128) | ((copy[at] + (draw(2) === 0 ? 1 : 127)) & 127);
    return copy;
  },
  function extremeWord(bytes, draw) {
    const copy = Buffer.from(bytes);
    const value = EXTREMES[draw(EXTREMES.length)];
    if (copy.length < 8) return copy;
    const at = draw(copy.length - 7);
    if (draw(2) === 0) copy.writeBigUInt64LE(value, at);
    else copy.writeUInt32BE(Number(value & 0xffffffffn), at);
    return copy;
  },
  function copyBlock(bytes, draw) {
    const from = draw(bytes.length);
    const block = bytes.subarray(from, from + 1 + draw(1 << (1 + draw(14))));
    const to = draw(bytes.length);
    return cut(bytes, to, draw(2) === 0 ? to : to + block.length, block);
  },
  function removeBlock(bytes, draw) {
    const from = draw(bytes.length);
    return cut(bytes, from, from + 1 + draw(1 << (1 + draw(12))), Buffer.alloc(0));
  },
  function swapBlocks(bytes, draw) {
    const size = 1 + draw(4096);
    const a = draw(bytes.length);
    const b = Math.min(bytes.length, a + size + draw(bytes.length));
    return Buffer.concat([
      bytes.subarray(0, a),
      bytes.subarray(b, b + size),
      bytes.subarray(Math.min(a + size, b), b),
      bytes.subarray(a, Math.min(a + size, b)),
      bytes.subarray(b + size),
    ]);
  },
  function splice(bytes, draw, others) {
    const other = others[draw(others.length)];
    return Buffer.concat([
      bytes.subarray(0, draw(bytes.length)),
      other.subarray(draw(other.length)),
    ]);
  },
  function repeat(bytes, draw) {
    const from = draw(bytes.length);
    const block = bytes.subarray(from, from + 1 + draw(2048));
    const most = draw(50) === 0 ? MOST_BYTES / 4 : 100_000;
    const times = Math.min(2 + draw(2000), Math.floor(most / block.length));
    return cut(bytes, from, from, Buffer.concat(Array.from({ length: times }, () => block)));
  },
  function extremeText(bytes, draw) {
    const at = draw(bytes.length);
    return cut(bytes, at, at + 1 + draw(4), Buffer.from(TEXTS[draw(TEXTS.length)]));
  },
];

/** The alterations that a format is damaged by: three in four know its structure, if any do. */
export function kindsFor(structural) {
  if (structural.length === 0) return BYTE_KINDS;
  const weight = Math.max(1, Math.round((3 * BYTE_KINDS.length) / structural.length));
  return [...BYTE_KINDS, ...Array.from({ length: weight }, () => structural).flat()];
}

/** Case `number` of a run: which seed, and which mutations. */
export function caseOf(number, seed, seeds, kinds) {
  // Neighbouring numbers must not give neighbouring draws.
  const draw = generator((Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) | 1);
  for (let i = 0; i < 4; i += 1) draw(2);
  const from = draw(seeds);
  const mutations = Array.from({ length: 1 + draw(MOST_MUTATIONS) }, () => {
    return { kind: kinds[draw(kinds.length)], state: draw(0x7fffffff) | 1 };
  });
  return { from, mutations };
}

/** The bytes of a case. */
export function mutated(seeds, { from, mutations }) {
  let bytes = seeds[from];
  for (const { kind, state } of mutations) {
    if (bytes.length === 0 || bytes.length > MOST_BYTES) break;
    bytes = kind(bytes, generator(state), seeds);
  }
  return bytes;
}

/** Leaves out mutations as long as `fails` says so of the rest. */
export async function shrunk(original, fails) {
  let current = original;
  for (let i = 0; i < current.mutations.length; ) {
    const fewer = { ...current, mutations: current.mutations.filter((_, at) => at !== i) };
    if (fewer.mutations.length > 0 && (await fails(fewer))) current = fewer;
    else i += 1;
  }
  return current;
}

export const nameOf = ({ kind }) => kind.name;
