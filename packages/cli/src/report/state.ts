/**
 * A state for people: a headline as gctrace words it, then the fields of MemStats and of the pacer that
 * are asked for most, under Go's names.
 */
import type { StateView } from '@heaptape/replay';
import { tableText } from './table.ts';
import { count, counted, duration, gctraceSizes, size } from './units.ts';

const COLUMNS = [
  { title: 'what', align: 'left', rank: 0 },
  { title: 'value', rank: 0 },
  { title: 'meaning', align: 'left', rank: 1 },
] as const;

export function stateText(view: StateView, width: number): string {
  const { event, timeNs, hash, phase, memstats: m, pacer, heap } = view;
  const limit = pacer['memoryLimit'] > 0 ? size(pacer['memoryLimit']) : 'none';
  const gogc = pacer['gcPercent'] < 0 ? 'off' : String(pacer['gcPercent']);
  const rows: [string, string, string][] = [
    ['HeapAlloc', size(m.HeapAlloc), 'objects, unswept garbage included'],
    ['HeapInuse', size(m.HeapInuse), 'spans in use'],
    ['HeapIdle', size(m.HeapIdle), 'free spans'],
    ['HeapReleased', size(m.HeapReleased), 'of them returned to the system'],
    ['HeapObjects', count(m.HeapObjects), 'objects'],
    ['Sys', size(m.Sys), 'memory from the system'],
    ['TotalAlloc', size(m.TotalAlloc), 'allocated since the start'],
    ['Mallocs', count(m.Mallocs), 'allocations since the start'],
    ['Frees', count(m.Frees), 'frees since the start'],
    ['NumGC', count(m.NumGC), `${count(m.NumForcedGC)} of them asked for`],
    ['PauseTotalNs', duration(m.PauseTotalNs), 'stop-the-world pauses'],
    ['GCCPUFraction', `${(m.GCCPUFraction * 100).toFixed(2)} %`, 'CPU time of the collector'],
    ['heapLive', size(pacer['heapLive']), "what the pacer counts as the program's heap"],
    ['heapMarked', size(pacer['heapMarked']), 'live at the last mark termination'],
    ['trigger', size(pacer['trigger']), 'heapLive at which the next cycle begins'],
    ['heapGoal', size(pacer['heapGoal']), `GOGC=${gogc}, memory limit ${limit}`],
  ];
  const sizes = gctraceSizes(pacer['heapLive'], pacer['heapMarked'], pacer['heapGoal']);
  const [live, marked, goal] = sizes.split('->');
  return [
    `event ${count(event)} at ${duration(timeNs)}: ${phase}, ${live} MB live, ${marked} MB marked, ${goal} MB goal`,
    `${counted(heap.spans, 'span')}, ${counted(heap.objects, 'slot')} taken, state ${hash}`,
    '',
    tableText(COLUMNS, rows, width),
  ].join('\n');
}
