/** Numbers that stand for what a client was shown; void after the next move, and not given again soon. */
export class References<T> {
  #kept: T[] = [];
  #first = 1;

  forget(): void {
    this.#first += this.#kept.length;
    this.#kept = [];
    if (this.#first > 1 << 30) this.#first = 1;
  }

  keep(value: T): number {
    this.#kept.push(value);
    return this.#first + this.#kept.length - 1;
  }

  /** What a number stands for; undefined where it is void. */
  get(reference: number): T | undefined {
    return this.#kept[reference - this.#first];
  }
}
