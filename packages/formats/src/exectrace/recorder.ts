/**
 * Writes a recording from merged events: rows, schedule, clock, heap curve, and what the parts keep.
 *
 * Called once per event in merged order. Times arrive in clock units that never fall; they become nanoseconds
 * since the first event only where something stores them. A generation may state another frequency (on Windows
 * it is an estimate each time), so the conversion is anchored anew where the frequency changes.
 */
import { F64Column, U16Column, U32Column } from './columns.ts';
import { CycleRecorder } from './cycles.ts';
import {
  EV_GC_ACTIVE,
  EV_GC_BEGIN,
  EV_GC_END,
  EV_HEAP_GOAL,
  EV_STW_BEGIN,
  EV_STW_END,
} from './events.ts';
import { RowRecorder, type RowWatcher } from './rows.ts';
import { Scheduling } from './scheduling.ts';
import { SeriesRecorder } from './series.ts';
import { SiteDictionary, TypeDictionary } from './sites.ts';
import { GenerationTables } from './tables.ts';
import { ThreadRecorder, type ThreadState } from './threads.ts';

export class Recorder implements RowWatcher {
  readonly types: TypeDictionary = new TypeDictionary();
  readonly cycles: CycleRecorder = new CycleRecorder();
  readonly threads: ThreadRecorder = new ThreadRecorder(this.cycles);
  readonly series: SeriesRecorder = new SeriesRecorder();
  readonly sites: SiteDictionary;
  readonly rows: RowRecorder;
  readonly runRow: U32Column = new U32Column();
  readonly runProc: U16Column = new U16Column();
  readonly runGoroutine: U32Column = new U32Column();
  readonly clockRow: U32Column = new U32Column();
  readonly clockNs: F64Column = new F64Column();
  readonly scheduling: Scheduling;
  private tables: GenerationTables;
  private proc = -1;
  private goroutine = -1;
  private frequency = 0;
  private nsPerUnit = 0;
  private anchorUnits = 0;
  private anchorNs = 0;

  constructor() {
    this.tables = new GenerationTables(this.types);
    this.sites = new SiteDictionary(this.types, this.tables);
    this.rows = new RowRecorder(this.sites, this.cycles, this);
    this.scheduling = new Scheduling(this.threads, this.tables);
  }

  /** Starts a generation: ids are those of `tables` from now on. */
  useTables(tables: GenerationTables): void {
    this.tables = tables;
    this.scheduling.useTables(tables);
    this.sites.useTables(tables);
    this.rows.startGeneration();
  }

  /** The next event, at `units`, is the first whose clock has this frequency. */
  startClock(units: number, frequency: number): void {
    if (frequency === this.frequency) return;
    this.rows.drain();
    this.anchorNs = this.frequency === 0 ? 0 : this.timeNs(units);
    this.anchorUnits = units;
    this.frequency = frequency;
    this.nsPerUnit = 1e9 / frequency;
  }

  /** Nanoseconds since the first event. */
  timeNs(units: number): number {
    return Math.max(this.anchorNs, this.anchorNs + (units - this.anchorUnits) * this.nsPerUnit);
  }

  /** The kernel has followed a thread; `firstRow` is the first of its allocations, -1 if there was none. */
  followed(thread: ThreadState, firstRow: number): void {
    const moved = thread.goroutine !== this.goroutine || thread.proc !== this.proc;
    if (firstRow >= 0 && moved) this.startRun(firstRow, thread);
  }

  /** A timed event that the kernel does not take, with its first four arguments (0 where it has fewer). */
  event(
    kind: number,
    units: number,
    thread: ThreadState,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void {
    switch (kind) {
      case EV_HEAP_GOAL:
        this.rows.drain();
        this.cycles.heapGoal(a);
        break;
      default:
        if (kind >= EV_STW_BEGIN && kind <= EV_GC_END) this.gcEvent(kind, this.timeNs(units), a, b);
        else this.scheduling.event(kind, this.timeNs(units), thread, a, b, c, d);
    }
  }

  /** Ends the recording. */
  finish(): void {
    this.rows.finish();
    this.cycles.finish();
  }

  tick(row: number, units: number): void {
    this.clockRow.push(row);
    this.clockNs.push(this.timeNs(units));
  }

  heapAlloc(row: number, units: number, bytes: number): void {
    this.cycles.heapAlloc(bytes);
    this.series.add(row, this.timeNs(units), bytes, this.cycles.goal);
  }

  private gcEvent(kind: number, timeNs: number, a: number, b: number): void {
    this.rows.drain();
    if (kind === EV_STW_BEGIN) this.cycles.stwBegin(timeNs, this.tables.string(a));
    else if (kind === EV_STW_END) this.cycles.stwEnd(timeNs);
    else if (kind === EV_GC_ACTIVE) this.cycles.active();
    else if (kind === EV_GC_BEGIN) {
      this.cycles.begin(this.rows.count, timeNs, this.tables.functions(b));
    } else {
      this.threads.endMarking(timeNs);
      this.cycles.end(this.rows.count, timeNs);
      this.rows.cycleEnded();
    }
  }

  private startRun(row: number, thread: ThreadState): void {
    this.goroutine = thread.goroutine;
    this.proc = thread.proc;
    this.runRow.push(row);
    this.runProc.push(thread.proc);
    this.runGoroutine.push(thread.goroutine);
  }
}
