/** Specials against the heap and against each other. See `check.ts`. */
import { wordAlive } from './check_pointers.ts';
import { SPAN_IN_USE } from './layout.ts';
import { SCALAR } from './scalars.ts';
import { slotAllocated, slotBytes, slotOfWord } from './slots.ts';
import {
  CLEANUP_BLOCK,
  SPECIAL_KIND,
  SPECIAL_STATE,
  type SpecialTable,
  specialByte,
} from './specials.ts';
import type { World } from './world.ts';

type Report = (problem: string) => void;

/**
 * 1. Each list is sorted and holds attached specials of allocated slots of its span; cleanups only may
 *    share a byte. 2. What a special that is attached, queued or running refers to is alive: also
 *    what an object with a finalizer leads to. 3. Queues hold what is queued, once.
 */
export function checkSpecials(w: World, report: Report): void {
  const t = w.specials;
  let attached = 0;
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanSpecials[page] === 0) continue;
    if (w.spanState[page] !== SPAN_IN_USE) report(`page ${page} has specials and no span`);
    else attached += checkList(w, page, report);
  }
  if (attached !== t.attached) report(`${attached} specials are attached, not ${t.attached}`);
  const seen = new Uint8Array(t.count + 1);
  for (const list of [t.finq, t.finRunning])
    checkQueue(w, list, SPECIAL_KIND.finalizer, seen, report);
  for (const list of cleanupQueues(t)) checkQueue(w, list, SPECIAL_KIND.cleanup, seen, report);
  const running = [t.finCurrent, ...t.cleanupWorkers.map((worker) => worker.running)];
  for (const special of running) if (special !== 0) seen[special] += 1;
  let linked = 0;
  for (let special = 1; special <= t.count; special += 1) {
    const state = t.state[special];
    linked += state === SPECIAL_STATE.attached ? 1 : 0;
    const due = state === SPECIAL_STATE.queued || state === SPECIAL_STATE.running;
    if (seen[special] !== (due ? 1 : 0)) {
      report(`special ${special} in state ${state} is queued or running ${seen[special]} times`);
    }
    if (due !== running.includes(special) && state === SPECIAL_STATE.running) {
      report(`special ${special} does not run`);
    }
    if (state !== SPECIAL_STATE.gone) checkReferences(w, special, report);
  }
  if (linked !== t.attached) report(`${linked} specials say that they are attached`);
  checkPhase(w, report);
}

function* cleanupQueues(t: SpecialTable): Generator<readonly number[]> {
  yield* t.cleanupLocal;
  yield* t.cleanupBlocks;
  for (const { block } of t.cleanupWorkers) yield block;
}

/** Checks the list of a span; returns its length. */
function checkList(w: World, page: number, report: Report): number {
  const t = w.specials;
  let length = 0;
  let place = -1;
  let kind = 0;
  for (let at = w.spanSpecials[page]; at !== 0; at = t.next[at]) {
    length += 1;
    if (length > t.count) {
      report(`the specials of span ${page} go round in a circle`);
      break;
    }
    const byte = specialByte(w, at);
    const sorted = byte > place || (byte === place && t.kind[at] > kind);
    const shared = byte === place && kind === SPECIAL_KIND.cleanup && t.kind[at] === kind;
    if (!sorted && !shared) report(`special ${at} of span ${page} is out of order`);
    if (t.state[at] !== SPECIAL_STATE.attached)
      report(`special ${at} is in a list and not attached`);
    const word = w.objects.wordOf(t.object[at]);
    const inside = byte >= word * 8 && byte < (page << 13) + w.spanPages[page] * 8192;
    const index = slotOfWord(w, page, Math.floor(byte / 8));
    if (!inside || w.spanOf[word >> 10] !== page + 1 || index !== slotOfWord(w, page, word)) {
      report(`special ${at} is beside its object`);
    } else if (index >= w.nelems[page] || !slotAllocated(w, page, index)) {
      report(`special ${at} is about a free slot`);
    }
    place = byte;
    kind = t.kind[at];
  }
  return length;
}

function checkQueue(
  w: World,
  list: readonly number[],
  kind: number,
  seen: Uint8Array,
  report: Report,
): void {
  const t = w.specials;
  for (const special of list) {
    if (t.kind[special] !== kind || t.state[special] !== SPECIAL_STATE.queued) {
      report(`special ${special} is in a queue and not due`);
    }
    seen[special] += 1;
  }
}

/** What a special keeps must be alive. */
function checkReferences(w: World, special: number, report: Report): void {
  const t = w.specials;
  const need = (object: number, what: string): void => {
    if (object === 0 || wordAlive(w, w.objects.wordOf(object))) return;
    report(`the ${what} of special ${special} is not alive`);
  };
  need(t.closure[special], 'closure');
  need(t.arg[special], t.kind[special] === SPECIAL_KIND.cleanup ? 'argument' : 'handle');
  if (t.kind[special] !== SPECIAL_KIND.finalizer) return;
  if (t.state[special] !== SPECIAL_STATE.attached) need(t.object[special], 'object');
  else checkContents(w, special, report);
}

/** An object with a finalizer leads to nothing dead but, perhaps, itself. */
function checkContents(w: World, special: number, report: Report): void {
  const word = w.objects.wordOf(w.specials.object[special]);
  const page = w.spanAtWord(word);
  if ((w.spanClass[page] & 1) !== 0) return;
  const words = slotBytes(w, page) >> 3;
  const start = (page << 10) + slotOfWord(w, page, word) * words;
  for (let at = start; at < start + words && at < w.words.length; at += 1) {
    const target = w.words[at] - 1;
    if (target < 0 || (target >= start && target < start + words)) continue;
    if (!wordAlive(w, target)) {
      report(`word ${at}, which a finalizer of special ${special} can see, is dead`);
    }
  }
}

function checkPhase(w: World, report: Report): void {
  const { cleanupLocal, cleanupBlocks } = w.specials;
  if (w.scalars[SCALAR.sweeping] === 0 && cleanupLocal.some((block) => block.length > 0)) {
    report('cleanups wait for the end of a sweep that has ended');
  }
  for (const block of [...cleanupLocal, ...cleanupBlocks]) {
    if (block.length > CLEANUP_BLOCK) report(`a block of ${block.length} cleanups`);
  }
}
