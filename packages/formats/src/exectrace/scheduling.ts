/**
 * What scheduling events mean for threads, Ps and goroutines: the table that turns event numbers into calls of
 * `ThreadRecorder`. Events that move nothing (unblocking, entering a system call, user annotations) are passed over.
 *
 * Follows Go's internal/trace (order.go) and runtime (traceruntime.go), 1.22 to 1.26.
 */
import {
  EV_GC_MARK_ASSIST_ACTIVE,
  EV_GC_MARK_ASSIST_BEGIN,
  EV_GC_MARK_ASSIST_END,
  EV_GO_BLOCK,
  EV_GO_CREATE,
  EV_GO_CREATE_BLOCKED,
  EV_GO_CREATE_SYSCALL,
  EV_GO_DESTROY,
  EV_GO_DESTROY_SYSCALL,
  EV_GO_LABEL,
  EV_GO_START,
  EV_GO_STATUS,
  EV_GO_STATUS_STACK,
  EV_GO_STOP,
  EV_GO_SWITCH,
  EV_GO_SWITCH_DESTROY,
  EV_GO_SYSCALL_END_BLOCKED,
  EV_PROC_START,
  EV_PROC_STATUS,
  EV_PROC_STEAL,
  EV_PROC_STOP,
  EV_PROCS_CHANGE,
  STATUS_RUNNING_G,
  STATUS_RUNNING_P,
  STATUS_SYSCALL_G,
  STATUS_SYSCALL_P,
} from './events.ts';
import { NO_PROC } from './recording.ts';
import type { GenerationTables } from './tables.ts';
import type { ThreadRecorder, ThreadState } from './threads.ts';

export class Scheduling {
  /** GOMAXPROCS at the start; 0 until it was seen. */
  gomaxprocs = 0;
  private readonly threads: ThreadRecorder;
  private tables: GenerationTables;
  private entryOfStack: Map<number, number> = new Map();

  constructor(threads: ThreadRecorder, tables: GenerationTables) {
    this.threads = threads;
    this.tables = tables;
  }

  /** Starts a generation: ids are those of `tables` from now on. */
  useTables(tables: GenerationTables): void {
    this.tables = tables;
    this.entryOfStack = new Map();
  }

  /** One event on `thread` with its first four arguments. */
  event(
    kind: number,
    timeNs: number,
    thread: ThreadState,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void {
    switch (kind) {
      case EV_PROCS_CHANGE:
        if (this.gomaxprocs === 0) this.gomaxprocs = a;
        break;
      case EV_PROC_START:
        thread.proc = Math.min(a, NO_PROC);
        break;
      case EV_PROC_STOP:
        thread.proc = NO_PROC;
        break;
      case EV_PROC_STEAL:
        this.threads.steal(a, c);
        break;
      case EV_PROC_STATUS:
        if (b === STATUS_RUNNING_P || b === STATUS_SYSCALL_P) thread.proc = Math.min(a, NO_PROC);
        break;
      case EV_GO_STATUS:
        this.status(timeNs, thread, this.threads.goroutine(a, 0), c, b);
        break;
      case EV_GO_STATUS_STACK:
        this.status(timeNs, thread, this.threads.goroutine(a, this.entryOf(d)), c, b);
        break;
      default:
        this.goroutineEvent(kind, timeNs, thread, a, b);
    }
  }

  private goroutineEvent(
    kind: number,
    timeNs: number,
    thread: ThreadState,
    a: number,
    b: number,
  ): void {
    const threads = this.threads;
    switch (kind) {
      case EV_GO_CREATE:
      case EV_GO_CREATE_BLOCKED:
        threads.goroutine(a, this.entryOf(b));
        break;
      case EV_GO_START:
      case EV_GO_SWITCH:
      case EV_GO_CREATE_SYSCALL:
        threads.start(thread, threads.goroutine(a, 0), timeNs);
        break;
      case EV_GO_SWITCH_DESTROY:
        threads.destroy(thread, timeNs);
        threads.start(thread, threads.goroutine(a, 0), timeNs);
        break;
      case EV_GO_STOP:
      case EV_GO_BLOCK:
      case EV_GO_SYSCALL_END_BLOCKED:
        threads.stop(thread, timeNs);
        break;
      case EV_GO_DESTROY:
      case EV_GO_DESTROY_SYSCALL:
        threads.destroy(thread, timeNs);
        break;
      case EV_GO_LABEL:
        threads.label(thread, this.tables.string(a), timeNs);
        break;
      case EV_GC_MARK_ASSIST_ACTIVE:
        threads.assistActive(thread, a, timeNs);
        break;
      case EV_GC_MARK_ASSIST_BEGIN:
        threads.assistBegin(thread, timeNs);
        break;
      case EV_GC_MARK_ASSIST_END:
        threads.assistEnd(thread, timeNs);
        break;
    }
  }

  private status(
    timeNs: number,
    thread: ThreadState,
    goroutine: number,
    state: number,
    m: number,
  ): void {
    if (state === STATUS_RUNNING_G) this.threads.start(thread, goroutine, timeNs);
    else if (state === STATUS_SYSCALL_G) {
      this.threads.start(this.threads.thread(m), goroutine, timeNs);
    }
  }

  /** Number of the function that a stack starts in: its outermost frame. */
  private entryOf(stackId: number): number {
    let entry = this.entryOfStack.get(stackId);
    if (entry === undefined) {
      entry = this.threads.functionNumber(this.tables.functions(stackId).at(-1) ?? '');
      this.entryOfStack.set(stackId, entry);
    }
    return entry;
  }
}
