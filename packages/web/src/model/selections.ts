/** The objects that were selected one after the other, to go back and forward among. Whoever selects is noticed. */

/** Selections that are remembered. */
const MOST = 200;

export class Selections {
  #list: readonly number[] = [];
  /** Place of the one that is selected; -1 is none. */
  #at = -1;

  /** An object was selected; 0 is none. */
  note(object: number): void {
    if (object === 0 || this.#list[this.#at] === object) return;
    this.#list = [...this.#list.slice(0, this.#at + 1), object].slice(-MOST);
    this.#at = this.#list.length - 1;
  }

  /** The object before (-1) or after (1) the one that is selected; 0 is none. Goes there. */
  turn(by: 1 | -1): number {
    const object = this.#list[this.#at + by] ?? 0;
    if (object !== 0) this.#at += by;
    return object;
  }

  /** Whether there is one. */
  has(by: 1 | -1): boolean {
    return this.#list[this.#at + by] !== undefined;
  }
}
