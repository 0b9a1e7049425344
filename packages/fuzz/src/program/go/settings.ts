/** Operations about the collector itself: GC, its settings, and what it says of itself. */
import type { Go, MemStats } from '@heaptape/core';
import type { Operation } from '../swarm.ts';
import type { Frame, GoState } from './state.ts';

const MIB = 1024 * 1024;

export class Settings {
  readonly #state: GoState;
  #percent: number;
  #limit: number;
  #procs: number;
  #before: MemStats | null = null;

  constructor(state: GoState, percent: number, limit: number, procs: number) {
    this.#state = state;
    this.#percent = percent;
    this.#limit = limit;
    this.#procs = procs;
  }

  /** The operation, or null when it is none of these. */
  run(frame: Frame, [kind, a, b, c]: Operation): Go | null {
    switch (kind) {
      case 'gc':
        return this.#collect(frame, a);
      case 'freeOS':
        this.#state.say(frame, 'debug.FreeOSMemory()');
        this.#state.rt.debug.FreeOSMemory();
        return done();
      case 'stats':
        this.#state.say(frame, 'runtime.ReadMemStats(&m)');
        this.#check(this.#state.rt.ReadMemStats());
        return done();
      case 'percent':
        this.#setPercent(frame, [100, 1, 0, 5, 50, -1][a % 6] ?? 100);
        return done();
      case 'limit':
        this.#setLimit(frame, a % 3 === 0 ? Infinity : (4 + (b % 16)) * MIB);
        return done();
      case 'procs':
        this.#setProcs(frame, 1 + (c % 5));
        return done();
      default:
        return null;
    }
  }

  /** runtime.GC(), all at once or with turns for others. At least one more cycle is complete then. */
  *#collect(frame: Frame, a: number): Go {
    const { rt } = this.#state;
    this.#state.say(frame, 'runtime.GC()');
    const { NumGC } = rt.debug.ReadGCStats();
    if (a % 2 === 0) rt.GC();
    else yield* rt.collect();
    const after = rt.debug.ReadGCStats().NumGC;
    this.#state.expect(after > NumGC, () => `NumGC is ${after} after runtime.GC, ${NumGC} before`);
  }

  #same(what: string, found: number, expected: number): void {
    this.#state.expect(found === expected, () => `${what} is ${found}, not ${expected}`);
  }

  #setPercent(frame: Frame, percent: number): void {
    this.#state.say(frame, `debug.SetGCPercent(${percent})`);
    this.#same('GOGC before', this.#state.rt.debug.SetGCPercent(percent), this.#percent);
    this.#percent = percent;
  }

  #setLimit(frame: Frame, limit: number): void {
    this.#state.say(frame, `debug.SetMemoryLimit(${limit === Infinity ? 'math.MaxInt64' : limit})`);
    this.#same('the limit before', this.#state.rt.debug.SetMemoryLimit(limit), this.#limit);
    this.#limit = limit;
  }

  #setProcs(frame: Frame, procs: number): void {
    this.#state.say(frame, `runtime.GOMAXPROCS(${procs})`);
    this.#same('GOMAXPROCS before', this.#state.rt.GOMAXPROCS(procs), this.#procs);
    this.#procs = procs;
  }

  /** What grows does not shrink, and sums are sums. */
  #check(stats: MemStats): void {
    this.#same('Mallocs less Frees', stats.Mallocs - stats.Frees, stats.HeapObjects);
    this.#same('HeapSys', stats.HeapSys, stats.HeapInuse + stats.HeapIdle);
    this.#same('NextGC below 0', Math.min(0, stats.NextGC), 0);
    const before = this.#before;
    this.#before = stats;
    if (before === null) return;
    const grown = [
      'TotalAlloc',
      'Mallocs',
      'Frees',
      'NumGC',
      'NumForcedGC',
      'PauseTotalNs',
    ] as const;
    for (const name of grown) {
      const [from, to] = [before[name], stats[name]];
      this.#state.expect(to >= from, () => `${name} falls from ${from} to ${to}`);
    }
  }
}

function* done(): Go {
  // Done already.
}
