/**
 * The types of programs.mjs: what a program is, what a run of it did, and what real Go is recorded to have
 * done. The module itself is plain JavaScript, so that recording needs nothing but Node, and it tells what
 * the parts mean.
 */

/** What a program is, by its header. */
export interface Program {
  readonly name: string;
  readonly mode: 'exact' | 'range';
  readonly vary: readonly string[];
  /** Minor version of the first Go that prints what is recorded; 0 for any. */
  readonly since: number;
  readonly about: string;
}

/** What one run did. */
export interface Outcome {
  readonly status: number | null;
  readonly fatal: string | null;
  readonly stdout: readonly string[];
}

/** What runs of real Go did: expected.json. */
export interface Expected {
  readonly go: string;
  readonly goos: string;
  readonly goarch: string;
  readonly mode: 'exact' | 'range';
  readonly runs: number;
  readonly status: number;
  readonly fatal: string | null;
  /** Of an exact program. */
  readonly stdout?: readonly string[];
  /** Of a program with varying keys: a value, or the least and the largest. */
  readonly values?: Readonly<Record<string, string | readonly [number, number]>>;
}

interface Toolchain {
  readonly version: string;
  readonly minor: number;
  readonly goos: string;
  readonly goarch: string;
}

export interface Programs {
  programs(): readonly Program[];
  readExpected(name: string): Expected;
  toolchain(): Toolchain | null;
  withBinaries<T>(use: (run: (name: string) => Outcome) => T): T;
  differences(expected: Expected, outcome: Outcome, margin?: boolean): string[];
}
