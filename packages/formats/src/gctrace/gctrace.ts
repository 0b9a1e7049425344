/**
 * `GODEBUG=gctrace=1`: one line on standard error per GC cycle, in and out.
 *
 *     gc 6 @2.163s 8%: 0.11+459+1.4 ms clock, 0.22+0.14/228/218+2.8 ms cpu, 103->108->88 MB, 122 MB goal,
 *     0 MB stacks, 0 MB globals, 2 P
 *
 * (on one line), with ` (forced)` at the end for cycles that runtime.GC asked for. Lines of Go releases before 1.18
 * have no stacks and globals; ` (checking for goroutine leaks)` may follow the percent sign since 1.26.
 *
 * A row holds nanoseconds and bytes. Printing truncates as Go does, so parsing gives back less than was printed:
 *
 * 1. The start is printed in whole milliseconds, as seconds with three decimals.
 * 2. Durations of 10 ms and more are whole milliseconds; shorter ones are whole microseconds cut to two significant
 *    digits, printed in milliseconds; below one microsecond it is `0`.
 * 3. Sizes are whole MiB, though the unit is called MB.
 *
 * Other lines of the program are passed over; a line that begins like a cycle's but does not parse (two writers can
 * interleave) is counted. Follows gcMarkTermination, fmtNSAsMS and itoaDiv in Go's mgc.go, 1.18 to 1.26.
 */

import { isExact } from './gofloat.ts';

/** One line: one GC cycle. */
export interface GctraceRow {
  /** Number of the cycle since the process started, from 1. */
  readonly n: number;
  /** Nanoseconds from the start of the runtime to sweep termination. */
  readonly startNs: number;
  /** Share of the CPU that went to GC since the start, per cent. */
  readonly cpuPercent: number;
  /** Wall time of the phases, nanoseconds. */
  readonly wallNs: {
    readonly sweepTerm: number;
    readonly mark: number;
    readonly markTerm: number;
  };
  /** CPU time, nanoseconds: the two pauses on all Ps, assists, dedicated and fractional workers, idle workers. */
  readonly cpuNs: {
    readonly sweepTerm: number;
    readonly assist: number;
    readonly background: number;
    readonly idle: number;
    readonly markTerm: number;
  };
  /** Bytes: heapLive when the world was stopped to start, heapLive at mark termination, bytes marked, goal. */
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  /** Bytes of stacks scanned, and of globals; null in lines of releases that do not print them. */
  readonly stackBytes: number | null;
  readonly globalsBytes: number | null;
  /** GOMAXPROCS. */
  readonly procs: number;
  readonly forced: boolean;
  /** The cycle also looked for leaked goroutines. */
  readonly leakCheck: boolean;
}

/** A whole log. */
export interface GctraceLog {
  readonly rows: readonly GctraceRow[];
  /** Lines that are the program's own. */
  readonly otherLines: number;
  /** Lines that begin like a cycle's and do not parse. */
  readonly damagedLines: number;
}

const MIB = 1_048_576;
const NS_PER_MS = 1e6;
const DURATION = '(\\d+(?:\\.\\d+)?)';
const LINE = new RegExp(
  '^gc (\\d+) @(\\d+\\.\\d{3})s (\\d+)%( \\(checking for goroutine leaks\\))?: ' +
    `${DURATION}\\+${DURATION}\\+${DURATION} ms clock, ` +
    `${DURATION}\\+${DURATION}/${DURATION}/${DURATION}\\+${DURATION} ms cpu, ` +
    '(\\d+)->(\\d+)->(\\d+) MB, (\\d+) MB goal, ' +
    '(?:(\\d+) MB stacks, (\\d+) MB globals, )?(\\d+) P( \\(forced\\))?$',
);
const LINE_START = /^gc \d+ @/;

/** Reads one line without its line end; undefined if it is no whole gctrace line, or has figures beyond 2^53. */
export function parseGctraceLine(line: string): GctraceRow | undefined {
  const m = LINE.exec(line);
  if (m === null) return undefined;
  const row = rowOf(m);
  return allExact(row) ? row : undefined;
}

function rowOf(m: RegExpExecArray): GctraceRow {
  return {
    n: Number(m[1]),
    startNs: toNs(m[2]) * 1000,
    cpuPercent: Number(m[3]),
    leakCheck: m[4] !== undefined,
    wallNs: { sweepTerm: toNs(m[5]), mark: toNs(m[6]), markTerm: toNs(m[7]) },
    cpuNs: {
      sweepTerm: toNs(m[8]),
      assist: toNs(m[9]),
      background: toNs(m[10]),
      idle: toNs(m[11]),
      markTerm: toNs(m[12]),
    },
    heapAtStart: Number(m[13]) * MIB,
    heapAtMarkEnd: Number(m[14]) * MIB,
    heapMarked: Number(m[15]) * MIB,
    heapGoal: Number(m[16]) * MIB,
    stackBytes: m[17] === undefined ? null : Number(m[17]) * MIB,
    globalsBytes: m[18] === undefined ? null : Number(m[18]) * MIB,
    procs: Number(m[19]),
    forced: m[20] !== undefined,
  };
}

function allExact({ wallNs, cpuNs, ...row }: GctraceRow): boolean {
  return [row, wallNs, cpuNs].every(isExact);
}

/** Reads a log: the standard error of a program, other lines included. */
export function parseGctrace(text: string): GctraceLog {
  const rows: GctraceRow[] = [];
  let otherLines = 0;
  let damagedLines = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf('\n', from);
    const next = newline < 0 ? text.length : newline + 1;
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(from, text[end - 1] === '\r' ? end - 1 : end);
    const row = parseGctraceLine(line);
    if (row !== undefined) rows.push(row);
    else if (LINE_START.test(line)) damagedLines++;
    else otherLines++;
    from = next;
  }
  return { rows, otherLines, damagedLines };
}

/** Prints a row as Go does, without a line end. */
export function formatGctraceLine(row: GctraceRow): string {
  const { wallNs, cpuNs } = row;
  const wall = [wallNs.sweepTerm, wallNs.mark, wallNs.markTerm].map(formatDuration).join('+');
  const mark = [cpuNs.assist, cpuNs.background, cpuNs.idle].map(formatDuration).join('/');
  const cpu = `${formatDuration(cpuNs.sweepTerm)}+${mark}+${formatDuration(cpuNs.markTerm)}`;
  const heap = [row.heapAtStart, row.heapAtMarkEnd, row.heapMarked].map(mebibytes).join('->');
  const others =
    row.stackBytes === null || row.globalsBytes === null
      ? ''
      : ` ${mebibytes(row.stackBytes)} MB stacks, ${mebibytes(row.globalsBytes)} MB globals,`;
  return (
    `gc ${row.n} @${withDecimals(Math.floor(row.startNs / NS_PER_MS), 3)}s ${row.cpuPercent}%` +
    `${row.leakCheck ? ' (checking for goroutine leaks)' : ''}: ` +
    `${wall} ms clock, ${cpu} ms cpu, ${heap} MB, ${mebibytes(row.heapGoal)} MB goal,` +
    `${others} ${row.procs} P${row.forced ? ' (forced)' : ''}`
  );
}

/** Nanoseconds as gctrace's milliseconds: two significant digits below 10 ms, whole milliseconds above. */
export function formatDuration(ns: number): string {
  if (ns >= 10 * NS_PER_MS) return String(Math.floor(ns / NS_PER_MS));
  let value = Math.floor(ns / 1000);
  if (value === 0) return '0';
  let decimals = 3;
  while (value >= 100) {
    value = Math.floor(value / 10);
    decimals--;
  }
  return withDecimals(value, decimals);
}

function toNs(milliseconds: string): number {
  return Math.floor(Number(milliseconds) * 1000 + 0.5) * 1000;
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / MIB);
}

/** A whole number divided by 10^decimals, with exactly that many decimals. */
function withDecimals(value: number, decimals: number): string {
  if (decimals === 0) return String(value);
  const digits = String(value).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
