/**
 * Decide: one method a command. The only way into the simulated runtime.
 *
 * A command is checked, carried out by allocator and collector, and recorded through the journal.
 * Given the same configuration and the same commands, every event comes out the same: nothing here
 * looks at a clock, at randomness, or at anything but the state.
 */
import {
  CELLS,
  EVENTS,
  type EventBatch,
  encodeUtf8,
  HeaptapeError,
  specOfTag,
} from '@heaptape/schema';
import type { CacheGeometry } from '../collector/cachemodel.ts';
import { configText } from '../config.ts';
import type { RunConfig } from '../control.ts';
import { MAX_PROCS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES, MAX_SMALL_OBJECT, spanClassOf } from '../heap/sizeclasses.ts';
import { World } from '../heap/world.ts';
import { Allocator } from './allocator.ts';
import { Collector } from './collector.ts';
import { Compactor } from './compactor.ts';
import { Goroutines } from './goroutines.ts';
import { type BatchSink, type EventWatcher, Journal } from './journal.ts';
import { PageIndex } from './pageindex.ts';
import { Owners } from './projectowners.ts';
import { ScavengeIndex } from './scavenge_index.ts';
import { Scavenger } from './scavenger.ts';
import { SpecialCommands } from './specials.ts';
import { Sweeper } from './sweeper.ts';

/** Program time after which marking and sweeping get to run at the latest, ns. */
const TICK_NS = 20_000;

export class Decider {
  readonly world: World;
  readonly #journal: Journal;
  readonly #allocator: Allocator;
  readonly #collector: Collector;
  /** Commands about finalizers, cleanups, weak handles and pools. */
  readonly specials: SpecialCommands;
  /** Which objects are still there, for projection. */
  readonly owners: Owners;
  readonly #goroutines: Goroutines;
  readonly #scavenger: Scavenger;
  readonly #storeNs: number;
  readonly #allocNs: number;
  readonly #allocNsPerByte: number;
  /** Program time not yet recorded, and how much there may be of it, ns. */
  #pendingNs = 0;
  #dueNs = TICK_NS;

  /** Starts a run. `sink` receives the events in batches; null records nothing. */
  constructor(config: RunConfig, sink: BatchSink | null, watcher: EventWatcher | null = null) {
    this.world = new World();
    this.#journal = new Journal(this.world, sink, watcher);
    const index = new ScavengeIndex(this.world);
    const pages = new PageIndex(this.world, index);
    this.#scavenger = new Scavenger(this.#journal, index);
    const sweeper = new Sweeper(this.#journal, pages, this.#scavenger);
    this.#allocator = new Allocator(this.#journal, pages, sweeper, this.#scavenger);
    this.#goroutines = new Goroutines(this.#journal, this.#allocator.stacks);
    this.#journal.emitBytes(EVENTS.RunStarted.tag, encodeUtf8(configText(config)));
    const compactor = new Compactor(this.#journal, config, pages);
    this.#collector = new Collector(
      this.#journal,
      config,
      this.#allocator,
      sweeper,
      this.#scavenger,
      this.#goroutines,
      compactor,
    );
    this.specials = new SpecialCommands(this.#journal, this.#collector, sweeper);
    this.owners = new Owners(this.world);
    this.#storeNs = config.costs.storeNs;
    this.#allocNs = config.costs.allocNs;
    this.#allocNsPerByte = config.costs.allocNsPerByte;
    this.#collector.begin();
  }

  /** Makes room for this many objects, so that columns need not grow on the way. */
  reserve(objects: number): void {
    this.world.reserveObjects(objects);
  }

  /** Describes a kind of allocation: requested bytes, bytes up to the last pointer, held or not. */
  defineSite(bytes: number, scanBytes: number, held: boolean, name: string): number {
    if (!(bytes > 0 && scanBytes >= 0 && scanBytes <= bytes)) {
      throw new HeaptapeError('refused', `a site of ${bytes} bytes with pointers in ${scanBytes}`);
    }
    const noscan = scanBytes === 0;
    const spanClass = bytes > MAX_SMALL_OBJECT ? Number(noscan) : spanClassOf(bytes, noscan);
    const text = encodeUtf8(name);
    this.#journal.emitBytes(
      EVENTS.SiteDefined.tag,
      text,
      bytes,
      scanBytes,
      held ? 1 : 0,
      spanClass,
    );
    return this.world.siteCount;
  }

  /** Allocates an object and returns its ordinal. `foundDead` as in the event. */
  allocate(site: number, foundDead = 0): number {
    const w = this.world;
    if (!(site > 0 && site <= w.siteCount)) throw new HeaptapeError('refused', `no site ${site}`);
    // Time passes before the object exists: nothing can be collected between this and its first use.
    if (this.#pendingNs >= this.#dueNs) this.#passTime();
    const spanClass = w.siteClass[site];
    const bytes = w.siteBytes[site];
    const ordinal = w.scalars[SCALAR.nextOrdinal];
    this.#pendingNs += this.#allocNs + bytes * this.#allocNsPerByte;
    if (w.scalars[SCALAR.gcphase] !== 0) {
      this.#pendingNs += this.#collector.assist(
        spanClass < 2 ? bytes : CLASS_BYTES[spanClass >> 1],
      );
    }
    if (spanClass >= 2 && !this.#allocator.needsRefill(spanClass)) {
      this.#journal.objectAllocated(site, foundDead);
    } else {
      if (spanClass < 2) this.#allocator.allocLarge(bytes, spanClass);
      else this.#allocator.refill(spanClass);
      this.#pendingNs += this.#scavenger.takeOwedNs();
      this.#journal.objectAllocated(site, foundDead);
      this.#collector.heapChanged();
      this.#collector.testTrigger(ordinal);
      this.#setDue();
    }
    return ordinal;
  }

  /** Puts a tiny object into the P's current tiny block. */
  allocateTiny(site: number): void {
    this.#pendingNs += this.#allocNs;
    this.#pendingNs += this.#collector.assist(this.world.siteBytes[site]);
    this.#journal.tinyAllocated(site);
  }

  /** Makes an object the tiny block of P `p`, which keeps it alive meanwhile; 0 is none. */
  setTinyBlock(p: number, object: number): void {
    if (!(p >= 0 && p < MAX_PROCS)) throw new HeaptapeError('refused', `no P ${p}`);
    if (object !== 0) {
      this.#checkObject(object);
      if (this.#collector.marking) this.#collector.barrier(0, this.world.objectWord[object] + 1);
    }
    this.#journal.emit(EVENTS.TinyBlockSet.tag, p, object);
  }

  storePointer(object: number, word: number, target: number): void {
    const w = this.world;
    this.#checkObject(object);
    if (target !== 0) this.#checkObject(target);
    if (!(word >= 0 && word * 8 < w.siteScan[w.objectSite[object]])) {
      throw new HeaptapeError('refused', `object #${object} has no pointer word ${word}`);
    }
    if (this.#collector.marking) {
      const at = w.objectWord[object] + word;
      const before = at < w.words.length ? w.words[at] : 0;
      this.#collector.barrier(before, target === 0 ? 0 : w.objectWord[target] + 1);
    }
    this.#journal.pointerStored(object, word, target);
    this.#pendingNs += this.#storeNs;
    if (this.#pendingNs >= this.#dueNs) this.#passTime();
  }

  storeRoot(root: number, target: number): void {
    const w = this.world;
    if (target !== 0) this.#checkObject(target);
    if (!(root >= 0)) throw new HeaptapeError('refused', `no root ${root}`);
    if (this.#collector.marking) {
      const before = root < w.rootCount ? w.roots[root] : 0;
      this.#collector.barrier(before, target === 0 ? 0 : w.objectWord[target] + 1);
    }
    this.#journal.rootStored(root, target);
    this.#pendingNs += this.#storeNs;
    if (this.#pendingNs >= this.#dueNs) this.#passTime();
  }

  /** Gives a root a name for people, such as `global cache`. The last one counts. */
  nameRoot(root: number, name: string): void {
    if (!(root >= 0)) throw new HeaptapeError('refused', `no root ${root}`);
    this.#journal.emitBytes(EVENTS.RootNamed.tag, encodeUtf8(name), root);
  }

  /** A held object stops being a root of its own. */
  release(object: number): void {
    this.#checkObject(object);
    this.#journal.objectReleased(object);
  }

  switchProc(p: number, g: number): void {
    if (!(p >= 0 && p < MAX_PROCS)) throw new HeaptapeError('refused', `no P ${p}`);
    this.#journal.emit(EVENTS.ProcSwitched.tag, p, g);
  }

  /** A go statement: goroutine `g`, from 1 and not in use, starts on the current P and gets a stack. */
  startGoroutine(g: number): void {
    this.#goroutines.start(g);
    this.#pendingNs += this.#scavenger.takeOwedNs();
  }

  /** Goroutine `g` ends on the current P. */
  exitGoroutine(g: number): void {
    this.#goroutines.exit(g);
    this.#collector.goroutineEnded(g);
  }

  /** The frames of goroutine `g` take `bytes` of its stack, which grows when they do not fit. */
  useStack(g: number, bytes: number): void {
    this.#goroutines.use(g, bytes);
    this.#pendingNs += this.#scavenger.takeOwedNs();
  }

  /** The program computes for a while. */
  run(ns: number): void {
    this.#journal.emit(EVENTS.MutatorRan.tag, ns);
    this.#pendingNs += ns;
    this.#passTime();
  }

  /** runtime.GC(). */
  collect(): void {
    this.#passTime();
    this.#collector.collect();
  }

  /**
   * runtime.GC() in a program of several goroutines: a whole cycle up to its sweep. Then `stepSweep`
   * until it gives false, with a turn for other goroutines after each, and `waitSweep` to return.
   */
  callGC(): void {
    this.#passTime();
    this.#collector.callGC();
  }

  /** Sweeps a span on behalf of runtime.GC(); false when none is left. */
  stepSweep(): boolean {
    return this.#collector.stepSweep();
  }

  /** runtime.GC() returns when what is left has been swept. */
  waitSweep(): void {
    this.#collector.waitSweep();
  }

  /** debug.FreeOSMemory(). */
  freeOSMemory(): void {
    this.#passTime();
    this.#collector.freeOSMemory();
  }

  /** runtime.GOMAXPROCS(n). */
  setProcs(procs: number): void {
    if (!(Number.isInteger(procs) && procs > 0 && procs <= MAX_PROCS)) {
      throw new HeaptapeError('refused', `GOMAXPROCS is 1 to ${MAX_PROCS}, not ${procs}`);
    }
    this.#passTime();
    this.#collector.setProcs(procs);
  }

  /** debug.SetGCPercent; returns the old setting, -1 for off. */
  setGCPercent(percent: number): number {
    // Turning collection off waits for marking to end, and what the program has done until now comes first.
    if (percent < 0) this.#passTime();
    return this.#collector.setGCPercent(percent);
  }

  /** debug.SetMemoryLimit; 0 is none. */
  setMemoryLimit(bytes: number): void {
    this.#collector.setMemoryLimit(bytes);
  }

  /** The process had collected before; its last cycle marked this much. Comes before any cycle. */
  prime(heapMarked: number): void {
    if (this.#collector.marking || this.world.scalars[SCALAR.numGC] > 0) {
      throw new HeaptapeError('refused', 'a pacer is primed before the first cycle');
    }
    this.#collector.prime(heapMarked);
  }

  /** Marking costs this much from here on: ns a unit, Ps that mark, time a cycle takes beyond. */
  setMarkCost(nsPerUnit: number, markProcs: number, latencyNs: number): void {
    if (!(nsPerUnit > 0 && markProcs > 0)) {
      throw new HeaptapeError('refused', `marking at ${nsPerUnit} ns a unit by ${markProcs} Ps`);
    }
    this.#collector.setMarkCost(nsPerUnit, markProcs, latencyNs);
  }

  /**
   * Records marking object by object (`fine`), or by span. What is decided is the same, and so is
   * the state between cycles.
   */
  setMarkDetail(fine: boolean): void {
    this.#collector.setMarkDetail(fine);
  }

  /**
   * Marking stops for the program after every single step: an object, a root, a flush of one P's buffer.
   * Any interleaving of marking and the program can be had then, at the price of many small steps.
   */
  setMarkSteps(single: boolean): void {
    this.#collector.setMarkSteps(single);
  }

  /** Counts what marking touches, from the next cycle on, in caches of these sizes; null: no longer. */
  setCacheModel(geometry: CacheGeometry | null): void {
    const sizes = Object.values(geometry ?? {});
    if (!sizes.every((size) => Number.isInteger(size) && size > 0)) {
      throw new HeaptapeError('refused', `caches of ${sizes.join(', ')}`);
    }
    this.#collector.setCacheModel(geometry);
  }

  /** runtime.ReadMemStats: every mcache is flushed. */
  readMemStats(): void {
    this.#passTime();
    this.#journal.emit(EVENTS.MemStatsRead.tag);
    for (let p = 0; p < this.world.tinyBlock.length; p += 1) this.#allocator.flush(p);
    this.#collector.heapChanged();
  }

  /** Notes on the tape what a recording said at this point. */
  annotate(tag: number, cells: readonly number[]): void {
    if (specOfTag(tag)?.role !== 'annotation' || cells.length !== CELLS[tag]) {
      throw new HeaptapeError('refused', `tag ${tag} with ${cells.length} cells is no annotation`);
    }
    const [a, b, c, d, e, f, g] = cells;
    this.#journal.emit(tag, a, b, c, d, e, f, g);
  }

  /** Lets a running mark phase end. */
  finishMark(): void {
    this.#passTime();
    this.#collector.finishMark();
  }

  /** Records the time still pending and hands over the last batch. */
  end(): void {
    this.#passTime();
    this.#journal.flush();
  }

  /** Events recorded and not yet handed over. For reading only. */
  get recorded(): EventBatch {
    return this.#journal.batch;
  }

  /** Hands over what has been recorded so far. */
  flush(): void {
    this.#journal.flush();
  }

  /** Lets the program time that is pending pass, with whatever the collector does meanwhile. */
  #passTime(): void {
    const ns = Math.floor(this.#pendingNs);
    this.#pendingNs -= ns;
    this.#collector.programRan(ns);
    this.#setDue();
  }

  /** While a program with pointers is being marked, time passes in smaller steps. */
  #setDue(): void {
    this.#dueNs = Math.max(1, Math.min(TICK_NS, this.#collector.patienceNs));
  }

  #checkObject(object: number): void {
    if (!(object > 0 && object < this.world.scalars[SCALAR.nextOrdinal])) {
      throw new HeaptapeError('refused', `no object #${object}`);
    }
  }
}
