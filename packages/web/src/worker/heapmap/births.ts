/**
 * When objects were born, out of the tape's index: the ordinal that was next after any event, the event that
 * allocated an object, and the goroutine that did.
 *
 * The index of segments says which ordinal each begins with, so a question needs one segment at most. The
 * goroutines need all segments up to here, once, and are read in slices.
 */
import { ALLOCATES, CELLS, EVENTS, EventBatch, type TapeReader } from '@heaptape/schema';

/** Segments whose allocations are remembered. */
const MOST_KEPT = 24;
/** Milliseconds of reading in one go. */
const SLICE_MS = 50;

export class Births {
  readonly #reader: TapeReader;
  readonly #batch = new EventBatch();
  /** Of a segment: how many objects its first i events allocate, at index i. */
  readonly #allocated = new Map<number, Int32Array>();
  /** By ordinal: the goroutine that allocated it. */
  #goroutines = new Int32Array(1024);
  /** Segments that are read for it, the ordinal after them, and the goroutine that runs then. */
  #read = 0;
  #next = 1;
  #running = 0;
  #cycle: { readonly n: number; readonly ordinal: number } | null = null;

  constructor(reader: TapeReader) {
    this.#reader = reader;
  }

  /** Where the tape begins: a cut one has a state before its first event. */
  get #first(): { readonly seq: number; readonly ordinal: number } {
    const [first] = this.#reader.segments;
    return first === undefined
      ? { seq: 1, ordinal: 1 }
      : { seq: first.firstSeq, ordinal: first.firstOrdinal };
  }

  /** The ordinal that the next allocation takes after event `seq`. */
  nextAfter(seq: number): number {
    const { segments } = this.#reader;
    const index = lastAtOrBelow(segments.length, (i) => segments[i].firstSeq, seq);
    if (index < 0) return this.#first.ordinal;
    const { firstSeq, firstOrdinal, count } = segments[index];
    return firstOrdinal + this.#allocatedIn(index)[Math.min(count, seq - firstSeq + 1)];
  }

  /** The event that allocated an object; 0 where none did. */
  bornOf(ordinal: number): number {
    const { segments } = this.#reader;
    const index = lastAtOrBelow(segments.length, (i) => segments[i].firstOrdinal, ordinal);
    if (index < 0) return 0;
    const { firstSeq, firstOrdinal, count } = segments[index];
    const allocated = this.#allocatedIn(index);
    const before = ordinal - firstOrdinal;
    if (allocated[count] <= before) return 0;
    return firstSeq + lastAtOrBelow(count, (i) => allocated[i], before);
  }

  #allocatedIn(index: number): Int32Array {
    const known = this.#allocated.get(index);
    if (known !== undefined) return known;
    const batch = this.#batch;
    this.#reader.readSegment(index, batch);
    const column = new Int32Array(batch.count + 1);
    for (let i = 0; i < batch.count; i += 1) column[i + 1] = column[i] + ALLOCATES[batch.kinds[i]];
    if (this.#allocated.size >= MOST_KEPT) {
      for (const oldest of this.#allocated.keys()) {
        this.#allocated.delete(oldest);
        break;
      }
    }
    this.#allocated.set(index, column);
    return column;
  }

  /**
   * The first ordinal of cycle `n`, the latest one at event `seq`: what was allocated since it started. `kindAt`
   * tells events by their number.
   */
  sinceCycle(n: number, seq: number, kindAt: (seq: number) => number): number {
    if (this.#cycle?.n === n) return this.#cycle.ordinal;
    let started = seq;
    const { seq: first } = this.#first;
    while (started >= first && kindAt(started) !== EVENTS.GCStarted.tag) started -= 1;
    const ordinal = this.nextAfter(started);
    this.#cycle = { n, ordinal };
    return ordinal;
  }

  /** Reads on, for objects below ordinal `next`, for a slice of time; the share that is read, up to 1. */
  readGoroutines(next: number): number {
    const { segments } = this.#reader;
    const until = performance.now() + SLICE_MS;
    if (this.#read === 0) this.#next = this.#first.ordinal;
    while (this.#next < next && this.#read < segments.length) {
      if (performance.now() > until) return this.#next / next;
      this.#reader.readSegment(this.#read, this.#batch);
      this.#takeGoroutines(this.#batch);
      this.#read += 1;
    }
    return 1;
  }

  #takeGoroutines(batch: EventBatch): void {
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      const kind = batch.kinds[i];
      if (kind === EVENTS.ProcSwitched.tag) this.#running = batch.args[at + 1];
      else if (ALLOCATES[kind] === 1) this.#allocatedBy(this.#running);
      at += CELLS[kind];
    }
  }

  #allocatedBy(g: number): void {
    if (this.#next >= this.#goroutines.length) {
      const larger = new Int32Array(Math.max(1024, this.#next * 2));
      larger.set(this.#goroutines);
      this.#goroutines = larger;
    }
    this.#goroutines[this.#next] = g;
    this.#next += 1;
  }

  /** The goroutine that allocated an object; 0 is unknown, or not read yet. */
  goroutineOf(ordinal: number): number {
    return ordinal < this.#next ? this.#goroutines[ordinal] : 0;
  }
}

/** Index of the last of `count` ascending values that is not above `value`; -1 is none. */
function lastAtOrBelow(count: number, nth: (index: number) => number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nth(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
