/**
 * A small Go process, for tests: it runs a list of operations, writes the trace that the runtime would have
 * written, and remembers what a reader must find in it.
 *
 * Time stands still between operations only within one thread; where the next event is another thread's it moves on
 * by more than the reader's slack, so that the order of the rows is fixed.
 */
import * as ev from './events.ts';
import type { Operation, Script } from './script.testkit.ts';
import { TraceWriter, type WrittenFormat, type WrittenType } from './writer.testkit.ts';

export interface ExpectedRow {
  readonly kind: 'object' | 'block' | 'part';
  readonly spanClass: number;
  readonly pages: number;
  readonly typeName: string;
  readonly goroutine: number;
  readonly proc: number;
  readonly timeNs: number;
  freedBy: number;
}

export interface ExpectedCycle {
  readonly beginRow: number;
  readonly endRow: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  readonly nextGoal: number;
  readonly trigger: string;
  freedObjects: number;
  freedBytes: number;
}

interface Span {
  readonly page: number;
  readonly pages: number;
  readonly spanClass: number;
  readonly slotBytes: number;
  /** Rows by slot; -1 where it is empty. */
  readonly slots: number[];
}

/** Size class, slot bytes, pages: a handful of Go's classes, with and without malloc headers. */
const SHAPES: readonly (readonly [number, number, number])[] = [
  [1, 8, 1],
  [2, 16, 1],
  [5, 48, 1],
  [26, 512, 1],
  [27, 576, 1],
  [35, 1408, 2],
  [67, 32768, 4],
];
const TINY_CLASS = 5;
const CAUSES: readonly (readonly [string, readonly string[]])[] = [
  ['heap', ['runtime.mallocgc', 'main.f']],
  ['forced', ['runtime.gcStart', 'runtime.GC', 'main.main']],
  ['periodic', ['runtime.gcStart', 'runtime.forcegchelper']],
];
const THREADS = 3;
/** More than the reader's slack of 50 µs, in units of 64 ns. */
const FAR = 800;

/** Runs a script; afterwards `bytes`, `rows` and `cycles` are what was written and what it means. */
export class Process {
  readonly rows: ExpectedRow[] = [];
  readonly cycles: ExpectedCycle[] = [];
  readonly startCount: number;
  readonly bytes: Uint8Array;
  parts = 0;
  frees = 0;
  private readonly format: WrittenFormat;
  private readonly writer: TraceWriter;
  private readonly start = 1_000_000;
  private time: number = this.start;
  private lastThread = 0;
  private nextPage: number;
  private spans: Span[] = [];
  private readonly current: (number | undefined)[] = [11, 12, 13];
  private readonly introduced: Set<number> = new Set();
  private readonly tinyBlock: (number | undefined)[] = [undefined, undefined, undefined];
  private readonly tinyUsed: number[] = [0, 0, 0];
  private goroutines = 3;
  private gcSequence = 0;
  private goal = 4_194_304;

  constructor(script: Script) {
    this.format = script.format;
    this.nextPage = script.firstPage;
    this.writer = new TraceWriter(script.format, script.batchBytes);
    this.writer.begin(this.start - 10);
    this.snapshot(script.alive);
    this.startCount = this.rows.length;
    for (const operation of script.operations) this.run(operation);
    this.writer.end(this.time + 1);
    this.bytes = this.writer.bytes();
  }

  private run(operation: Operation): void {
    if (operation.op === 'generation') {
      this.writer.end(this.time + 1);
      this.introduced.clear();
      this.time += FAR;
      this.writer.begin(this.time);
      return;
    }
    const thread = operation.thread % THREADS;
    if (operation.op === 'alloc') {
      const [sizeClass] = SHAPES[operation.kind % SHAPES.length];
      const noscan = Math.floor(operation.kind / SHAPES.length) % 2;
      this.alloc(thread, sizeClass * 2 + noscan, typeOf(operation.type, noscan === 1), 0);
    } else if (operation.op === 'large') {
      const noscan = operation.type % 2;
      this.alloc(thread, noscan, typeOf(operation.type, noscan === 1), 5 + operation.pages);
    } else if (operation.op === 'tiny') this.tiny(thread, operation.fits);
    else if (operation.op === 'switch') this.switchGoroutine(thread, operation.goroutine);
    else this.collect(thread, operation.die, operation.cause);
  }

  private snapshot(alive: number): void {
    this.emit(0, ev.EV_PROCS_CHANGE, THREADS, this.writer.stack(['runtime.schedinit']));
    this.emit(0, ev.EV_STW_BEGIN, this.writer.string('start trace'), 0);
    for (let i = 0; i < alive; i++) {
      const [sizeClass] = SHAPES[i % SHAPES.length];
      this.place(0, ev.EV_HEAP_OBJECT, sizeClass * 2 + (i & 1), undefined, 0);
    }
    this.emit(0, ev.EV_HEAP_GOAL, this.goal);
    this.emit(0, ev.EV_STW_END);
  }

  private alloc(
    thread: number,
    spanClass: number,
    type: WrittenType | undefined,
    pages: number,
  ): void {
    this.place(thread, ev.EV_HEAP_OBJECT_ALLOC, spanClass, type, pages);
  }

  /** Puts an object into the first free slot, in a new span if need be, and logs it. Returns its row. */
  private place(
    thread: number,
    kind: number,
    spanClass: number,
    type: WrittenType | undefined,
    pages: number,
  ): number {
    const find = (s: Span): boolean => s.spanClass === spanClass && s.slots.includes(-1);
    const span =
      (spanClass > 1 ? this.spans.find(find) : undefined) ??
      this.newSpan(thread, kind === ev.EV_HEAP_OBJECT, spanClass, pages);
    const slot = span.slots.indexOf(-1);
    const row = this.rows.length;
    span.slots[slot] = row;
    const header = spanClass > 1 && spanClass % 2 === 0 && span.slotBytes > 512 ? 8 : 0;
    const shown = kind === ev.EV_HEAP_OBJECT ? 0 : header;
    const address = span.page * 8192 + slot * span.slotBytes + shown;
    this.emit(thread, kind, objectId(address), this.writer.type(type));
    this.addRow(thread, 'object', spanClass, spanClass > 1 ? 0 : span.pages, type);
    return row;
  }

  private newSpan(thread: number, old: boolean, spanClass: number, large: number): Span {
    const [, slotBytes, pages] = SHAPES.find(([c]) => c === spanClass >> 1) ?? [
      0,
      large * 8192,
      large,
    ];
    const span = {
      page: this.nextPage,
      pages,
      spanClass,
      slotBytes,
      slots: new Array<number>(Math.floor((pages * 8192) / slotBytes)).fill(-1),
    };
    this.nextPage += pages;
    this.spans.push(span);
    this.emit(
      thread,
      old ? ev.EV_SPAN : ev.EV_SPAN_ALLOC,
      spanId(span.page),
      pages,
      spanClass << 1,
    );
    return span;
  }

  private tiny(thread: number, fits: boolean): void {
    const block = this.tinyBlock[thread];
    const used = this.tinyUsed[thread];
    if (block === undefined || !fits || used > 12 || this.format === '1.23') {
      this.tinyBlock[thread] = this.place(
        thread,
        ev.EV_HEAP_OBJECT_ALLOC,
        TINY_CLASS,
        TINY_TYPE,
        0,
      );
      this.tinyUsed[thread] = 4;
      return;
    }
    const span = this.spans.find((s) => s.spanClass === TINY_CLASS && s.slots.includes(block));
    if (span === undefined) throw new Error('the open tiny block has gone');
    const address = span.page * 8192 + span.slots.indexOf(block) * 16 + used;
    this.tinyUsed[thread] = used + 4;
    this.emit(
      thread,
      ev.EV_HEAP_OBJECT_ALLOC,
      objectId(Math.floor(address / 8) * 8),
      this.writer.type(TINY_TYPE),
    );
    this.rows[block] = { ...this.rows[block], kind: 'block' };
    this.partsOf.set(block, [...(this.partsOf.get(block) ?? []), this.rows.length]);
    this.parts++;
    this.addRow(thread, 'part', TINY_CLASS, 0, TINY_TYPE);
  }

  private readonly partsOf: Map<number, number[]> = new Map();

  private switchGoroutine(thread: number, goroutine: number): void {
    const id = 100 + (goroutine % 4) * 10 + thread;
    if (this.current[thread] === id) return;
    const reason = this.writer.string('preempted');
    this.emit(thread, ev.EV_GO_STOP, reason, this.writer.stack(['main.work']));
    this.emit(thread, ev.EV_GO_CREATE, id, this.writer.stack([`main.entry${id}`]), 0);
    this.emit(thread, ev.EV_GO_START, id, ++this.goroutines);
    this.current[thread] = id;
  }

  /** A whole cycle: mark, then sweep away one object in `die` of those that were allocated before it. */
  private collect(thread: number, die: number, cause: number): void {
    const other = (thread + 1) % THREADS;
    const [trigger, functions] = CAUSES[cause % CAUSES.length];
    const heapAtStart = 4_000_000 + this.rows.length * 100;
    this.emit(other, ev.EV_HEAP_ALLOC, heapAtStart);
    this.emit(thread, ev.EV_GC_BEGIN, ++this.gcSequence, this.writer.stack(functions));
    const startNs = this.nowNs();
    const beginRow = this.rows.length;
    this.emit(thread, ev.EV_STW_BEGIN, this.writer.string('GC sweep termination'), 0);
    this.emit(other, ev.EV_HEAP_ALLOC, heapAtStart + 5);
    this.emit(thread, ev.EV_STW_END);
    this.alloc(other, 4, POINTER_TYPE, 0);
    this.emit(other, ev.EV_HEAP_ALLOC, heapAtStart + 999);
    if (cause % 2 === 1) {
      this.run({ op: 'generation' });
      this.emit(other, ev.EV_GC_ACTIVE, ++this.gcSequence);
    }
    this.emit(other, ev.EV_STW_BEGIN, this.writer.string('GC mark termination'), 0);
    this.emit(other, ev.EV_HEAP_ALLOC, 3_000_000);
    this.emit(other, ev.EV_GC_END, ++this.gcSequence);
    const endNs = this.nowNs();
    const heapGoal = this.goal;
    this.goal = 6_000_000 + this.rows.length;
    this.emit(other, ev.EV_HEAP_GOAL, this.goal);
    this.emit(other, ev.EV_STW_END);
    this.tinyBlock.fill(undefined);
    const cycle: ExpectedCycle = {
      beginRow,
      endRow: this.rows.length,
      startNs,
      endNs,
      heapAtStart,
      heapAtMarkEnd: heapAtStart + 999,
      heapMarked: 3_000_000,
      heapGoal,
      nextGoal: this.goal,
      trigger,
      freedObjects: 0,
      freedBytes: 0,
    };
    this.cycles.push(cycle);
    this.sweep(thread, beginRow, 1 + (die % 4), cycle);
  }

  private sweep(thread: number, beginRow: number, oneIn: number, cycle: ExpectedCycle): void {
    for (const span of this.spans) {
      span.slots.forEach((row, slot) => {
        if (row < 0 || row >= beginRow || row % oneIn !== 0) return;
        span.slots[slot] = -1;
        this.emit(
          thread,
          ev.EV_HEAP_OBJECT_FREE,
          objectId(span.page * 8192 + slot * span.slotBytes),
        );
        for (const dead of [row, ...(this.partsOf.get(row) ?? [])]) {
          this.rows[dead].freedBy = this.cycles.length;
        }
        this.frees++;
        cycle.freedObjects++;
        cycle.freedBytes += span.slotBytes;
      });
    }
    const empty = (s: Span): boolean => s.slots.every((row) => row < 0);
    for (const span of this.spans.filter(empty)) {
      this.emit(thread, ev.EV_SPAN_FREE, spanId(span.page));
    }
    this.spans = this.spans.filter((s) => !empty(s));
  }

  private emit(thread: number, kind: number, ...args: readonly (number | bigint)[]): void {
    this.time += thread === this.lastThread ? 1 : FAR;
    this.lastThread = thread;
    const m = 4000 + thread;
    if (!this.introduced.has(thread)) {
      this.introduced.add(thread);
      this.writer.event(m, this.time++, ev.EV_PROC_STATUS, thread, 1);
      this.writer.event(m, this.time++, ev.EV_GO_STATUS, this.current[thread] ?? 0, m, 2);
    }
    this.writer.event(m, this.time, kind, ...args);
  }

  private addRow(
    thread: number,
    kind: ExpectedRow['kind'],
    spanClass: number,
    pages: number,
    type: WrittenType | undefined,
  ): void {
    this.rows.push({
      kind,
      spanClass,
      pages,
      typeName: type?.name ?? '',
      goroutine: this.current[thread] ?? 0,
      proc: thread,
      timeNs: this.nowNs(),
      freedBy: 0,
    });
  }

  /** Nanoseconds since the first event, which introduces thread 0. */
  private nowNs(): number {
    return (this.time - this.start - FIRST_EVENT) * 64;
  }
}

/** The first event is written this many units after the start. */
const FIRST_EVENT = 1;
const TINY_TYPE: WrittenType = { address: 0x9000, size: 4, ptrBytes: 0, name: 'uint32' };
const POINTER_TYPE: WrittenType = { address: 0x9100, size: 8, ptrBytes: 8, name: '*main.T' };

function typeOf(n: number, noscan: boolean): WrittenType | undefined {
  const k = n % 6;
  if (k === 5 && noscan) return undefined;
  const name = `main.Тип${k}${noscan ? '' : '*'}`;
  return { address: 0x1000 * (k + 1) + (noscan ? 8 : 0), size: 8, ptrBytes: noscan ? 0 : 8, name };
}

function spanId(page: number): bigint {
  return BigInt.asUintN(64, BigInt(page) * 8192n) / 8192n;
}

function objectId(address: number): bigint {
  return BigInt.asUintN(64, BigInt(address)) / 8n;
}
