/**
 * The finished recording: gathers what the recorder's parts hold, and says what was odd.
 */
import { EV_HEAP_OBJECT_FREE } from './events.ts';
import type { Merger } from './merge.ts';
import type { Recorder } from './recorder.ts';
import type { DroppedGeneration, TraceCounts, TraceRecording, TraceWarning } from './recording.ts';

/** What the reader knows about the file. */
export interface FileFacts {
  readonly format: string;
  readonly bytes: number;
  readonly generations: number;
  readonly batches: number;
  readonly frequency: number;
  readonly unknownBytes: number;
  readonly duplicateBatches: number;
  readonly dropped: DroppedGeneration | null;
  /** The only generation is incomplete and was used all the same. */
  readonly usedIncomplete: boolean;
}

/** Builds the recording. */
export function toRecording(recorder: Recorder, merger: Merger, file: FileFacts): TraceRecording {
  const { rows, threads } = recorder;
  const counts = toCounts(recorder, merger, file);
  return {
    goFormat: file.format,
    layout: file.format === '1.26' ? 'go1.26' : 'go1.22',
    frequency: file.frequency,
    startNs: 0,
    durationNs: recorder.timeNs(merger.now),
    gomaxprocs: recorder.scheduling.gomaxprocs,
    types: recorder.types.toTable(),
    sites: recorder.sites.toTable(),
    allocs: { count: rows.count, site: rows.site, freedBy: rows.freedBy },
    startCount: recorder.rows.startObjects,
    schedule: {
      count: recorder.runRow.length,
      firstRow: recorder.runRow,
      proc: recorder.runProc,
      goroutine: recorder.runGoroutine,
    },
    clock: {
      count: recorder.clockRow.length,
      row: recorder.clockRow,
      timeNs: recorder.clockNs,
    },
    goroutines: {
      count: threads.goroutineId.length,
      id: threads.goroutineId,
      entry: threads.goroutineEntry,
      functions: threads.functions,
    },
    cycles: recorder.cycles.cycles,
    heapSeries: recorder.series.toSeries(),
    counts,
    warnings: toWarnings(counts, recorder, file.usedIncomplete),
  };
}

function toCounts(recorder: Recorder, merger: Merger, file: FileFacts): TraceCounts {
  const rows = recorder.rows;
  const byKind = merger.byKind.map((count, kind) => count + rows.events(kind));
  return {
    bytes: file.bytes,
    generations: file.generations,
    batches: file.batches,
    events: byKind.reduce((sum, count) => sum + count, 0),
    byKind,
    unknownBytes: file.unknownBytes,
    duplicateBatches: file.duplicateBatches,
    startObjects: rows.startObjects,
    allocs: rows.allocs,
    tinyParts: rows.tinyParts,
    frees: byKind[EV_HEAP_OBJECT_FREE] - (file.dropped?.frees ?? 0),
    misaligned: rows.misaligned,
    unmapped: rows.unmapped,
    allocsOnLive: rows.allocsOnLive,
    orphans: rows.orphans,
    freesWithoutObject: rows.freesWithoutObject,
    implicitSpanFrees: rows.implicitSpanFrees,
    diedWithSpan: rows.diedWithSpan,
    unresolvedTypes: recorder.sites.unresolvedTypes,
    gcOutOfSequence: merger.gcOutOfSequence,
    dropped: file.dropped,
  };
}

function toWarnings(
  counts: TraceCounts,
  recorder: Recorder,
  usedIncomplete: boolean,
): TraceWarning[] {
  const all: TraceWarning[] = [
    {
      message: 'the trace was cut off; events of its incomplete last generation were left out',
      count: counts.dropped === null ? 0 : Math.max(counts.dropped.events, 1),
    },
    {
      message:
        'the trace was cut off in its only generation; type and function names may be missing',
      count: usedIncomplete ? 1 : 0,
    },
    { message: 'bytes of unknown experiments were skipped', count: counts.unknownBytes },
    { message: 'batches were written twice and taken once', count: counts.duplicateBatches },
    { message: 'objects do not fit the slots of their span', count: counts.misaligned },
    { message: 'objects lie on no known span and were left out', count: counts.unmapped },
    { message: 'allocations in an occupied slot whose free never came', count: counts.orphans },
    { message: 'frees of empty slots', count: counts.freesWithoutObject },
    { message: 'spans replaced without having been freed', count: counts.implicitSpanFrees },
    { message: 'objects still alive when their span was freed', count: counts.diedWithSpan },
    { message: 'allocations of unknown type', count: counts.unresolvedTypes },
    { message: 'GC events out of their sequence', count: counts.gcOutOfSequence },
    {
      message: 'a GC cycle was still marking when the recording ended; it is left out',
      count: recorder.cycles.unfinished ? 1 : 0,
    },
  ];
  return all.filter((warning) => warning.count > 0);
}
