/** What the spans add up to, against what scalars and counters say. See `check.ts`. */
import { SCALAR } from './scalars.ts';
import { PAGE_SIZE } from './sizeclasses.ts';
import { countMarked, isUnswept, slotBytes } from './slots.ts';
import type { World } from './world.ts';

export class Accounts {
  #spans = 0;
  #pages = 0;
  #unswept = 0;
  #marked = 0;
  /** Bytes that heapLive must at least count. */
  #live = 0;
  /** Bytes and objects that the counters have been told of. */
  #alloc = 0;
  #large = 0;
  readonly #small = new Float64Array(68);

  /** Adds the span at `page`; `cached` while an mcache has it. */
  add(w: World, page: number, cached: boolean): void {
    const bytes = slotBytes(w, page);
    const spanClass = w.spanClass[page];
    const marked = countMarked(w, page);
    const unswept = isUnswept(w, page);
    const told = cached ? w.allocBefore[page] : w.allocCount[page];
    this.#spans += 1;
    this.#pages += w.spanPages[page];
    this.#unswept += unswept ? 1 : 0;
    this.#marked += marked * bytes;
    this.#live += (unswept ? marked : w.allocCount[page]) * bytes;
    this.#alloc += told * bytes;
    if (spanClass < 2) this.#large += w.allocCount[page];
    else this.#small[spanClass >> 1] += told;
  }

  compare(w: World, report: (problem: string) => void): void {
    const s = w.scalars;
    const equal = (what: string, found: number, said: number): void => {
      if (found !== said) report(`${what}: the spans give ${found}, the state says ${said}`);
    };
    let free = 0;
    let returned = 0;
    for (let page = 0; page < w.pages; page += 1) {
      free += w.pageFree[page] & (1 - w.pageScavenged[page]);
      returned += w.pageScavenged[page];
    }
    equal('spans', this.#spans, s[SCALAR.spans]);
    equal('pagesInUse', this.#pages, s[SCALAR.pagesInUse]);
    equal('heapInUse', this.#pages * PAGE_SIZE, s[SCALAR.heapInUse]);
    equal('heapFree', free * PAGE_SIZE, s[SCALAR.heapFree]);
    equal('heapReleased', returned * PAGE_SIZE, s[SCALAR.heapReleased]);
    equal('unswept spans', this.#unswept, s[SCALAR.unswept]);
    equal('HeapAlloc', this.#alloc, s[SCALAR.totalAlloc] - s[SCALAR.totalFree]);
    equal('large objects', this.#large, s[SCALAR.largeAllocCount] - s[SCALAR.largeFreeCount]);
    for (let c = 1; c < this.#small.length; c += 1) {
      const said = w.smallAllocCount[c] - w.smallFreeCount[c];
      equal(`objects of size class ${c}`, this.#small[c], said);
    }
    if (s[SCALAR.gcphase] === 1) {
      const marked = s[SCALAR.bytesMarked] - s[SCALAR.finalizerScanBytes];
      equal('bytes marked', this.#marked, marked);
    }
    if (s[SCALAR.heapLive] + s[SCALAR.revivedBytes] < this.#live) {
      report(`heapLive is ${s[SCALAR.heapLive]}, but ${this.#live} bytes are alive or new`);
    }
    if (s[SCALAR.sweeping] === 0 && s[SCALAR.unswept] !== 0) report('the sweep ended too soon');
  }
}
