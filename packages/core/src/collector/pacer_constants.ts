/**
 * The pacer's constants, by their names in `runtime/mgcpacer.go` (the same from Go 1.21 to 1.26).
 * Bytes unless said otherwise.
 */

/** Share of GOMAXPROCS that background marking takes. */
export const BACKGROUND_UTILIZATION = 0.25;
/** Smallest heap goal at GOGC=100; scales with GOGC. */
export const DEFAULT_HEAP_MINIMUM = 4194304;
/** Least headroom under the memory limit. */
export const MEMORY_LIMIT_MIN_HEADROOM = 1048576;
/** Headroom under the memory limit, percent. */
export const MEMORY_LIMIT_HEADROOM_PERCENT = 3;
/** Least heap growth that the sweeper is given. */
export const SWEEP_MIN_HEAP_DISTANCE = 1048576;
/** Least distance from the point where a cycle starts to its goal. */
export const MIN_RUNWAY = 65536;
/** The trigger lies between 45/64 and 61/64 of the way from the marked heap to the goal. */
export const TRIGGER_RATIO_DEN = 64;
export const MIN_TRIGGER_RATIO_NUM = 45;
export const MAX_TRIGGER_RATIO_NUM = 61;
/** How far past the goal an overdue cycle is paced. */
export const MAX_OVERSHOOT = 1.1;
/** GOGC that a forced cycle is paced by when GOGC is off. */
export const GC_OFF_PERCENT = 100000;
/** Least scan work assumed to remain. */
export const MIN_SCAN_WORK_REMAINING = 1000;
/** Nanoseconds after which a cycle is forced though nothing triggered one. */
export const FORCE_GC_PERIOD_NS = 120000000000;
