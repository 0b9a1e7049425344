/** The SQL tables that need a replay: `cycles`, a row a GC cycle, and `objects`, a row an object. */
import type { TapeReader } from '@heaptape/schema';
import { cyclesOf } from './cycles.ts';
import { addressOf, objectsOf } from './objects.ts';

export interface Table {
  readonly columns: readonly string[];
  rows(): Iterable<readonly (number | string | null)[]>;
}

const TRIGGERS = ['heap', 'runtime.GC', 'periodic'];

/** Simulated cycles, with the recorded cycle of the same number beside each. */
export function cycleTable(reader: TapeReader): Table {
  const columns = [
    'n',
    'trigger',
    'start_event',
    'end_event',
    'start_ns',
    'end_ns',
    'heap_at_start',
    'heap_at_mark_end',
    'heap_marked',
    'heap_goal',
    'pause_ns',
    'worker_ns',
    'idle_ns',
    'assist_ns',
    'recorded_heap_at_start',
    'recorded_heap_at_mark_end',
    'recorded_heap_marked',
    'recorded_heap_goal',
  ];
  function* rows(): Iterable<(number | string | null)[]> {
    const { simulated, recorded } = cyclesOf(reader);
    for (let i = 0; i < Math.max(simulated.length, recorded.length); i += 1) {
      const s = simulated[i];
      const r = recorded[i];
      yield [
        i + 1,
        s === undefined ? null : TRIGGERS[s.trigger],
        s?.startSeq ?? null,
        s?.endSeq ?? null,
        s?.startNs ?? null,
        s?.endNs ?? null,
        s?.heapAtStart ?? null,
        s?.heapAtMarkEnd ?? null,
        s?.heapMarked ?? null,
        s?.heapGoal ?? null,
        s === undefined ? null : s.sweepTermPauseNs + s.markTermPauseNs,
        s?.workerNs ?? null,
        s?.idleNs ?? null,
        s?.assistNs ?? null,
        r?.heapAtStart ?? null,
        r?.heapAtMarkEnd ?? null,
        r?.heapMarked ?? null,
        r?.heapGoal ?? null,
      ];
    }
  }
  return { columns, rows };
}

/** Every object, by ordinal. `died` is the event whose sweep freed it. */
export function objectTable(reader: TapeReader): Table {
  const columns = ['id', 'addr', 'size', 'scan_bytes', 'type', 'span_class', 'born', 'died'];
  function* rows(): Iterable<(number | string | null)[]> {
    const { count, born, died, world } = objectsOf(reader);
    for (let ordinal = 1; ordinal <= count; ordinal += 1) {
      const site = world.objects.siteOf(ordinal);
      yield [
        ordinal,
        addressOf(world, ordinal),
        world.siteBytes[site],
        world.siteScan[site],
        world.siteNames[site],
        world.siteClass[site],
        born[ordinal],
        died[ordinal] === 0 ? null : died[ordinal],
      ];
    }
  }
  return { columns, rows };
}
