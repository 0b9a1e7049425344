/**
 * Savepoints: states of a World that are kept in memory, to go back to. They are for whoever goes back and forth on one tape:
 * many of them are cheap, and none is canonical (`snapshot.ts` makes those that are stored).
 *
 * 1. A savepoint is whole, or a patch upon another: the pages that were written to since, and the pointer words and
 *    roots that changed, with what they hold now. The undo log tells which (`undo.ts`), so taking one costs
 *    what changed, and not what there is.
 * 2. Savepoints that follow each other are a line and have a number in it. Number `i` is a patch upon the
 *    number that is `i` without its lowest one bit, and every 64th is whole. So at most six patches lie upon
 *    one another, and of any even number all that it rests upon is even: the odd ones can be let go at any
 *    time, and the others, with their numbers halved, are a line again.
 * 3. Going to a savepoint copies the chunks in which the whole one below it differs from the world, and then what its patches
 *    name. The table of objects is shared: it only grows, but for what makes it another (`objects.ts`).
 * 4. A mark is a place to step back to: the undo log is read backwards as far as it goes, and the pages that were written to
 *    since are put back from a copy. It costs a copy of all pages to make, and next to nothing to go to.
 *
 * Invariant: one Savepoints follows one World, owns its undo log and its `DIRTY_SNAPSHOT` flags, and between two of its states
 * nothing but the events of one tape are folded.
 */
import { bytesOfShared } from './objects.ts';
import { CellColumn, type CellPatch, type CellView } from './savepoint_cells.ts';
import {
  dumpPages,
  noPages,
  PageColumn,
  type PageRecords,
  undumpPages,
} from './savepoint_pages.ts';
import { type Rest, RestOfWorld } from './savepoint_rest.ts';
import { SCALAR } from './scalars.ts';
import { foldObjects, ROOT_SALT } from './statehash.ts';
import { UndoLog } from './undo.ts';
import { DIRTY_SNAPSHOT, ROOT_CHUNK_SHIFT, WORD_CHUNK_SHIFT, type World } from './world.ts';

/** Numbers of a line that lie upon one whole savepoint. */
const LINE = 64;
/** Integers of the undo log that may lie idle before the first mark. */
const IDLE = 1 << 16;
/** Integers of the undo log after which a mark is too far to step back to. */
const FAR = 1 << 18;

/** A column of cells: all of them, or those that changed. */
type Cells = { readonly chunks: readonly Int32Array[] } | CellPatch;

export interface Savepoint {
  readonly seq: number;
  /** What it is a patch upon; null when it is whole. */
  readonly below: Savepoint | null;
  /** Number in its line. */
  index: number;
  readonly stamp: number;
  readonly pages: PageRecords;
  readonly words: Cells;
  readonly roots: Cells;
  readonly rest: Rest;
}

interface Mark {
  readonly seq: number;
  /** Integers of the undo log then. */
  at: number;
  /** The savepoint that the world came from then, where in the undo log, and the pages written to since. */
  readonly last: Savepoint | null;
  from: number;
  readonly since: Uint8Array;
  readonly pages: PageRecords;
  /** Pages written to until the next mark. */
  touched: number[];
  readonly rest: Rest;
}

/** Keeps states of one World, and puts it back to them. */
export class Savepoints {
  readonly #world: World;
  readonly #undo = new UndoLog();
  readonly #pages = new PageColumn();
  readonly #words = new CellColumn();
  readonly #roots = new CellColumn();
  readonly #rest = new RestOfWorld();
  /** The savepoint that the world came from, and the undo log's length then. */
  #last: Savepoint | null = null;
  #from = 0;
  #stamps = 0;
  /** Oldest first. */
  #marks: Mark[] = [];
  readonly #spare: PageRecords[] = [];

  constructor(world: World) {
    this.#world = world;
    world.undo = this.#undo;
    this.forget();
  }

  /** The world has become another by other means than the events of the tape. */
  forget(): void {
    this.#world.markUnsaved();
    this.#words.forget(wordsOf(this.#world));
    this.#roots.forget(rootsOf(this.#world));
    this.#rest.forget();
    this.#lose();
  }

  /** The state as it is. */
  take(): Savepoint {
    const w = this.#world;
    const undo = this.#undo;
    foldObjects(w);
    if (undo.lost) this.#lose();
    this.#pages.collect(w, this.#marks.at(-1)?.touched);
    const last = this.#last;
    const index = last === null ? 0 : Math.floor(last.index) + 1;
    const below = last === null || index % LINE === 0 ? null : this.#gather(last, index);
    const stamp = this.#stamps;
    this.#stamps += 1;
    const savepoint: Savepoint = {
      seq: w.scalars[SCALAR.seq],
      below,
      index,
      stamp,
      pages: this.#pages.take(w, stamp, below === null),
      words: below === null ? this.#wholeWords() : this.#words.patch(wordsOf(w)),
      roots: below === null ? this.#wholeRoots() : this.#roots.patch(rootsOf(w)),
      rest: this.#rest.take(w),
    };
    this.#last = savepoint;
    while (this.#marks.length > 0 && undo.count - this.#marks[0].at > FAR) this.#dropFirst();
    if (this.#marks.length === 0) undo.clear();
    this.#from = undo.count;
    return savepoint;
  }

  /** Notes what changed between the savepoint that number `index` of this line is a patch upon, and now. Returns that. */
  #gather(last: Savepoint, index: number): Savepoint {
    const wanted = index & (index - 1);
    let below = last;
    while (below.below !== null && below.index > wanted) {
      this.#pages.addAll(below.pages);
      if ('cells' in below.words) this.#words.addAll(below.words);
      if ('cells' in below.roots) this.#roots.addAll(below.roots);
      below = below.below;
    }
    const { pairs, count } = this.#undo;
    for (let i = this.#from; i < count; i += 2) {
      if (pairs[i] < 0) this.#roots.add(pairs[i] ^ ROOT_SALT);
      else this.#words.add(pairs[i]);
    }
    return below;
  }

  #wholeWords(): Cells {
    const w = this.#world;
    return { chunks: this.#words.whole(wordsOf(w), Math.min(w.pages << 10, w.words.length)) };
  }

  #wholeRoots(): Cells {
    const w = this.#world;
    return { chunks: this.#roots.whole(rootsOf(w), w.rootCount) };
  }

  /** Puts the world to a savepoint of this world. */
  restore(savepoint: Savepoint): void {
    const w = this.#world;
    const before = w.pages;
    const parts: Savepoint[] = [];
    for (let at: Savepoint | null = savepoint; at !== null; at = at.below) parts.unshift(at);
    this.#rest.restore(w, savepoint.rest);
    const pages = parts.map((part) => part.pages);
    const stamps = parts.map(({ stamp }) => stamp);
    this.#pages.restore(w, pages, stamps, before);
    const words = parts.map((part) => part.words);
    restoreCells(this.#words, wordsOf(w), words);
    const roots = parts.map((part) => part.roots);
    restoreCells(this.#roots, rootsOf(w), roots);
    this.#lose();
    this.#last = savepoint;
  }

  /** The world does not come from a savepoint, and there are no marks. */
  #lose(): void {
    for (const { pages } of this.#marks) this.#spare.push(pages);
    this.#marks = [];
    this.#undo.clear();
    this.#last = null;
    this.#from = 0;
  }

  /** Marks the state as it is. Of all marks the last `most` stay, until the next `restore`. */
  mark(most: number): void {
    const w = this.#world;
    foldObjects(w);
    if (this.#undo.lost) this.#lose();
    this.#pages.collect(w, this.#marks.at(-1)?.touched);
    const pages = this.#spare.pop() ?? noPages();
    dumpPages(w, pages);
    this.#marks.push({
      seq: w.scalars[SCALAR.seq],
      at: this.#undo.count,
      last: this.#last,
      from: this.#from,
      since: this.#pages.since(),
      pages,
      touched: [],
      rest: this.#rest.take(w),
    });
    if (this.#marks.length > most) this.#dropFirst();
  }

  #dropFirst(): void {
    const first = this.#marks.shift();
    if (first !== undefined) this.#spare.push(first.pages);
    const idle = Math.min(this.#from, ...this.#marks.map(({ from }) => from));
    if (idle < IDLE) return;
    this.#undo.drop(idle);
    this.#from -= idle;
    for (const mark of this.#marks) {
      mark.at -= idle;
      mark.from -= idle;
    }
  }

  /** The event after which the last mark up to event `seq` stands; -1 when there is none. */
  markedBefore(seq: number): number {
    if (this.#undo.lost) return -1;
    let best = -1;
    for (const mark of this.#marks) if (mark.seq <= seq) best = Math.max(best, mark.seq);
    return best;
  }

  /** Steps back to the mark after event `seq`, which there is. Later marks are no more. */
  rewind(seq: number): void {
    const w = this.#world;
    const before = w.pages;
    this.#pages.collect(w, this.#marks.at(-1)?.touched);
    const touched = new Set<number>();
    for (;;) {
      const mark = this.#marks[this.#marks.length - 1];
      for (const page of mark.touched) touched.add(page);
      mark.touched = [];
      if (mark.seq === seq) {
        this.#rewindTo(mark, touched, before);
        return;
      }
      this.#spare.push(mark.pages);
      this.#marks.pop();
    }
  }

  #rewindTo(mark: Mark, touched: Set<number>, before: number): void {
    const w = this.#world;
    const { pairs, count } = this.#undo;
    for (let i = count - 2; i >= mark.at; i -= 2) {
      const cell = pairs[i];
      if (cell >= 0) {
        w.words[cell] = pairs[i + 1];
        w.dirtyWords[cell >> WORD_CHUNK_SHIFT] |= DIRTY_SNAPSHOT;
      } else {
        w.roots[cell ^ ROOT_SALT] = pairs[i + 1];
        w.dirtyRoots[(cell ^ ROOT_SALT) >> ROOT_CHUNK_SHIFT] |= DIRTY_SNAPSHOT;
      }
    }
    this.#undo.count = mark.at;
    this.#rest.restore(w, mark.rest);
    for (let page = w.pages; page < before; page += 1) touched.add(page);
    undumpPages(w, mark.pages, touched);
    this.#pages.goBack(mark.since, touched);
    this.#last = mark.last;
    this.#from = mark.from;
  }

  /** Lets every other one of `kept` go: returns those that stay. No other savepoint of this world may be in use. */
  halve(kept: readonly Savepoint[]): Savepoint[] {
    const all = new Set(kept);
    for (const last of [this.#last, ...this.#marks.map((mark) => mark.last)]) {
      if (last !== null) all.add(last);
    }
    for (const savepoint of all) savepoint.index /= 2;
    return kept.filter(({ index }) => Number.isInteger(index));
  }
}

/** Bytes of a savepoint that it does not share with the one before. */
export function savepointBytes(savepoint: Savepoint, before: Savepoint | undefined): number {
  const { pages, words, roots, rest } = savepoint;
  const old = before === undefined ? undefined : wholeBelow(before);
  let bytes = 4 * (pages.cells.length + 2 * pages.count);
  bytes += bytesOfCells(words, old?.words) + bytesOfCells(roots, old?.roots);
  for (const [name, chunks] of Object.entries(rest.columns)) {
    const known = before?.rest.columns[name] ?? [];
    for (const [i, chunk] of chunks.entries()) if (known[i] !== chunk) bytes += chunk.length;
  }
  if (before?.rest.objects.sheet !== rest.objects.sheet) bytes += bytesOfShared(rest.objects);
  return bytes;
}

function wholeBelow(savepoint: Savepoint): Savepoint {
  let whole = savepoint;
  while (whole.below !== null) whole = whole.below;
  return whole;
}

function bytesOfCells(cells: Cells, before: Cells | undefined): number {
  if ('cells' in cells) return 8 * cells.cells.length;
  const old = before !== undefined && 'chunks' in before ? before.chunks : [];
  let bytes = 0;
  for (const [i, chunk] of cells.chunks.entries()) if (old[i] !== chunk) bytes += chunk.byteLength;
  return bytes;
}

const wordsOf = ({ words, dirtyWords }: World): CellView => ({ values: words, dirty: dirtyWords });
const rootsOf = ({ roots, dirtyRoots }: World): CellView => ({ values: roots, dirty: dirtyRoots });

/** Puts a column to whole cells and the patches upon them. */
function restoreCells(column: CellColumn, view: CellView, parts: readonly Cells[]): void {
  const chunks = 'chunks' in parts[0] ? parts[0].chunks : [];
  column.restore(
    view,
    chunks,
    parts.filter((part) => 'cells' in part),
  );
}
