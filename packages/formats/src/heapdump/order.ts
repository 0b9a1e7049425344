/**
 * Objects by address, and finding the one that an address lies in.
 *
 * 1. A dump lists objects by span, ascending within each, and spans in the order of their making. So the list is cut
 *    into runs that ascend and begin in the page where the object before ended; the runs are sorted, and what overlaps
 *    then is an error.
 * 2. To find an address, the heap's range is cut into equal buckets of a power of two bytes, at most 2^21 of them;
 *    a bucket knows the first object that ends behind its start, and a binary search does the rest.
 */
import { HeaptapeError } from '@heaptape/schema';
import { NO_OBJECT } from './dump.ts';
import type { RawObjects } from './raw.ts';

const PAGE_BYTES = 8192;
const MAX_BUCKETS = 1 << 21;
const MIN_BUCKET_BYTES = 512;

/** Places of the raw objects in ascending order of address. Throws `bad-data` where two overlap. */
export function addressOrder({ address, bytes }: RawObjects): Uint32Array {
  const count = address.length;
  const runs = runStarts({ address, bytes });
  const keys = Float64Array.from(runs, (start) => address.get(start)).sort();
  const runOfRank = new Int32Array(keys.length).fill(-1);
  for (let run = 0; run < runs.length; run++) {
    const rank = lowerBound(keys, address.get(runs[run]), 0, keys.length);
    if (runOfRank[rank] !== -1) refuseOverlap(address.get(runs[run]));
    runOfRank[rank] = run;
  }
  const order = new Uint32Array(count);
  let at = 0;
  let free = 0;
  for (const run of runOfRank) {
    const end = run + 1 < runs.length ? runs[run + 1] : count;
    if (address.get(runs[run]) < free) refuseOverlap(address.get(runs[run]));
    for (let i = runs[run]; i < end; i++) order[at++] = i;
    free = address.get(end - 1) + bytes.get(end - 1);
  }
  return order;
}

/** Places where a run begins; the first is 0, where there is any object. */
function runStarts({ address, bytes }: Pick<RawObjects, 'address' | 'bytes'>): Uint32Array {
  let runs = 0;
  let starts = new Uint32Array(1024);
  let free = Number.POSITIVE_INFINITY;
  let page = -1;
  for (let i = 0; i < address.length; i++) {
    const here = address.get(i);
    if (here < free || Math.floor(here / PAGE_BYTES) !== page) {
      if (runs === starts.length) starts = doubled(starts);
      starts[runs++] = i;
    }
    free = here + bytes.get(i);
    page = Math.floor((free - 1) / PAGE_BYTES);
  }
  return starts.slice(0, runs);
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}

function refuseOverlap(address: number): never {
  throw new HeaptapeError('bad-data', `two objects overlap at address ${address}`);
}

/** First place from `low` to `high` whose value is not below `value`; `high` if there is none. */
function lowerBound(values: Float64Array, value: number, low: number, high: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Finds objects by address. */
export class ObjectFinder {
  private readonly address: Float64Array;
  private readonly bytes: Float64Array;
  private readonly low: number;
  private readonly high: number;
  private readonly bucketBytes: number;
  /** Number of objects that begin before each bucket; one entry more than buckets. */
  private readonly before: Uint32Array;

  /** `address` ascends, and objects do not overlap. */
  constructor(address: Float64Array, bytes: Float64Array) {
    const count = address.length;
    this.address = address;
    this.bytes = bytes;
    this.low = count > 0 ? address[0] : 0;
    this.high = count > 0 ? address[count - 1] + bytes[count - 1] : 0;
    let bucketBytes = MIN_BUCKET_BYTES;
    while ((this.high - this.low) / bucketBytes >= MAX_BUCKETS) bucketBytes *= 2;
    this.bucketBytes = bucketBytes;
    const buckets = Math.floor((this.high - this.low) / bucketBytes) + 1;
    this.before = new Uint32Array(buckets + 1);
    let object = 0;
    for (let bucket = 0; bucket <= buckets; bucket++) {
      const start = this.low + bucket * bucketBytes;
      while (object < count && address[object] < start) object++;
      this.before[bucket] = object;
    }
  }

  /** The object that an address lies in, also in its inside; `NO_OBJECT` if none. */
  find(address: number): number {
    if (address < this.low || address >= this.high) return NO_OBJECT;
    const bucket = Math.floor((address - this.low) / this.bucketBytes);
    let from = this.before[bucket];
    let to = this.before[bucket + 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.address[middle] <= address) from = middle + 1;
      else to = middle;
    }
    const object = from - 1;
    return address < this.address[object] + this.bytes[object] ? object : NO_OBJECT;
  }
}
