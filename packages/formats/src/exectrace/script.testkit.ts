/**
 * Random scripts for the process in `model.testkit.ts`.
 */
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import type { WrittenFormat } from './writer.testkit.ts';

/** One thing that the process does. Numbers are taken modulo what there is. */
export type Operation =
  | { readonly op: 'alloc'; readonly thread: number; readonly kind: number; readonly type: number }
  | { readonly op: 'large'; readonly thread: number; readonly pages: number; readonly type: number }
  | { readonly op: 'tiny'; readonly thread: number; readonly fits: boolean }
  | {
      readonly op: 'collect';
      readonly thread: number;
      readonly die: number;
      readonly cause: number;
    }
  | { readonly op: 'switch'; readonly thread: number; readonly goroutine: number }
  | { readonly op: 'generation' };

/** A whole process. */
export interface Script {
  readonly format: WrittenFormat;
  readonly batchBytes: number;
  readonly alive: number;
  readonly firstPage: number;
  readonly operations: readonly Operation[];
}

const thread = fc.nat(2);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      op: fc.constant('alloc' as const),
      thread,
      kind: fc.nat(27),
      type: fc.nat(9),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('large' as const),
      thread,
      pages: fc.nat(40),
      type: fc.nat(9),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ op: fc.constant('tiny' as const), thread, fits: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('collect' as const),
      thread,
      die: fc.nat(3),
      cause: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('switch' as const), thread, goroutine: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.constant({ op: 'generation' as const }) },
);

/** Processes of up to some two hundred operations. */
export const scriptArbitrary: fc.Arbitrary<Script> = fc.record({
  format: fc.constantFrom('1.23', '1.25', '1.26'),
  batchBytes: fc.integer({ min: 1, max: 3000 }),
  alive: fc.nat(30),
  firstPage: fc.constantFrom(0, 17, -40, 66_000_000, 2 ** 33),
  operations: fc.array(operation, { maxLength: 200 }),
});
