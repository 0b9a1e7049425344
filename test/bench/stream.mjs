/**
 * The graph stream: the mixed workload that several benchmarks share.
 *
 * 1. Fill: every root gets an object; then `warm` operations of the mix, until about as much dies as is
 *    born. Not timed.
 * 2. Mix: 60 % allocations, 30 % pointer stores, 10 % root stores, drawn by a fixed generator.
 *
 * A real program can only use what it can reach, so a store names either the newest object (nothing has
 * been allocated since) or one that a root holds. Nine in ten pointer stores hand the newest object to
 * an old one, so most objects live below the roots; the others tie old ones together. An
 * allocation that no store follows is garbage at once. The stream is prepared in full before the clock starts, as columns: both
 * sides of a comparison, and the Go program, read the very same operations.
 *
 * Columns, one entry an operation: `kind`; `a`, `b`, `c` are
 *   ALLOCATE  a: index of the type
 *   STORE     a: source root + 1, or 0 for the newest object; b: word in it; c: target, likewise
 *   ROOT      a: the root that takes the newest object
 * and `source`, `target` name the same objects by allocation number, from 1.
 */

export const ALLOCATE = 0;
export const STORE = 1;
const ROOT = 2;

/** Object types by bytes; a third of them hold no pointers. */
const POINTERFUL = [16, 16, 24, 32, 32, 48, 48, 64, 64, 80, 96, 112, 128, 208, 256];
const POINTER_FREE = [16, 24, 32, 32, 48, 64, 128, 256];
export const TYPES = [
  ...POINTERFUL.map((bytes) => ({ bytes, words: bytes / 8 })),
  ...POINTER_FREE.map((bytes) => ({ bytes, words: 0 })),
];

/** A generator of numbers below `n` (xorshift), the same on every machine. */
export function generator(seed) {
  let s = seed | 0;
  return (n) => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) % n;
  };
}

/** Makes a stream of `mixed` operations over `roots` roots; those before `timed` come first. */
export function graphStream(roots, mixed, warm = 0, seed = 12345) {
  const rnd = generator(seed);
  const filled = roots * 2;
  const timed = filled + warm;
  const count = timed + mixed;
  const stream = {
    roots,
    timed,
    count,
    kind: new Uint8Array(count),
    a: new Int32Array(count),
    b: new Int32Array(count),
    c: new Int32Array(count),
    source: new Int32Array(count),
    target: new Int32Array(count),
  };
  const held = new Int32Array(roots);
  const heldType = new Uint8Array(roots);
  let newest = 0;
  let newestType = 0;
  let at = 0;

  const allocate = () => {
    newest += 1;
    newestType = rnd(TYPES.length);
    stream.kind[at] = ALLOCATE;
    stream.a[at] = newestType;
  };
  const root = (index) => {
    stream.kind[at] = ROOT;
    stream.a[at] = index;
    stream.target[at] = newest;
    held[index] = newest;
    heldType[index] = newestType;
  };
  /** A root whose object can hold pointers. */
  const scannable = () => {
    let index = rnd(roots);
    while (TYPES[heldType[index]].words === 0) index = index + 1 === roots ? 0 : index + 1;
    return index;
  };
  const store = () => {
    const draw = rnd(20);
    const fromNewest = draw === 18 && TYPES[newestType].words > 0;
    const toNewest = draw < 18;
    const from = fromNewest ? -1 : scannable();
    const to = toNewest ? -1 : rnd(roots);
    const words = TYPES[from < 0 ? newestType : heldType[from]].words;
    stream.kind[at] = STORE;
    stream.a[at] = from + 1;
    stream.b[at] = rnd(words);
    stream.c[at] = to + 1;
    stream.source[at] = from < 0 ? newest : held[from];
    stream.target[at] = to < 0 ? newest : held[to];
  };

  for (; at < filled; at += 1) {
    if (at % 2 === 0) allocate();
    else root(at >> 1);
  }
  for (; at < count; at += 1) {
    const draw = rnd(10);
    if (draw < 6) allocate();
    else if (draw < 9) store();
    else root(rnd(roots));
  }
  return stream;
}

/** Defines the stream's types as allocation sites; returns their numbers. */
export function defineTypes(decider) {
  return TYPES.map(({ bytes, words }) => decider.defineSite(bytes, words * 8, false, `t${bytes}`));
}

/** Plays operations `from` to `to` into a decider whose objects are numbered as the stream's. */
export function playStream(decider, sites, stream, from, to) {
  const { kind, a, b, source, target } = stream;
  for (let i = from; i < to; i += 1) {
    if (kind[i] === ALLOCATE) decider.allocate(sites[a[i]]);
    else if (kind[i] === STORE) decider.storePointer(source[i], b[i], target[i]);
    else decider.storeRoot(a[i], target[i]);
  }
}

/** The stream in the form that the Go program reads: three header numbers, then four a operation. */
export function encodeForGo(stream) {
  const { count, timed, roots, kind, a, b, c } = stream;
  const out = new Int32Array(3 + count * 4);
  out.set([count, timed, roots]);
  for (let i = 0, at = 3; i < count; i += 1) {
    out[at++] = kind[i];
    out[at++] = a[i];
    out[at++] = b[i];
    out[at++] = c[i];
  }
  return new Uint8Array(out.buffer);
}
