/**
 * The lines that a Go program writes under `GODEBUG=gcpacertrace=1`: reading and writing.
 *
 *     pacer: assist ratio=0.81 (scan 0 MB in 3->4 MB) workers=0+0.25
 *     pacer: 59% CPU (25 exp.) for 345600+2048+153514 B work (153514 B exp.) in 4005888 B -> 4595712 B
 *       (∆goal 401408, cons/mark 0)                                              [on the same line]
 *     pacer: sweep done at heap size 4MB; allocated 0MB during sweep; swept 561 pages at 0.00028 pages/byte
 *
 * One when a cycle starts, one when it ends (unless the heap did not grow in it), one when its sweep is
 * done. Sizes in MB are whole MiB, rounded down; floats are as Go 1.26 prints them.
 *
 * Follows startCycle and endCycle in `runtime/mgcpacer.go` and activeSweep.end in `mgcsweep.go`,
 * Go 1.26, whose unsigned 64-bit figures may have wrapped below zero.
 */
import { formatGoFloat, GO_FLOAT, parseGoFloat } from './gofloat.ts';

/** A cycle starts. Sizes in bytes, at the precision of the line when read. */
export interface PacerStartRow {
  readonly kind: 'start';
  /** Scan work owed per allocated byte. */
  readonly assistRatio: number;
  readonly heapScan: number;
  readonly heapLive: number;
  readonly heapGoal: number;
  readonly dedicated: number;
  /** Share of each P that fractional workers take. */
  readonly fractional: number;
}

/** A cycle ends. Bytes, and percent of the CPU. */
export interface PacerEndRow {
  readonly kind: 'end';
  readonly cpuPercent: number;
  readonly cpuExpected: number;
  readonly heapScanWork: number;
  readonly stackScanWork: number;
  readonly globalsScanWork: number;
  readonly expectedWork: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  /** By how much the heap passed its goal; a figure of 64 bits. */
  readonly overGoal: bigint;
  /** The ratio that the cycle began with. */
  readonly consMark: number;
}

/** A sweep is done. Sizes in bytes, at the precision of the line when read. */
export interface PacerSweepRow {
  readonly kind: 'sweep';
  readonly heapLive: number;
  readonly allocated: number;
  readonly pages: number;
  readonly pagesPerByte: number;
}

export type GcpacertraceRow = PacerStartRow | PacerEndRow | PacerSweepRow;

const MIB = 1_048_576;
/** Characters of a signed figure of 64 bits. */
const WIDEST = 20;
/** MiB that 64 bits hold: figures from half of it on were negative. */
const WRAP = 2 ** 44;
const START = new RegExp(
  `^pacer: assist ratio=${GO_FLOAT} \\(scan (\\d+) MB in (\\d+)->(\\d+) MB\\) ` +
    `workers=(\\d+)\\+${GO_FLOAT}$`,
);
const END = new RegExp(
  '^pacer: (-?\\d+)% CPU \\((\\d+) exp\\.\\) for (\\d+)\\+(\\d+)\\+(\\d+) B work \\((\\d+) B exp\\.\\) ' +
    `in (\\d+) B -> (\\d+) B \\(∆goal (-?\\d+), cons/mark ${GO_FLOAT}\\)$`,
);
const SWEEP = new RegExp(
  '^pacer: sweep done at heap size (\\d+)MB; allocated (\\d+)MB during sweep; ' +
    `swept (\\d+) pages at ${GO_FLOAT} pages/byte$`,
);

const bytesOf = (mebibytes: string | undefined): number => Number(mebibytes) * MIB;

/** Reads one line without its line end; undefined if it is no whole line of gcpacertrace, or beyond 64 bits. */
export function parseGcpacertraceLine(line: string): GcpacertraceRow | undefined {
  const start = START.exec(line);
  if (start !== null) return areExact(start, 2, 5) ? startRow(start) : undefined;
  const end = END.exec(line);
  if (end !== null) return areExact(end, 1, 8) ? endRow(end) : undefined;
  const sweep = SWEEP.exec(line);
  const sound = sweep !== null && areExact(sweep, 1, 3) && Number(sweep[2]) < WRAP;
  return sound ? sweepRow(sweep) : undefined;
}

/** Whether the figures `from` to `to` of a line are below 2^53 as they stand, and any other below 2^64. */
function areExact(m: RegExpExecArray, from: number, to: number): boolean {
  const figures = m.slice(from, to + 1).map(Number);
  return figures.every(Number.isSafeInteger) && (m[9] ?? '').length <= WIDEST;
}

function startRow(m: RegExpExecArray): PacerStartRow {
  return {
    kind: 'start',
    assistRatio: parseGoFloat(m[1] ?? ''),
    heapScan: bytesOf(m[2]),
    heapLive: bytesOf(m[3]),
    heapGoal: bytesOf(m[4]),
    dedicated: Number(m[5]),
    fractional: parseGoFloat(m[6] ?? ''),
  };
}

function endRow(m: RegExpExecArray): PacerEndRow {
  return {
    kind: 'end',
    cpuPercent: Number(m[1]),
    cpuExpected: Number(m[2]),
    heapScanWork: Number(m[3]),
    stackScanWork: Number(m[4]),
    globalsScanWork: Number(m[5]),
    expectedWork: Number(m[6]),
    heapAtStart: Number(m[7]),
    heapAtMarkEnd: Number(m[8]),
    overGoal: BigInt(m[9] ?? '0'),
    consMark: parseGoFloat(m[10] ?? ''),
  };
}

function sweepRow(m: RegExpExecArray): PacerSweepRow {
  const allocated = Number(m[2]);
  return {
    kind: 'sweep',
    heapLive: bytesOf(m[1]),
    allocated: (allocated < WRAP / 2 ? allocated : allocated - WRAP) * MIB,
    pages: Number(m[3]),
    pagesPerByte: parseGoFloat(m[4] ?? ''),
  };
}

/** Prints a row as Go does, without a line end. */
export function formatGcpacertraceLine(row: GcpacertraceRow): string {
  const mib = (bytes: number): number => Math.floor(bytes / MIB);
  if (row.kind === 'start') {
    return (
      `pacer: assist ratio=${formatGoFloat(row.assistRatio)} (scan ${mib(row.heapScan)} MB in ` +
      `${mib(row.heapLive)}->${mib(row.heapGoal)} MB) ` +
      `workers=${row.dedicated}+${formatGoFloat(row.fractional)}`
    );
  }
  if (row.kind === 'sweep') {
    const allocated = row.allocated < 0 ? mib(row.allocated) + WRAP : mib(row.allocated);
    return (
      `pacer: sweep done at heap size ${mib(row.heapLive)}MB; allocated ${allocated}MB during ` +
      `sweep; swept ${row.pages} pages at ${formatGoFloat(row.pagesPerByte)} pages/byte`
    );
  }
  const work = [row.heapScanWork, row.stackScanWork, row.globalsScanWork].join('+');
  return (
    `pacer: ${row.cpuPercent}% CPU (${row.cpuExpected} exp.) for ${work} B work ` +
    `(${row.expectedWork} B exp.) in ${row.heapAtStart} B -> ${row.heapAtMarkEnd} B ` +
    `(∆goal ${row.overGoal}, cons/mark ${formatGoFloat(row.consMark)})`
  );
}
