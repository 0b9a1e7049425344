/** Bugs of marking: colours, the write barrier, roots, work queues, the end of marking. */
import type { Mutant } from './mutant.ts';

const barrier: readonly Mutant[] = [
  {
    name: 'no-deletion-barrier',
    breaks: 'the write barrier forgets the pointer that a store overwrites',
    module: 'decide/barrierbuffers',
    find: 'this.#entries[at] = before;',
    replace: 'this.#entries[at] = 0;',
  },
  {
    name: 'no-insertion-barrier',
    breaks: 'the write barrier forgets the pointer that a store writes',
    module: 'decide/barrierbuffers',
    find: 'this.#entries[at + 1] = after;',
    replace: 'this.#entries[at + 1] = 0;',
  },
  {
    name: 'barrier-off-early',
    breaks:
      'the write barrier goes off as soon as the global queues are empty, before marking has ended',
    module: 'decide/collector',
    find: 'this.marker.barrier(this.#world.scalars[SCALAR.p], before, after);',
    replace:
      'if (this.marker.workAvailable) this.marker.barrier(this.#world.scalars[SCALAR.p], before, after);',
  },
  {
    name: 'barrier-on-first-p',
    breaks: 'the write barrier notes into the buffer of P 0, whichever P runs',
    module: 'decide/collector',
    find: 'this.marker.barrier(this.#world.scalars[SCALAR.p], before, after);',
    replace: 'this.marker.barrier(0, before, after);',
  },
  {
    name: 'barrier-skips-roots',
    breaks: 'stores to stacks and globals do not note the pointer that they overwrite',
    module: 'decide/decider',
    find: 'const before = root < w.rootCount ? w.roots[root] : 0;',
    replace: 'const before = 0;',
  },
  {
    name: 'barrier-buffer-overrun',
    breaks: 'a write-barrier buffer is flushed 256 entries too late',
    module: 'decide/barrierbuffers',
    find: 'this.#count[p] + 2 > BARRIER_ENTRIES',
    replace: 'this.#count[p] + 2 > BARRIER_ENTRIES + 256',
  },
  {
    name: 'barrier-flush-misses-last',
    breaks: 'flushing a write-barrier buffer leaves its last entry out',
    module: 'decide/marker',
    find: 'for (let i = 0; i < count; i += 1) if (references[i] !== 0)',
    replace: 'for (let i = 0; i < count - 1; i += 1) if (references[i] !== 0)',
  },
  {
    name: 'tiny-block-store-without-barrier',
    breaks: 'a tiny block becomes a root of its P without a write barrier',
    module: 'decide/decider',
    find: 'this.#collector.barrier(0, this.world.objects.words[entry] + 1);',
    replace: ';',
  },
];

const colours: readonly Mutant[] = [
  {
    name: 'allocate-white',
    breaks: 'objects are allocated white while marking',
    module: 'evolve/mutator',
    find: 'scalars[SCALAR.gcphase] !== 0',
    replace: 'scalars[SCALAR.gcphase] > 1',
  },
  {
    name: 'mark-bit-of-next-slot',
    breaks: 'marking remembers the slot behind the one that it has marked',
    module: 'decide/markstate',
    find: 'const bit = 1 << (index & 31);',
    replace: 'const bit = 1 << ((index + 1) & 31);',
  },
  {
    name: 'interior-pointer-ignored',
    breaks: 'pointers into an object, not to the first word of its slot, do not keep it',
    module: 'decide/markstate',
    find: '((this.seen[at] | w.markBits[at]) & bit) !== 0',
    replace:
      '((this.seen[at] | w.markBits[at]) & bit) !== 0 || this.slotWord(page, index) !== word',
  },
  {
    name: 'noscan-queued',
    breaks: 'objects without pointers are queued to be scanned',
    module: 'decide/markstate',
    find: 'if (noscan) return;',
    replace: ';',
  },
  {
    name: 'mark-not-recorded',
    breaks: 'a span with its first mark is not noted, so that marks by span are lost',
    module: 'decide/markstate',
    find: 'else if (this.isTouched[page] === 0) this.touch(page);',
    replace: 'else if (this.isTouched[page] === 1) this.touch(page);',
  },
  {
    name: 'last-pointer-word-missed',
    breaks: 'scanning stops a word before the last pointer of an object',
    module: 'decide/scanner',
    find: 'if (words[at] !== 0) last = at + 1;',
    replace: 'if (words[at] !== 0) last = at;',
  },
  {
    name: 'fast-scan-misses-last-word',
    breaks: 'the fast scanning loop of a queued span stops a word before the end of an object',
    module: 'decide/scanner',
    find: 'const end = Math.min(start + size, limit);',
    replace: 'const end = Math.min(start + size, limit) - 1;',
  },
  {
    name: 'oblet-skipped',
    breaks: 'the second piece of a large object is not queued',
    module: 'decide/scanner',
    find: 'for (let at = OBLET_WORDS; at < size; at += OBLET_WORDS)',
    replace: 'for (let at = 2 * OBLET_WORDS; at < size; at += OBLET_WORDS)',
  },
  {
    name: 'weak-load-not-shading',
    breaks: 'loading a weak pointer while marking does not mark what it gives',
    module: 'decide/specials',
    find: 'result !== 0 && this.#collector.marking',
    replace: 'result < 0 && this.#collector.marking',
  },
];

const roots: readonly Mutant[] = [
  {
    name: 'roots-never-scanned',
    breaks: 'stacks and globals are never scanned for pointers',
    module: 'decide/marker',
    find: 'let root = this.#rootCursor; root < end',
    replace: 'let root = end; root < end',
  },
  {
    name: 'last-root-missed',
    breaks: 'the last root of a block is not scanned',
    module: 'decide/marker',
    find: 'root < end; root += 1',
    replace: 'root < end - 1; root += 1',
  },
  {
    name: 'stack-never-scanned',
    breaks: 'the bytes of stacks are not counted as scan work',
    module: 'decide/rootbytes',
    find: 'return this.#next < this.#stacks.length;',
    replace: 'return false;',
  },
  {
    name: 'stack-scanned-twice',
    breaks: 'the first stack is scanned twice in a cycle',
    module: 'decide/rootbytes',
    find: 'this.#next += 1;',
    replace: 'this.#next += this.stacksScanned > 0 ? 1 : 0;',
  },
  {
    name: 'tiny-block-freed-while-shared',
    breaks: 'the tiny block that a P is filling is no root',
    module: 'decide/marking',
    find: 'this.marker.greyObjects(w.tinyBlock, w.scalars[SCALAR.p]);',
    replace: ';',
  },
  {
    name: 'held-object-missed',
    breaks: 'held objects in the first slot of each 32 are no roots',
    module: 'decide/marker',
    find: 'const bits = w.heldBits[base + i] & ~w.markBits[base + i];',
    replace: 'const bits = w.heldBits[base + i] & ~w.markBits[base + i] & ~1;',
  },
  {
    name: 'pool-victim-not-cleared',
    breaks: 'the victim cache of an empty pool lives on',
    module: 'evolve/specials',
    find: 'writeRoot(w, pools[i + 1], w.roots[pools[i]]);',
    replace: 'if (w.roots[pools[i]] !== 0) writeRoot(w, pools[i + 1], w.roots[pools[i]]);',
  },
];

const queues: readonly Mutant[] = [
  {
    name: 'hand-off-loses-one',
    breaks: 'sharing half of a work buffer loses an entry',
    module: 'decide/workbufs',
    find: 'this.count[buffer] -= moved;',
    replace: 'this.count[buffer] -= moved + 1;',
  },
  {
    name: 'full-buffer-forgotten',
    breaks: 'of two full work buffers one is thrown away to make room',
    module: 'decide/workbufs',
    find: 'this.#putFull(p, this.first[p]); this.first[p] = this.#getEmpty();',
    replace: 'this.first[p] = this.#getEmpty();',
  },
  {
    name: 'span-queue-drops-span',
    breaks: 'moving spans from the ring of a span queue to its chain loses one',
    module: 'decide/spanqueue',
    find: 'block.tail += count;',
    replace: 'block.tail += count - 1;',
  },
  {
    name: 'span-scanned-for-one',
    breaks: 'a queued span in which more objects turn grey is scanned for the first one only',
    module: 'decide/markstate',
    find: 'this.owned[page] = MANY_MARKS;',
    replace: ';',
  },
  {
    name: 'ragged-barrier-hears-nothing',
    breaks: 'the ragged barrier does not tell that a P had something left',
    module: 'decide/marker',
    find: 'work.flushed[p] = 0; return 1;',
    replace: 'work.flushed[p] = 0; return 0;',
  },
  {
    name: 'termination-without-ragged-barrier',
    breaks: 'marking ends without asking the Ps for what they still have',
    module: 'decide/marking',
    find: 'const flushed = this.#single ?',
    replace: 'if (this.hasPointers) return this.#ended(); const flushed = this.#single ?',
  },
  {
    name: 'termination-without-recheck',
    breaks: 'once the world has stopped, stores since the ragged barrier are not looked at',
    module: 'decide/marker',
    find: 'p < this.#barriers.procs; p += 1',
    replace: 'p < 0; p += 1',
  },
];

export const MARKING: readonly Mutant[] = [...barrier, ...colours, ...roots, ...queues];
