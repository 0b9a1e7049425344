/** A tape's notes as the lines that Go prints under scavtrace and gcpacertrace. */
import {
  formatGcpacertraceLine,
  formatScavtraceLine,
  type GcpacertraceRow,
} from '@heaptape/formats';
import { cyclesOf, notesOf, type RuntimeNote } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { withTape } from '../input/tape.ts';
import type { Exporter } from './source.ts';

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
function gcpacertraceLines(notes: readonly RuntimeNote[]): string[] {
  return notes.flatMap((note) => {
    const row = pacerRow(note);
    return row === undefined ? [] : [formatGcpacertraceLine(row)];
  });
}

/** The lines of `GODEBUG=scavtrace=1`. */
function scavtraceLines(notes: readonly RuntimeNote[]): string[] {
  return notes.flatMap((note) => (note.kind === 'scavenged' ? [formatScavtraceLine(note)] : []));
}

export function onlyRecorded(): HeaptapeError {
  return new HeaptapeError(
    'missing-data',
    'no simulated cycle on this tape, only recorded ones',
    'the table cycles of `heaptape sql` has the recorded ones',
  );
}

const exportLines =
  (linesOf: (notes: readonly RuntimeNote[]) => readonly string[]): Exporter =>
  ({ file }, write) =>
    withTape(file, async (reader) => {
      const { simulated, recorded } = cyclesOf(reader);
      if (simulated.length === 0 && recorded.length > 0) throw onlyRecorded();
      for (const line of linesOf(notesOf(reader))) await write(`${line}\n`);
    });

export const exportGcpacertrace: Exporter = exportLines(gcpacertraceLines);
export const exportScavtrace: Exporter = exportLines(scavtraceLines);
