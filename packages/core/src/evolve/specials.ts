/**
 * Evolve, for specials: attached and taken off, queued, run; pools emptied.
 *
 * Each function states the outcome of one event; `heap/specials.ts` says what the tables mean. An
 * event that starts a finalizer or cleanup finds it wherever it is: under the settings of its
 * recording at the head of the queue; under others it may be queued elsewhere, or still attached.
 *
 * Follows `runtime/mheap.go` addspecial and freeSpecial, `mfinal.go` queuefinalizer and runFinalizers,
 * `mcleanup.go` and `sync/pool.go` poolCleanup, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotBytes, slotOfWord } from '../heap/slots.ts';
import {
  CLEANUP_BLOCK,
  FINALIZER_BLOCK,
  findSpecial,
  SPECIAL_CHUNK_SHIFT,
  SPECIAL_KIND,
  SPECIAL_STATE,
  specialBefore,
  specialByte,
} from '../heap/specials.ts';
import { changeRoot } from '../heap/statehash.ts';
import { DIRTY_ALL, ROOT_CHUNK_SHIFT, type World } from '../heap/world.ts';

/** Attaches a new special. Of several at one byte and of one kind the newest comes first. */
function attach(
  w: World,
  kind: number,
  object: number,
  offset: number,
  fn: number,
  closure: number,
  arg: number,
): void {
  const t = w.specials;
  const special = t.count + 1;
  t.reserve(special);
  t.count = special;
  t.attached += 1;
  t.kind[special] = kind;
  t.state[special] = SPECIAL_STATE.attached;
  t.object[special] = object;
  t.offset[special] = offset;
  t.fn[special] = fn;
  t.closure[special] = closure;
  t.arg[special] = arg;
  const page = w.spanAtWord(w.objects.wordOf(object));
  const before = specialBefore(w, page, specialByte(w, special), kind);
  t.next[special] = before === 0 ? w.spanSpecials[page] : t.next[before];
  t.hashRecord(special, 1);
  t.dirty[special >> SPECIAL_CHUNK_SHIFT] = DIRTY_ALL;
  link(w, page, before, special);
}

/** Lets `before`, or the head of a span's list, lead to `special`. */
function link(w: World, page: number, before: number, special: number): void {
  const t = w.specials;
  if (before === 0) {
    w.spanSpecials[page] = special;
    w.dirtyPages[page] = DIRTY_ALL;
    return;
  }
  t.hashRecord(before, -1);
  t.next[before] = special;
  t.hashRecord(before, 1);
  t.dirty[before >> SPECIAL_CHUNK_SHIFT] = DIRTY_ALL;
}

function setState(w: World, special: number, state: number): void {
  const t = w.specials;
  t.hashRecord(special, -1);
  t.state[special] = state;
  t.hashRecord(special, 1);
  t.dirty[special >> SPECIAL_CHUNK_SHIFT] = DIRTY_ALL;
}

/** Takes an attached special off its object. */
function detach(w: World, special: number, state: number): void {
  const t = w.specials;
  if (t.state[special] !== SPECIAL_STATE.attached) {
    throw new AssertionError(`special ${special} is not attached`);
  }
  const page = w.spanAtWord(w.objects.wordOf(t.object[special]));
  let before = specialBefore(w, page, specialByte(w, special), t.kind[special]);
  let at = before === 0 ? w.spanSpecials[page] : t.next[before];
  while (at !== special) {
    if (at === 0) throw new AssertionError(`special ${special} is not in the list of its span`);
    before = at;
    at = t.next[at];
  }
  link(w, page, before, t.next[special]);
  t.hashRecord(special, -1);
  t.next[special] = 0;
  t.state[special] = state;
  t.hashRecord(special, 1);
  t.dirty[special >> SPECIAL_CHUNK_SHIFT] = DIRTY_ALL;
  t.attached -= 1;
}

/** Takes all specials off the spans at `pages`, whose objects are about to move; returns them. */
export function takeSpecials(w: World, pages: Iterable<number>): readonly number[] {
  const t = w.specials;
  const taken: number[] = [];
  for (const page of pages) {
    for (let at = w.spanSpecials[page]; at !== 0; at = t.next[at]) taken.push(at);
    if (w.spanSpecials[page] !== 0) link(w, page, 0, 0);
  }
  return taken;
}

/** Attaches specials that were taken off to the spans in which their objects lie now. */
export function putSpecials(w: World, taken: readonly number[]): void {
  const t = w.specials;
  const oldestFirst = [...taken].sort((a, b) => a - b);
  for (const special of oldestFirst) {
    const page = w.spanAtWord(w.objects.wordOf(t.object[special]));
    const before = specialBefore(w, page, specialByte(w, special), t.kind[special]);
    t.hashRecord(special, -1);
    t.next[special] = before === 0 ? w.spanSpecials[page] : t.next[before];
    t.hashRecord(special, 1);
    t.dirty[special >> SPECIAL_CHUNK_SHIFT] = DIRTY_ALL;
    link(w, page, before, special);
  }
}

export function finalizerSet(
  w: World,
  object: number,
  offset: number,
  fn: number,
  closure: number,
): void {
  attach(w, SPECIAL_KIND.finalizer, object, offset, fn, closure, 0);
}

export function finalizerCleared(w: World, object: number, offset: number): void {
  const special = findSpecial(w, object, offset, SPECIAL_KIND.finalizer);
  if (special !== 0) detach(w, special, SPECIAL_STATE.gone);
}

export function cleanupAdded(
  w: World,
  object: number,
  offset: number,
  fn: number,
  arg: number,
  closure: number,
): void {
  attach(w, SPECIAL_KIND.cleanup, object, offset, fn, closure, arg);
}

export function cleanupStopped(w: World, special: number): void {
  if (w.specials.state[special] !== SPECIAL_STATE.attached) return;
  detach(w, special, SPECIAL_STATE.gone);
}

export function weakHandleMade(w: World, object: number, offset: number, handle: number): void {
  attach(w, SPECIAL_KIND.weakHandle, object, offset, 0, 0, handle);
}

export function weakCleared(w: World, special: number): void {
  detach(w, special, SPECIAL_STATE.gone);
}

/** The object lives once more: its slot counts as marked, so that this sweep keeps it. */
export function finalizerQueued(w: World, special: number): void {
  const t = w.specials;
  detach(w, special, SPECIAL_STATE.queued);
  t.finq.push(special);
  w.scalars[SCALAR.finalizersQueued] += 1;
  const word = w.objects.wordOf(t.object[special]);
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  if ((w.markBits[at] & bit) !== 0) return;
  w.markBits[at] |= bit;
  w.dirtyPages[page] = DIRTY_ALL;
  w.scalars[SCALAR.revivedBytes] += slotBytes(w, page);
}

export function finalizersScanned(w: World, bytes: number): void {
  w.scalars[SCALAR.bytesMarked] += bytes;
  w.scalars[SCALAR.finalizerScanBytes] += bytes;
}

export function finalizerStarted(w: World, special: number): void {
  const t = w.specials;
  if (t.finCurrent !== 0) throw new AssertionError('a finalizer starts while another runs');
  if (t.finRunning.length === 0) {
    const taken = t.finRunning;
    t.finRunning = t.finq;
    t.finq = taken;
  }
  if (t.state[special] === SPECIAL_STATE.attached) {
    detach(w, special, SPECIAL_STATE.running);
    w.scalars[SCALAR.finalizersQueued] += 1;
  } else {
    if (!removeLast(t.finRunning, special) && !removeLast(t.finq, special)) {
      throw new AssertionError(`finalizer ${special} is not due`);
    }
    setState(w, special, SPECIAL_STATE.running);
  }
  t.finCurrent = special;
}

/** Go counts finalizers as executed block by block. */
export function finalizerReturned(w: World): void {
  const t = w.specials;
  setState(w, t.finCurrent, SPECIAL_STATE.gone);
  t.finCurrent = 0;
  t.finDone += 1;
  if (t.finRunning.length % FINALIZER_BLOCK !== 0) return;
  w.scalars[SCALAR.finalizersExecuted] += t.finDone;
  t.finDone = 0;
}

/** Takes an entry out of a list, looking from its end. */
function removeLast(list: number[], special: number): boolean {
  const at = list.lastIndexOf(special);
  if (at < 0) return false;
  list.splice(at, 1);
  return true;
}

export function cleanupQueued(w: World, special: number): void {
  detach(w, special, SPECIAL_STATE.queued);
  w.specials.local(w.scalars[SCALAR.p]).push(special);
  w.scalars[SCALAR.cleanupsQueued] += 1;
}

export function cleanupBlockFilled(w: World, p: number): void {
  const t = w.specials;
  t.cleanupBlocks.push(t.local(p));
  t.cleanupLocal[p] = [];
}

/** The blocks of all Ps are poured together, a later one from its end into the one before. */
export function cleanupsFlushed(w: World): void {
  const t = w.specials;
  let open: number[] = [];
  for (let p = 0; p < t.cleanupLocal.length; p += 1) {
    const block = t.cleanupLocal[p];
    t.cleanupLocal[p] = [];
    if (open.length === 0) {
      open = block;
      continue;
    }
    const room = CLEANUP_BLOCK - open.length;
    open.push(...block.splice(Math.max(0, block.length - room)));
    if (open.length < CLEANUP_BLOCK) continue;
    t.cleanupBlocks.push(open);
    open = block;
  }
  if (open.length > 0) t.cleanupBlocks.push(open);
}

export function cleanupStarted(w: World, worker: number, special: number): void {
  const t = w.specials;
  const own = t.worker(worker);
  if (own.running !== 0) throw new AssertionError(`cleanup goroutine ${worker} is busy`);
  if (t.state[special] === SPECIAL_STATE.attached) {
    detach(w, special, SPECIAL_STATE.running);
    w.scalars[SCALAR.cleanupsQueued] += 1;
  } else {
    if (own.block.length === 0) own.block.push(...(t.cleanupBlocks.pop() ?? []));
    if (!removeCleanup(w, own.block, special)) {
      throw new AssertionError(`cleanup ${special} is not due`);
    }
    setState(w, special, SPECIAL_STATE.running);
  }
  own.running = special;
}

/** Takes a cleanup out of a goroutine's block, or from wherever else it is queued. */
function removeCleanup(w: World, block: number[], special: number): boolean {
  const t = w.specials;
  const others = t.cleanupWorkers.map((worker) => worker.block);
  for (const list of [block, ...t.cleanupBlocks, ...t.cleanupLocal, ...others]) {
    const at = list.indexOf(special);
    if (at < 0) continue;
    list.splice(at, 1);
    return true;
  }
  return false;
}

/** Go counts cleanups as executed when a goroutine has done its block. */
export function cleanupReturned(w: World, special: number): void {
  const own = w.specials.cleanupWorkers.find(({ running }) => running === special);
  if (own === undefined) throw new AssertionError(`cleanup ${special} is not running`);
  setState(w, special, SPECIAL_STATE.gone);
  own.running = 0;
  own.done += 1;
  if (own.block.length > 0) return;
  w.scalars[SCALAR.cleanupsExecuted] += own.done;
  own.done = 0;
}

export function poolRegistered(w: World, localRoot: number, victimRoot: number): void {
  for (const root of [localRoot, victimRoot]) {
    w.reserveRoots(root);
    w.rootCount = Math.max(w.rootCount, root + 1);
  }
  w.specials.pools.push(localRoot, victimRoot);
}

export function poolsCleaned(w: World): void {
  const { pools } = w.specials;
  for (let i = 0; i < pools.length; i += 2) {
    writeRoot(w, pools[i + 1], w.roots[pools[i]]);
    writeRoot(w, pools[i], 0);
  }
}

/** Writes a root's reference (word index plus 1) while nothing is marking. */
function writeRoot(w: World, root: number, after: number): void {
  if (w.roots[root] === after) return;
  changeRoot(w, root, w.roots[root], after);
  w.roots[root] = after;
  w.dirtyRoots[root >> ROOT_CHUNK_SHIFT] = DIRTY_ALL;
}
