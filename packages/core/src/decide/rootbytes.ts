/**
 * The bytes of globals and of stacks, as root jobs.
 *
 * 1. A cycle has a job for every 256 KiB of globals and one for every stack.
 * 2. Whoever marks takes one job at a time, whole: workers first of all, assists last of all.
 *
 * What globals and stacks point to is not here: that are the roots of `marker.ts`. Follows
 * `runtime/mgcmark.go` gcPrepareMarkRoots and markroot, Go 1.26. Deviations: data and BSS are one block; a
 * run whose goroutines are not known has one stack, which stands for all.
 */

/** Globals of one job, bytes (rootBlockBytes). */
export const ROOT_BLOCK_BYTES: number = 256 * 1024;

export class RootBytes {
  /** Done in the cycle so far, bytes. */
  globalsScanned = 0;
  stacksScanned = 0;
  #globalsLeft = 0;
  #stacks: readonly number[] = [];
  #next = 0;

  /** A cycle begins, with so many bytes of globals, and of each stack. */
  begin(globalsBytes: number, stacks: readonly number[]): void {
    this.globalsScanned = 0;
    this.stacksScanned = 0;
    this.#globalsLeft = globalsBytes;
    this.#stacks = stacks;
    this.#next = 0;
  }

  get scanned(): number {
    return this.globalsScanned + this.stacksScanned;
  }

  get globalsLeft(): boolean {
    return this.#globalsLeft > 0;
  }

  get stacksLeft(): boolean {
    return this.#next < this.#stacks.length;
  }

  /** Scans the next block of globals; returns its bytes. */
  scanGlobals(): number {
    const bytes = Math.min(ROOT_BLOCK_BYTES, this.#globalsLeft);
    this.#globalsLeft -= bytes;
    this.globalsScanned += bytes;
    return bytes;
  }

  /** Scans the next stack; returns its bytes. */
  scanStack(): number {
    const bytes = this.#stacks[this.#next];
    this.#next += 1;
    this.stacksScanned += bytes;
    return bytes;
  }
}
