/**
 * An independent look at a World: does everything it says about itself agree?
 *
 * Nothing here is used to run; it recomputes from the columns by page what lists, counters and
 * scalars claim. It holds between any two events.
 *
 * 1. Pages: each is free or belongs to exactly one span; only free pages are returned ones.
 * 2. Slots: counts agree with bits; marked and held slots are allocated; grey ones are marked, and
 *    there are none between cycles; no bit beyond the last slot.
 * 3. Places: a span is in one mcentral list, or in one mcache, or in transit (one at most, between two
 *    events); its sweepgen fits the place.
 * 4. Accounting: page sums, counts by size class, HeapAlloc, the lower bound of heapLive, and
 *    while marking the bytes marked.
 * 5. Stacks: see `check_stacks.ts`.
 * 6. Safety: no live object and no root points to a slot that is free or condemned. (An unreachable
 *    object keeps this too until it is swept: when it was stored to, its targets were reachable.)
 * 6. Specials: sorted, about allocated slots; what they keep is alive; queues hold what is due.
 *
 * Follows the invariants stated in `runtime/mheap.go`, `mcentral.go` and `mstats.go`, Go 1.26.
 */
import { Accounts } from './check_accounts.ts';
import { checkPointers } from './check_pointers.ts';
import { checkSpecials } from './check_specials.ts';
import { checkStacks } from './check_stacks.ts';
import { BITMAP_WORDS, SPAN_IN_USE, SPAN_MANUAL } from './layout.ts';
import { FULL } from './lists.ts';
import { SCALAR } from './scalars.ts';
import { CLASS_PAGES, NUM_SPAN_CLASSES, nelemsFor } from './sizeclasses.ts';
import { popcount, slotAllocated } from './slots.ts';
import type { World } from './world.ts';

/** Where a span was found. */
const NOWHERE = 0;
const LISTED = 1;
const CACHED = 2;
/** Problems after which the search ends. */
const MOST_PROBLEMS = 20;

/** What is wrong with the heap, one line a problem, the first twenty; empty when all is well. */
export function heapProblems(w: World): string[] {
  const problems: string[] = [];
  const report = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  };
  const accounts = new Accounts();
  const place = new Uint8Array(w.pages);
  checkLists(w, place, report);
  checkMcaches(w, place, report);
  let inTransit = 0;
  let grey = 0;
  for (let page = 0; page < w.pages; page += 1) {
    checkPage(w, page, report);
    if (w.spanState[page] !== SPAN_IN_USE) continue;
    checkSpan(w, page, report);
    grey += checkSlots(w, page, report);
    accounts.add(w, page, place[page] === CACHED);
    if (place[page] === NOWHERE) inTransit += 1;
    checkSweepgen(w, page, place[page], report);
  }
  if (inTransit > 1) report(`${inTransit} spans are in no list and no mcache`);
  if (grey !== w.greyCount) report(`${grey} slots are grey, the state says ${w.greyCount}`);
  if (grey > 0 && w.scalars[SCALAR.gcphase] === 0) report('a slot is grey and nothing marks');
  accounts.compare(w, report);
  checkStacks(w, report);
  if (problems.length === 0) checkPointers(w, report);
  if (problems.length === 0) checkSpecials(w, report);
  return problems;
}

type Report = (problem: string) => void;

function checkPage(w: World, page: number, report: Report): void {
  const free = w.pageFree[page] === 1;
  if (free && w.spanOf[page] !== 0) report(`page ${page} is free and in a span`);
  if (free && w.spanState[page] !== 0) report(`page ${page} is free and a span begins there`);
  if (!free && w.spanOf[page] === 0) report(`page ${page} is neither free nor in a span`);
  if (!free && w.pageScavenged[page] !== 0) report(`page ${page} is in use and returned`);
  if (free) return;
  const base = w.spanOf[page] - 1;
  const inside = page >= base && page < base + w.spanPages[base];
  const begins = w.spanState[base] === SPAN_IN_USE || w.spanState[base] === SPAN_MANUAL;
  if (!begins || !inside) report(`page ${page} is not in span ${base}`);
  if (page > base && w.spanState[page] !== 0) report(`span ${page} begins within span ${base}`);
}

function checkSpan(w: World, page: number, report: Report): void {
  const spanClass = w.spanClass[page];
  const layout = w.control.config?.layout ?? 'go1.26';
  if (spanClass >= NUM_SPAN_CLASSES) report(`span ${page} has class ${spanClass}`);
  else if (w.nelems[page] !== nelemsFor(spanClass, layout)) {
    report(`span ${page} of class ${spanClass} has ${w.nelems[page]} slots`);
  } else if (spanClass >= 2 && w.spanPages[page] !== CLASS_PAGES[spanClass >> 1]) {
    report(`span ${page} of class ${spanClass} has ${w.spanPages[page]} pages`);
  }
  if (w.spanPages[page] < 1 || page + w.spanPages[page] > w.pages) {
    report(`span ${page} has ${w.spanPages[page]} pages`);
  }
}

/** Returns the number of grey slots. */
function checkSlots(w: World, page: number, report: Report): number {
  const nelems = w.nelems[page];
  if (w.freeIndex[page] > nelems) report(`span ${page}: freeIndex is beyond its slots`);
  let allocated = 0;
  for (let i = 0; i < nelems; i += 1) allocated += slotAllocated(w, page, i) ? 1 : 0;
  if (allocated !== w.allocCount[page]) {
    report(`span ${page}: ${allocated} slots are allocated, its count is ${w.allocCount[page]}`);
  }
  let held = 0;
  let greyCount = 0;
  for (let i = 0; i < BITMAP_WORDS; i += 1) {
    const at = page * BITMAP_WORDS + i;
    const seen = w.markBits[at] | w.heldBits[at];
    const grey = at < w.greyBits.length ? w.greyBits[at] : 0;
    if ((grey & ~w.markBits[at]) !== 0) report(`span ${page}: a grey slot is not marked`);
    greyCount += popcount(grey);
    held += popcount(w.heldBits[at]);
    if ((seen | w.allocBits[at]) === 0) continue;
    for (let b = 0; b < 32; b += 1) {
      const index = i * 32 + b;
      const bit = 1 << b;
      if (((seen | w.allocBits[at]) & bit) !== 0 && index >= nelems) {
        report(`span ${page}: a bit is set for slot ${index} of ${nelems}`);
      } else if ((seen & bit) !== 0 && !slotAllocated(w, page, index)) {
        report(`span ${page}: free slot ${index} is marked or held`);
      }
    }
  }
  if (held === 0 && w.heldScan[page] !== 0) report(`span ${page} holds nothing but scans some`);
  return greyCount;
}

/** Walks every mcentral list. */
function checkLists(w: World, place: Uint8Array, report: Report): void {
  for (let list = 0; list < w.lists.length; list += 1) {
    let before = 0;
    for (let link = w.lists[list]; link !== 0; link = w.listNext[link - 1]) {
      const page = link - 1;
      if (page >= w.pages || w.spanState[page] !== SPAN_IN_USE) {
        report(`list ${list} holds page ${page}, where no span begins`);
        break;
      }
      if (place[page] !== NOWHERE) {
        report(`span ${page} is in a list twice`);
        break;
      }
      place[page] = LISTED;
      if (w.listOf[page] !== list + 1) report(`span ${page} says list ${w.listOf[page] - 1}`);
      if (w.listPrev[page] !== before) report(`span ${page} has the wrong predecessor`);
      if (w.spanClass[page] !== list >> 2) report(`span ${page} is in the list of another class`);
      const full = w.allocCount[page] === w.nelems[page];
      if (((list >> 1) & 1) === FULL ? !full : full)
        report(`span ${page} is in the wrong kind of list`);
      before = link;
    }
  }
}

function checkMcaches(w: World, place: Uint8Array, report: Report): void {
  for (let slot = 0; slot < w.mcache.length; slot += 1) {
    const page = w.mcache[slot] - 1;
    if (page < 0) continue;
    if (w.spanState[page] !== SPAN_IN_USE) report(`an mcache holds page ${page}, no span`);
    else if (place[page] !== NOWHERE) report(`span ${page} is cached and elsewhere too`);
    else if (w.spanClass[page] !== slot % NUM_SPAN_CLASSES) {
      report(`span ${page} is cached for another class`);
    }
    place[page] = CACHED;
  }
}

/** The legal distances of a span's sweepgen from the heap's depend on where the span is. */
function checkSweepgen(w: World, page: number, place: number, report: Report): void {
  const distance = w.sweepgen[page] - w.scalars[SCALAR.sweepgen];
  const swept = (w.scalars[SCALAR.sweepgen] >> 1) & 1;
  let legal = distance === 0 || distance === -1;
  if (place === CACHED) legal = distance === 3 || distance === 1;
  if (place === LISTED) legal = distance === (((w.listOf[page] - 1) & 1) === swept ? 0 : -2);
  if (!legal) report(`span ${page}: sweepgen ${w.sweepgen[page]} does not fit where it is`);
}
