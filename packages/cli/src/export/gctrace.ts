/**
 * Simulated cycles as the lines that `GODEBUG=gctrace=1` prints.
 *
 * As in Go's gcMarkTermination: the CPU share is the collector's since the start, with idle workers
 * left out and a pause counted on every P; a pause's CPU time is its length on every P.
 */
import { formatGctraceLine, type GctraceRow } from '@heaptape/formats';
import { cyclesOf, type TapeCycle } from '@heaptape/replay';
import { withTape } from '../input/tape.ts';
import type { Exporter } from './source.ts';
import { goalOf, onlyRecorded } from './tracelines.ts';

const FORCED = 1;

export const exportGctrace: Exporter = ({ file }, write) =>
  withTape(file, async (reader) => {
    const { simulated, recorded } = cyclesOf(reader);
    if (simulated.length === 0 && recorded.length > 0) throw onlyRecorded();
    for (const row of gctraceRows(simulated)) await write(`${formatGctraceLine(row)}\n`);
  });

/** One row a cycle. Deviation: time in assists counts as CPU time as it is on the tape. */
function gctraceRows(cycles: readonly TapeCycle[]): GctraceRow[] {
  return cycles.map((cycle) => {
    const { startNs, endNs, sweepTermPauseNs, markTermPauseNs, procs } = cycle;
    const pauses = sweepTermPauseNs + markTermPauseNs;
    return {
      n: cycle.n,
      startNs,
      cpuPercent: Math.trunc(cycle.gcCpuFraction * 100),
      wallNs: {
        sweepTerm: sweepTermPauseNs,
        mark: Math.max(0, endNs - startNs - pauses),
        markTerm: markTermPauseNs,
      },
      cpuNs: {
        sweepTerm: sweepTermPauseNs * procs,
        assist: cycle.assistNs,
        background: cycle.workerNs,
        idle: cycle.idleNs,
        markTerm: markTermPauseNs * procs,
      },
      heapAtStart: cycle.heapAtStart,
      heapAtMarkEnd: cycle.heapAtMarkEnd,
      heapMarked: cycle.heapMarked,
      heapGoal: goalOf(cycle.heapGoal),
      stackBytes: cycle.stackScanWork,
      globalsBytes: cycle.globalsScanWork,
      procs,
      forced: cycle.trigger === FORCED,
      leakCheck: false,
    };
  });
}
