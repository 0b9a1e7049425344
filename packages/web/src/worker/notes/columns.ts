/** Columns of numbers that grow row by row. */

export class Columns<Name extends string> {
  readonly #names: readonly Name[];
  #rows = 0;
  #cells: Float64Array[];

  constructor(names: readonly Name[]) {
    this.#names = names;
    this.#cells = names.map(() => new Float64Array(64));
  }

  get length(): number {
    return this.#rows;
  }

  /** Adds a row, in the order of the names. */
  add(...values: readonly number[]): void {
    const row = this.#rows;
    if (row === this.#cells[0].length) {
      this.#cells = this.#cells.map((column) => {
        const grown = new Float64Array(row * 2);
        grown.set(column);
        return grown;
      });
    }
    for (let i = 0; i < values.length; i += 1) this.#cells[i][row] = values[i];
    this.#rows = row + 1;
  }

  /** The rows as typed arrays of their own. */
  take(): Readonly<Record<Name, Float64Array>> {
    const entries = this.#names.map((name, i) => [name, this.#cells[i].slice(0, this.#rows)]);
    return Object.fromEntries(entries) as Record<Name, Float64Array>;
  }
}
