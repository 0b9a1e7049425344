/**
 * The line that a Go program writes after each sweep under `GODEBUG=scavtrace=1`: reading and writing.
 *
 *     scav 1984 KiB work (bg), 0 KiB work (eager), 6728 KiB now, 83% util
 *
 * What the background scavenger and what allocations returned to the system since the last line, the
 * free memory that the system has, and heapInUse as a share of what is retained. debug.FreeOSMemory
 * writes a line of its own, with ` (forced)`. All sizes are whole KiB, rounded down.
 *
 * Follows printScavTrace in `runtime/mgcscavenge.go`, Go 1.26.
 */
import { isExact } from './gofloat.ts';

/** One line. Sizes in bytes, at the precision of the line when read. */
export interface ScavtraceRow {
  readonly background: number;
  readonly eager: number;
  readonly released: number;
  /** Percent. */
  readonly utilization: number;
  /** debug.FreeOSMemory wrote it. */
  readonly forced: boolean;
  /** The controller of the background scavenger failed and began anew. */
  readonly controllerReset: boolean;
}

const KIB = 1024;
const LINE = new RegExp(
  '^scav (\\d+) KiB work \\(bg\\), (\\d+) KiB work \\(eager\\), (\\d+) KiB now, ' +
    '(\\d+)% util( \\(forced\\)| \\[controller reset\\])?$',
);

/** Reads one line without its line end; undefined if it is no whole line of scavtrace, or beyond 2^53. */
export function parseScavtraceLine(line: string): ScavtraceRow | undefined {
  const m = LINE.exec(line);
  if (m === null) return undefined;
  const row = {
    background: Number(m[1]) * KIB,
    eager: Number(m[2]) * KIB,
    released: Number(m[3]) * KIB,
    utilization: Number(m[4]),
    forced: m[5] === ' (forced)',
    controllerReset: m[5] === ' [controller reset]',
  };
  return isExact(row) ? row : undefined;
}

/** Prints a row as Go does, without a line end. */
export function formatScavtraceLine(row: ScavtraceRow): string {
  const [background, eager, released] = [row.background, row.eager, row.released].map((bytes) =>
    Math.floor(bytes / KIB),
  );
  const end = row.forced ? ' (forced)' : row.controllerReset ? ' [controller reset]' : '';
  return (
    `scav ${background} KiB work (bg), ${eager} KiB work (eager), ${released} KiB now, ` +
    `${row.utilization}% util${end}`
  );
}
