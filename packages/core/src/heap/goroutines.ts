/**
 * The goroutines that exist, and the stack each has: part of the World.
 *
 * A goroutine is a row of columns. Rows of goroutines that ended are taken again, the last one first,
 * so that the table is as long as the most goroutines there ever were at a time. Numbers below zero
 * are goroutines of the runtime itself, which have stacks like any other.
 *
 * Columns by row: number (0: the row is free), first word of the stack plus 1 (0: none), its size and
 * the bytes of it in use, and for a free row the next free one (row + 1).
 */
import { AssertionError } from '@heaptape/schema';

export class GoroutineTable {
  /** Rows that were ever taken, and the head of the free ones (row + 1; 0 is none). */
  rows = 0;
  firstFree = 0;
  number: Int32Array = new Int32Array(16);
  stack: Int32Array = new Int32Array(16);
  bytes: Int32Array = new Int32Array(16);
  used: Int32Array = new Int32Array(16);
  nextFree: Int32Array = new Int32Array(16);
  /** Row by number. */
  readonly #rowOf = new Map<number, number>();

  /** Goroutines that exist, those of the runtime included. */
  get count(): number {
    return this.#rowOf.size;
  }

  has(g: number): boolean {
    return this.#rowOf.has(g);
  }

  /** The row of a goroutine that exists. */
  row(g: number): number {
    const row = this.#rowOf.get(g);
    if (row === undefined) throw new AssertionError(`there is no goroutine ${g}`);
    return row;
  }

  /** Adds a goroutine without a stack and returns its row. */
  add(g: number): number {
    if (this.#rowOf.has(g)) throw new AssertionError(`goroutine ${g} exists already`);
    let row = this.firstFree - 1;
    if (row >= 0) this.firstFree = this.nextFree[row];
    else {
      row = this.rows;
      this.reserve(row + 1);
      this.rows = row + 1;
    }
    this.number[row] = g;
    this.nextFree[row] = 0;
    this.#rowOf.set(g, row);
    return row;
  }

  remove(g: number): void {
    const row = this.row(g);
    this.#rowOf.delete(g);
    this.number[row] = 0;
    this.stack[row] = 0;
    this.bytes[row] = 0;
    this.used[row] = 0;
    this.nextFree[row] = this.firstFree;
    this.firstFree = row + 1;
  }

  reserve(rows: number): void {
    if (rows <= this.number.length) return;
    const size = Math.max(rows, this.number.length * 2);
    const grown = (from: Int32Array): Int32Array => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.number = grown(this.number);
    this.stack = grown(this.stack);
    this.bytes = grown(this.bytes);
    this.used = grown(this.used);
    this.nextFree = grown(this.nextFree);
  }

  /** The columns, in the order in which hashes and snapshots take them. */
  columns(): readonly Int32Array[] {
    return [this.number, this.stack, this.bytes, this.used, this.nextFree];
  }

  /** The whole table as integers: rows, head of the free ones, then column by column. */
  toIntegers(): Int32Array {
    const out = new Int32Array(2 + 5 * this.rows);
    out[0] = this.rows;
    out[1] = this.firstFree;
    this.columns().forEach((column, i) => {
      out.set(column.subarray(0, this.rows), 2 + i * this.rows);
    });
    return out;
  }

  /** Takes over what `toIntegers` gave; false when it is no such table. */
  fromIntegers(from: Int32Array): boolean {
    const rows = from[0];
    if (from.length < 2 || rows < 0 || from.length !== 2 + 5 * rows) return false;
    this.reserve(rows);
    this.rows = rows;
    this.firstFree = from[1];
    this.columns().forEach((column, i) => {
      column.fill(0);
      column.set(from.subarray(2 + i * rows, 2 + (i + 1) * rows));
    });
    this.#rowOf.clear();
    for (let row = 0; row < rows; row += 1) {
      if (this.number[row] !== 0) this.#rowOf.set(this.number[row], row);
    }
    return true;
  }
}
