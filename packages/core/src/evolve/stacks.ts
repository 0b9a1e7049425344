/**
 * Evolve, for goroutines and their stacks: which exist, where their stacks lie, which spans hold stacks.
 *
 * Which free stack is handed out is the decider's business (`decide/stackpool.ts`); here are outcomes.
 * Follows `runtime/stack.go` and `mheap.go` allocManual, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { SPAN_MANUAL } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { PAGE_SIZE } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';

/** Bytes of its stack that a goroutine that waits takes, as 1.26.8 scans them. */
const WAITING_BYTES = 256;

export function goroutineStarted(w: World, g: number): void {
  const row = w.goroutines.add(g);
  w.goroutines.used[row] = WAITING_BYTES;
  w.scalars[SCALAR.goroutinesCreated] += 1;
}

export function goroutineExited(w: World, g: number): void {
  w.scalars[SCALAR.goroutineStacks] -= w.goroutines.bytes[w.goroutines.row(g)];
  w.goroutines.remove(g);
}

export function stackUsed(w: World, g: number, bytes: number): void {
  const row = w.goroutines.row(g);
  // What does not fit makes the stack grow, which the next events say.
  w.goroutines.used[row] = Math.min(bytes, w.goroutines.bytes[row]);
}

/** The stack of a goroutine lies here from now on. One of the runtime's own begins with this. */
export function stackPlaced(
  w: World,
  g: number,
  page: number,
  offset: number,
  bytes: number,
  used: number,
): void {
  const table = w.goroutines;
  if (!(w.spanState[page] === SPAN_MANUAL && offset + bytes <= w.spanPages[page] * PAGE_SIZE)) {
    throw new AssertionError(`span ${page} holds no stack of ${bytes} bytes at ${offset}`);
  }
  const row = g < 0 && !table.has(g) ? table.add(g) : table.row(g);
  w.scalars[SCALAR.goroutineStacks] += bytes - table.bytes[row];
  table.stack[row] = (page << 10) + (offset >> 3) + 1;
  table.bytes[row] = bytes;
  table.used[row] = used;
}
