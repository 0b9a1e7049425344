/**
 * Growable columns of numbers.
 *
 * A recording has tens of millions of rows, so a column may neither hold JavaScript objects nor double
 * itself by copying (which would need three times its size at the worst moment). A column is a list of
 * equal chunks of 2^18 entries; growing appends one chunk, and what was written never moves. Only the first
 * chunk begins small, because most columns of a small recording hold little, and is replaced once.
 *
 * Reading: entry `i` is `chunks[i >>> CHUNK_SHIFT][i & CHUNK_MASK]`. Loops over whole columns should take
 * one chunk at a time; `get` is for single look-ups.
 */

/** log2 of the entries in one chunk. */
export const CHUNK_SHIFT: number = 18;
/** Entries in one chunk. */
export const CHUNK_LENGTH: number = 1 << CHUNK_SHIFT;
/** Mask that takes an entry number to its place in its chunk. */
export const CHUNK_MASK: number = CHUNK_LENGTH - 1;

/** Entries in the first chunk, to begin with. */
const FIRST_LENGTH = 1 << 10;
const FIRST_MASK = FIRST_LENGTH - 1;

const uint32s = (length: number): Uint32Array => new Uint32Array(length);
const float64s = (length: number): Float64Array => new Float64Array(length);

/** Makes room for entry `index`, a multiple of FIRST_LENGTH. */
function makeRoom<Chunk extends { readonly length: number; set(from: Chunk): void }>(
  chunks: Chunk[],
  index: number,
  make: (length: number) => Chunk,
): void {
  if (index === 0) chunks.push(make(FIRST_LENGTH));
  else if (index === FIRST_LENGTH) {
    const whole = make(CHUNK_LENGTH);
    whole.set(chunks[0]);
    chunks[0] = whole;
  } else if ((index & CHUNK_MASK) === 0) chunks.push(make(CHUNK_LENGTH));
}

/** Stands for chunks that were given up. */
const RELEASED_U32: Uint32Array<ArrayBuffer> = new Uint32Array(0);
const RELEASED_U16: Uint16Array<ArrayBuffer> = new Uint16Array(0);

/** A column of unsigned 32-bit integers. */
export class U32Column {
  readonly chunks: Uint32Array[] = [];
  length = 0;

  push(value: number): void {
    const at = this.length & CHUNK_MASK;
    if ((at & FIRST_MASK) === 0) makeRoom(this.chunks, this.length, uint32s);
    this.chunks[this.length >>> CHUNK_SHIFT][at] = value;
    this.length++;
  }

  append(values: Uint32Array): void {
    for (let done = 0; done < values.length; ) {
      const at = this.length & CHUNK_MASK;
      if ((at & FIRST_MASK) === 0) makeRoom(this.chunks, this.length, uint32s);
      const chunk = this.chunks[this.length >>> CHUNK_SHIFT];
      const part = values.subarray(done, done + chunk.length - at);
      chunk.set(part, at);
      this.length += part.length;
      done += part.length;
    }
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_SHIFT][index & CHUNK_MASK];
  }

  set(index: number, value: number): void {
    this.chunks[index >>> CHUNK_SHIFT][index & CHUNK_MASK] = value;
  }

  /** Copies `count` entries from `index` on into the beginning of `into`. */
  read(index: number, count: number, into: Uint32Array): void {
    for (let done = 0; done < count; ) {
      const at = (index + done) & CHUNK_MASK;
      const take = Math.min(count - done, CHUNK_LENGTH - at);
      into.set(this.chunks[(index + done) >>> CHUNK_SHIFT].subarray(at, at + take), done);
      done += take;
    }
  }

  /** Gives up whole chunks before entry `index`; their entries must not be read again. */
  release(index: number): void {
    for (let c = (index >>> CHUNK_SHIFT) - 1; c >= 0 && this.chunks[c] !== RELEASED_U32; c--) {
      this.chunks[c] = RELEASED_U32;
    }
  }
}

/**
 * A column of unsigned 16-bit integers most of which may stay 0: all-zero chunks are one shared chunk
 * until their first non-zero entry. Treat `chunks` as read-only.
 */
export class U16Column {
  readonly chunks: Uint16Array[] = [];
  length = 0;
  private readonly zeros: Uint16Array = new Uint16Array(CHUNK_LENGTH);

  /** Appends `count` zeros. */
  extend(count: number): void {
    this.length += count;
    while (this.chunks.length << CHUNK_SHIFT < this.length) this.chunks.push(this.zeros);
  }

  push(value: number): void {
    this.extend(1);
    if (value !== 0) this.set(this.length - 1, value);
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_SHIFT][index & CHUNK_MASK];
  }

  set(index: number, value: number): void {
    const c = index >>> CHUNK_SHIFT;
    let chunk = this.chunks[c];
    if (chunk === this.zeros) {
      chunk = new Uint16Array(CHUNK_LENGTH);
      this.chunks[c] = chunk;
    }
    chunk[index & CHUNK_MASK] = value;
  }

  /** Copies `count` entries from `index` on into the beginning of `into`. */
  read(index: number, count: number, into: Uint32Array): void {
    for (let done = 0; done < count; ) {
      const at = (index + done) & CHUNK_MASK;
      const take = Math.min(count - done, CHUNK_LENGTH - at);
      into.set(this.chunks[(index + done) >>> CHUNK_SHIFT].subarray(at, at + take), done);
      done += take;
    }
  }

  /** Gives up whole chunks before entry `index`; their entries must not be read again. */
  release(index: number): void {
    for (let c = (index >>> CHUNK_SHIFT) - 1; c >= 0 && this.chunks[c] !== RELEASED_U16; c--) {
      this.chunks[c] = RELEASED_U16;
    }
  }
}

/** A column of doubles. */
export class F64Column {
  readonly chunks: Float64Array[] = [];
  length = 0;

  push(value: number): void {
    const at = this.length & CHUNK_MASK;
    if ((at & FIRST_MASK) === 0) makeRoom(this.chunks, this.length, float64s);
    this.chunks[this.length >>> CHUNK_SHIFT][at] = value;
    this.length++;
  }

  get(index: number): number {
    return this.chunks[index >>> CHUNK_SHIFT][index & CHUNK_MASK];
  }

  set(index: number, value: number): void {
    this.chunks[index >>> CHUNK_SHIFT][index & CHUNK_MASK] = value;
  }
}
