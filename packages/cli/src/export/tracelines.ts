/** A tape's notes as the lines that Go prints under scavtrace and gcpacertrace. */
import {
  formatGcpacertraceLine,
  formatScavtraceLine,
  type GcpacertraceRow,
} from '@heaptape/formats';
import type { RuntimeNote } from '@heaptape/replay';

/** Share of the CPU that marking is meant to take, percent. */
const EXPECTED_PERCENT = 25;
/** A tape says "no goal" with the largest figure it holds; Go's is about 97 % of 2^63. */
const NO_GOAL: number = Number.MAX_SAFE_INTEGER;
const UNBOUNDED_GOAL = 8_532_210_231_537 * 2 ** 20;

/** A goal as Go has it, bytes. */
export function goalOf(bytes: number): number {
  return bytes >= NO_GOAL ? UNBOUNDED_GOAL : bytes;
}

function pacerRow(note: RuntimeNote): GcpacertraceRow | undefined {
  if (note.kind === 'paced') {
    const { kind: _, ...figures } = note;
    return { ...figures, kind: 'start', heapGoal: goalOf(note.heapGoal) };
  }
  if (note.kind === 'swept') return { ...note, kind: 'sweep' };
  if (note.kind !== 'measured') return undefined;
  const { kind: _, utilization, heapGoal, ...figures } = note;
  return {
    ...figures,
    kind: 'end',
    cpuPercent: Math.trunc(utilization * 100),
    cpuExpected: EXPECTED_PERCENT,
    overGoal: BigInt(note.heapAtMarkEnd) - BigInt(goalOf(heapGoal)),
  };
}

/** The lines of `GODEBUG=gcpacertrace=1`. */
export function gcpacertraceLines(notes: readonly RuntimeNote[]): string[] {
  return notes.flatMap((note) => {
    const row = pacerRow(note);
    return row === undefined ? [] : [formatGcpacertraceLine(row)];
  });
}

/** The lines of `GODEBUG=scavtrace=1`. */
export function scavtraceLines(notes: readonly RuntimeNote[]): string[] {
  return notes.flatMap((note) => (note.kind === 'scavenged' ? [formatScavtraceLine(note)] : []));
}
