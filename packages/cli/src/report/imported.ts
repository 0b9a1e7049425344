/** What `import` tells people: what was in the file, and recorded cycles beside simulated ones. */
import type { CycleReport, Imported, ImportReport, SettingsReport } from '../import/imported.ts';
import { gogcText } from '../settings.ts';
import { type ColumnSpec, tableText } from './table.ts';
import { count, counted, duration, gctraceSizes, mib, ms, size } from './units.ts';

/** Rows of the table before its middle is left out. */
const MOST_ROWS = 40;

const COLUMNS: readonly ColumnSpec[] = [
  { title: 'gc', rank: 0 },
  { title: 'at ms', rank: 4 },
  { title: 'recorded MB', rank: 0 },
  { title: 'goal', rank: 2 },
  { title: 'mark ms', rank: 5 },
  { title: '', rank: 6 },
  { title: 'at ms', rank: 3 },
  { title: 'simulated MB', rank: 0 },
  { title: 'goal', rank: 1 },
  { title: 'mark ms', rank: 5 },
];

const wholeMib = (bytes: number): string => String(Math.floor(bytes / (1024 * 1024)));

/** A cycle's half of a row, as gctrace has it. */
function half(cycle: Omit<CycleReport, 'forced'> | undefined): string[] {
  if (cycle === undefined) return ['', '', '', ''];
  const { startNs, endNs, heapAtStart, heapAtMarkEnd, heapMarked, heapGoal } = cycle;
  return [
    (startNs / 1e6).toFixed(0),
    gctraceSizes(heapAtStart, heapAtMarkEnd, heapMarked),
    heapGoal === 0 ? '-' : wholeMib(heapGoal),
    ms(endNs - startNs),
  ];
}

/** Recorded cycles beside simulated ones, by number. */
function cyclesText({ report, simulated }: Imported, width: number): string {
  const lines = Math.max(report.cycles.length, simulated.length);
  if (report.format === 'heapdump') return '';
  if (lines === 0) return 'No GC cycle was recorded, and none was simulated.\n';
  const all = Array.from({ length: lines }, (_, i) => {
    const recorded = report.cycles[i];
    const [at, sizes, goal, mark] = half(recorded);
    const label = String(recorded?.n ?? simulated[i].n) + (recorded?.forced ? ' forced' : '');
    return [label, at, sizes, goal, mark, '|', ...half(simulated[i])];
  });
  const columns = simulated.length === 0 ? COLUMNS.slice(0, 5) : COLUMNS;
  const rows = all.map((row) => row.slice(0, columns.length));
  if (lines <= MOST_ROWS) return tableText(columns, rows, width);
  const gap = ['…', ...columns.slice(1).map(() => '')];
  const shown = [...rows.slice(0, MOST_ROWS / 2), gap, ...rows.slice(-MOST_ROWS / 2)];
  return `${tableText(columns, shown, width)}${lines - MOST_ROWS} cycles in the middle are left out; --json lists all.\n`;
}

/** The settings as Go spells them. */
function settingsText(settings: SettingsReport): string {
  const { gogc, memoryLimit, procs, collector } = settings;
  const limit = memoryLimit === null ? [] : [`GOMEMLIMIT=${size(memoryLimit).replace(' ', '')}`];
  return [`GOGC=${gogcText(gogc)}`, ...limit, `GOMAXPROCS=${procs}`, collector].join(' ');
}

function headline(report: ImportReport): string {
  const { goVersion, objects, bytes, goroutines, durationNs } = report;
  if (report.format === 'gctrace') {
    return `gctrace log of ${counted(report.cycles.length, 'cycle')} in ${duration(durationNs)}`;
  }
  const what = `${counted(objects, 'object')}, ${mib(bytes)} MiB`;
  const who = counted(goroutines, 'goroutine');
  if (report.format === 'heapdump') return `heap dump of ${goVersion}: ${what}, ${who}`;
  return `execution trace of ${goVersion}: ${what} from ${who} in ${duration(durationNs)}`;
}

/** What a tape is worth that has no workload. */
const NO_WORKLOAD = {
  gctrace: 'no workload in a log: its cycles are annotations',
  heapdump: 'collected once: `heaptape object` tells who keeps an object alive',
  exectrace: 'no workload',
} as const;

/** The whole summary. */
export function importText(
  imported: Imported,
  input: string,
  output: string,
  width: number,
): string {
  const { report } = imported;
  const { settings } = report;
  const how =
    settings === null ? NO_WORKLOAD[report.format] : `simulated under ${settingsText(settings)}`;
  const head = [
    `${input}: ${headline(report)}`,
    `${output}: ${counted(report.events, 'event')}, ${how}`,
    '',
  ].join('\n');
  const warnings = report.warnings.map(
    ({ message, count: n }) => `warning: ${message}${n > 1 ? ` (${count(n)})` : ''}\n`,
  );
  const cycles = cyclesText(imported, width);
  const gap = warnings.length > 0 && cycles !== '' ? '\n' : '';
  return `${head}\n${cycles}${gap}${warnings.join('')}`;
}
