/**
 * Event numbers of Go's execution trace, version 2 (Go 1.22 and later), and how many arguments each carries.
 *
 * Numbers are append-only across releases: an event keeps its number and its arguments for ever, so one table
 * serves every version. There is no length in front of an event, so a number that is not in the table makes the
 * rest of its batch unreadable. Follows Go's internal/trace/tracev2 (Go 1.25; event/go122 before that).
 */

/* Framing: the first byte of a batch's payload tells what the batch holds. */
export const EV_EVENT_BATCH: number = 1;
export const EV_STACKS: number = 2;
export const EV_STACK: number = 3;
export const EV_STRINGS: number = 4;
export const EV_STRING: number = 5;
export const EV_CPU_SAMPLES: number = 6;
export const EV_FREQUENCY: number = 8;
export const EV_EXPERIMENTAL_BATCH: number = 49;
export const EV_SYNC: number = 50;
export const EV_CLOCK_SNAPSHOT: number = 51;
export const EV_END_OF_GENERATION: number = 52;

/* Scheduling. */
export const EV_PROCS_CHANGE: number = 9;
export const EV_PROC_START: number = 10;
export const EV_PROC_STOP: number = 11;
export const EV_PROC_STEAL: number = 12;
export const EV_PROC_STATUS: number = 13;
export const EV_GO_CREATE: number = 14;
export const EV_GO_CREATE_SYSCALL: number = 15;
export const EV_GO_START: number = 16;
export const EV_GO_DESTROY: number = 17;
export const EV_GO_DESTROY_SYSCALL: number = 18;
export const EV_GO_STOP: number = 19;
export const EV_GO_BLOCK: number = 20;
export const EV_GO_SYSCALL_END_BLOCKED: number = 24;
export const EV_GO_STATUS: number = 25;
export const EV_GO_LABEL: number = 39;
export const EV_GO_SWITCH: number = 45;
export const EV_GO_SWITCH_DESTROY: number = 46;
export const EV_GO_CREATE_BLOCKED: number = 47;
export const EV_GO_STATUS_STACK: number = 48;

/* Garbage collection. */
export const EV_STW_BEGIN: number = 26;
export const EV_STW_END: number = 27;
export const EV_GC_ACTIVE: number = 28;
export const EV_GC_BEGIN: number = 29;
export const EV_GC_END: number = 30;
export const EV_GC_MARK_ASSIST_ACTIVE: number = 34;
export const EV_GC_MARK_ASSIST_BEGIN: number = 35;
export const EV_GC_MARK_ASSIST_END: number = 36;
export const EV_HEAP_ALLOC: number = 37;
export const EV_HEAP_GOAL: number = 38;

/* The alloc/free experiment. */
export const EV_SPAN: number = 128;
export const EV_SPAN_ALLOC: number = 129;
export const EV_SPAN_FREE: number = 130;
export const EV_HEAP_OBJECT: number = 131;
export const EV_HEAP_OBJECT_ALLOC: number = 132;
export const EV_HEAP_OBJECT_FREE: number = 133;

/** Goroutine and P states in status events. */
export const STATUS_RUNNING_P: number = 1;
export const STATUS_SYSCALL_P: number = 3;
export const STATUS_RUNNING_G: number = 2;
export const STATUS_SYSCALL_G: number = 3;

/** Number of arguments after the time delta of every timed event; UNKNOWN_EVENT for all other bytes. */
export const UNKNOWN_EVENT: number = 255;
export const ARGUMENT_COUNT: Uint8Array = argumentCounts();

function argumentCounts(): Uint8Array {
  const table = new Uint8Array(256).fill(UNKNOWN_EVENT);
  // Events 9 to 47, scheduling to GoCreateBlocked, in order of their numbers.
  const timed = [
    2, 2, 0, 3, 2, 3, 1, 2, 0, 0, 2, 2, 3, 2, 0, 0, 3, 2, 0, 1, 2, 1, 1, 1, 2, 1, 1, 0, 1, 1, 1, 4,
    2, 3, 3, 4, 2, 2, 3, 4,
  ];
  table.set(timed, EV_PROCS_CHANGE);
  // Events 128 to 136: the alloc/free experiment.
  table.set([3, 3, 1, 2, 2, 1, 2, 2, 1], EV_SPAN);
  return table;
}
