/** Goroutine stacks against the spans that hold them, and their sums against the scalars. */
import { SPAN_MANUAL } from './layout.ts';
import { SCALAR } from './scalars.ts';
import { PAGE_SIZE } from './sizeclasses.ts';
import type { World } from './world.ts';

/** Smallest stack, bytes. */
const SMALLEST = 2048;

export function checkStacks(w: World, report: (problem: string) => void): void {
  let spans = 0;
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_MANUAL) continue;
    spans += w.spanPages[page] * PAGE_SIZE;
    if (w.nelems[page] !== 0 || w.allocCount[page] !== 0) report(`stack span ${page} has objects`);
  }
  const said = w.scalars[SCALAR.stackInUse];
  if (spans !== said) report(`spans of stacks take ${spans} bytes, the state says ${said}`);
  checkPlaces(w, report);
}

/** Each stack lies in a span of its size, and no two overlap. */
function checkPlaces(w: World, report: (problem: string) => void): void {
  const table = w.goroutines;
  const taken = new Set<number>();
  let total = 0;
  let alive = 0;
  for (let row = 0; row < table.rows; row += 1) {
    const g = table.number[row];
    if (g === 0) continue;
    alive += 1;
    if (!table.has(g) || table.row(g) !== row) report(`goroutine ${g} is not found by its number`);
    const bytes = table.bytes[row];
    total += bytes;
    if (bytes === 0) continue;
    const word = table.stack[row] - 1;
    const page = w.spanOf[word >> 10] - 1;
    if (page < 0 || w.spanState[page] !== SPAN_MANUAL) {
      report(`the stack of goroutine ${g} lies in no span of stacks`);
      continue;
    }
    const order = w.spanClass[page];
    const size = order < 4 ? SMALLEST << order : w.spanPages[page] * PAGE_SIZE;
    if (bytes !== size)
      report(`goroutine ${g} has ${bytes} bytes in a span of ${size}-byte stacks`);
    if (((word << 3) - (page << 13)) % size !== 0) report(`goroutine ${g}: its stack is askew`);
    if (taken.has(word)) report(`the stack of goroutine ${g} is another's too`);
    taken.add(word);
    if (table.used[row] > bytes) report(`goroutine ${g} uses more than its stack`);
  }
  let free = 0;
  for (let link = table.firstFree; link !== 0 && free <= table.rows; free += 1) {
    if (table.number[link - 1] !== 0) report(`row ${link - 1} is free and taken`);
    link = table.nextFree[link - 1];
  }
  if (free + alive !== table.rows || alive !== table.count) report('rows of goroutines are lost');
  if (total !== w.scalars[SCALAR.goroutineStacks]) {
    report(`stacks of goroutines take ${total} bytes, not ${w.scalars[SCALAR.goroutineStacks]}`);
  }
}
