/** Bugs of the heap: sweeping, spans, slots, pages, compaction. */
import type { Mutant } from './mutant.ts';

const sweeping: readonly Mutant[] = [
  {
    name: 'sweep-before-mark-ends',
    breaks: 'a span is swept before mark termination',
    module: 'decide/collector',
    find: 'this.#sweeper.begin();',
    replace: 'this.#sweeper.begin(); this.#sweeper.sweep(this.#world.spanState.indexOf(1), false);',
  },
  {
    name: 'cycle-before-sweep-ends',
    breaks: 'a cycle starts while spans of the last one are unswept',
    module: 'decide/collector',
    find: 'const { scalars } = this.#world; this.#sweeper.finish();',
    replace: 'const { scalars } = this.#world;',
  },
  {
    name: 'stale-sweepgen',
    breaks: 'a span that was cached before the sweep began passes for swept when it is given back',
    module: 'evolve/spans',
    find: 'w.sweepgen[page] === sweepgen + 1',
    replace: 'w.sweepgen[page] === sweepgen + 2',
  },
  {
    name: 'new-span-unswept',
    breaks: 'a new span is born with the sweepgen of one that wants a sweep',
    module: 'heap/pages',
    find: 'w.sweepgen[page] = scalars[SCALAR.sweepgen];',
    replace: 'w.sweepgen[page] = scalars[SCALAR.sweepgen] - 2;',
  },
  {
    name: 'flush-without-sweep',
    breaks: 'flushing an mcache leaves its stale spans unswept',
    module: 'decide/allocator',
    find: 'w.sweepgen[page] === w.scalars[SCALAR.sweepgen] - 1',
    replace: 'w.sweepgen[page] > w.scalars[SCALAR.sweepgen]',
  },
  {
    name: 'refill-takes-unswept',
    breaks: 'a refill takes a partial span that has not been swept',
    module: 'decide/allocator',
    find: 'listHead(w, spanClass, PARTIAL, true)',
    replace: 'listHead(w, spanClass, PARTIAL, w.scalars[SCALAR.sweeping] === 0)',
  },
  {
    name: 'weak-load-without-sweep',
    breaks: 'a weak pointer is loaded without sweeping its span first',
    module: 'decide/specials',
    find: 'this.#sweeper.ensure(w.spanAtWord(w.objects.wordOf(t.object[special])));',
    replace: ';',
  },
  {
    name: 'mark-bits-not-cleared',
    breaks: 'sweeping a span leaves its mark bits set',
    module: 'evolve/spans',
    find: 'w.markBits[i] = 0;',
    replace: ';',
  },
  {
    name: 'alloc-bits-not-taken-over',
    breaks: 'sweeping a span does not free its slots',
    module: 'evolve/spans',
    find: 'w.allocBits[i] = w.markBits[i];',
    replace: 'w.allocBits[i] |= w.markBits[i];',
  },
  {
    name: 'sweep-frees-first-slot',
    breaks: 'sweeping a span frees every 32nd slot, marked or not',
    module: 'evolve/spans',
    find: 'w.allocBits[i] = w.markBits[i];',
    replace: 'w.allocBits[i] = w.markBits[i] & ~1;',
  },
  {
    name: 'full-span-listed-as-partial',
    breaks: 'a swept span without a free slot goes to the partial list',
    module: 'decide/sweeper',
    find: 'else if (free === 0)',
    replace: 'else if (free < 0)',
  },
  {
    name: 'large-span-freed-late',
    breaks: 'the span of a dead large object is not given back by its sweep',
    module: 'decide/sweeper',
    find: 'else if (marked === 0)',
    replace: 'else if (marked === 0 && w.spanClass[page] > 1)',
  },
  {
    name: 'sweep-ratio-halved',
    breaks: 'proportional sweeping does half of what it owes',
    module: 'decide/sweeper',
    find: 'Math.max(0, owed / distance)',
    replace: 'Math.max(0, owed / distance / 2)',
  },
  {
    name: 'sweep-debt-not-paid',
    breaks: 'allocations sweep nothing on their way',
    module: 'decide/sweeper',
    find: 'while (target > scalars[SCALAR.pagesSwept] - this.#basisSwept)',
    replace: 'while (target < 0)',
  },
];

const spans: readonly Mutant[] = [
  {
    name: 'free-index-not-advanced',
    breaks: 'the next allocation of a span looks at the slot just taken',
    module: 'evolve/mutator',
    find: 'w.freeIndex[page] = index + 1;',
    replace: 'w.freeIndex[page] = index;',
  },
  {
    name: 'slot-beyond-span',
    breaks: 'a span has a slot more than fits',
    module: 'heap/sizeclasses',
    find: 'return Math.floor((spanBytes - reserved) / slot);',
    replace: 'return Math.floor((spanBytes - reserved) / slot) + 1;',
  },
  {
    name: 'cached-span-stays-listed',
    breaks: 'a span goes to an mcache and stays in its list',
    module: 'evolve/spans',
    find: 'unlink(w, page); w.mcache[',
    replace: 'w.mcache[',
  },
  {
    name: 'unlink-breaks-list',
    breaks: 'taking a span out of a list loses the spans behind it',
    module: 'heap/lists',
    find: 'w.listNext[before - 1] = after;',
    replace: 'w.listNext[before - 1] = 0;',
  },
  {
    name: 'full-span-not-refilled',
    breaks: 'a P goes on allocating from a span without a free slot',
    module: 'decide/allocator',
    find: 'w.allocCount[page] === w.nelems[page]',
    replace: 'w.allocCount[page] > w.nelems[page]',
  },
  {
    name: 'heap-live-not-moved',
    breaks: 'giving a span back does not take its free room off heapLive',
    module: 'evolve/spans',
    find: 'scalars[SCALAR.heapLive] -= (w.nelems[page] - w.allocCount[page]) * slotBytes(w, page);',
    replace: ';',
  },
  {
    name: 'large-not-in-heap-live',
    breaks: 'large objects do not count as live heap',
    module: 'evolve/mutator',
    find: 'scalars[SCALAR.heapLive] += bytes;',
    replace: ';',
  },
  {
    name: 'slot-not-zeroed',
    breaks: 'a slot that is used again keeps the pointers of its last object',
    module: 'evolve/mutator',
    find: 'w.needzero[page] !== 0 && word < w.words.length',
    replace: 'w.needzero[page] > 1 && word < w.words.length',
  },
  {
    name: 'large-not-zeroed',
    breaks: 'a large object on used pages keeps what was there',
    module: 'evolve/mutator',
    find: 'w.words.length > page << 10 && w.needzero[page] !== 0',
    replace: 'w.words.length > page << 10 && w.needzero[page] > 1',
  },
];

const pages: readonly Mutant[] = [
  {
    name: 'page-double-allocated',
    breaks: 'the last page of a span of several stays free',
    module: 'heap/pages',
    find: 'w.pageFree[p] = 0;',
    replace: 'w.pageFree[p] = p > page && p === page + npages - 1 ? 1 : 0;',
  },
  {
    name: 'page-summary-stale',
    breaks: 'taking pages does not touch the summary by which free pages are found',
    module: 'decide/allocator',
    find: 'this.#pages.changed(page, npages, false);',
    replace: ';',
  },
  {
    name: 'freed-pages-not-found',
    breaks: 'pages that come free below all others are not looked at again',
    module: 'decide/pageindex',
    find: 'freed && page < this.#lowest',
    replace: 'freed && page > this.#lowest',
  },
  {
    name: 'scavenged-page-kept',
    breaks: 'a page that is used again still counts as returned to the system',
    module: 'heap/pages',
    find: 'w.pageScavenged[p] = 0;',
    replace: ';',
  },
  {
    name: 'scavenged-counted-twice',
    breaks: 'pages that go back to the system are counted twice',
    module: 'heap/pages',
    find: 'w.scalars[SCALAR.heapReleased] += npages * PAGE_SIZE;',
    replace: 'w.scalars[SCALAR.heapReleased] += 2 * npages * PAGE_SIZE;',
  },
  {
    name: 'scavenger-takes-chosen-pages',
    breaks: 'the scavenger returns pages that an allocation has just chosen',
    module: 'decide/scavenge_index',
    find: 'page >= this.#from && page < this.#to',
    replace: 'page < 0',
  },
];

const moving: readonly Mutant[] = [
  {
    name: 'compaction-misses-pointer',
    breaks: 'compaction leaves one root pointing to where its object was',
    module: 'heap/moves',
    find: 'w.roots[root] = after;',
    replace: 'if (root !== 1) w.roots[root] = after;',
  },
  {
    name: 'compaction-skips-last-slot',
    breaks: 'compaction slides objects into one slot less than a span has',
    module: 'decide/compactor',
    find: 'if (slot === w.nelems[spans[target]])',
    replace: 'if (slot === w.nelems[spans[target]] - 1 && spans[target] !== page)',
  },
  {
    name: 'compaction-keeps-empty-span',
    breaks: 'compaction does not free a span that it has emptied',
    module: 'evolve/compaction',
    find: 'w.allocCount[page] === 0',
    replace: 'w.allocCount[page] < 0',
  },
];

export const HEAP: readonly Mutant[] = [...sweeping, ...spans, ...pages, ...moving];
