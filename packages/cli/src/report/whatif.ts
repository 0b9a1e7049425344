/** What `whatif` tells people: a line a setting, and the heap over time under each. */
import type { Band, ScenarioResult } from '@heaptape/replay';
import { heapCharts } from './chart.ts';
import { isOwn, namer, type Study } from './study.ts';
import { type ColumnSpec, tableText } from './table.ts';
import { mib, ms, percent } from './units.ts';

/** The width of what is drawn where there is no terminal. */
const PLAIN_WIDTH = 88;
const PAGE_SIZE = 8192;
/** More charts than this would scroll the table away. */
const MOST_CHARTS = 6;

type Figure =
  | 'cycles'
  | 'peakHeapBytes'
  | 'peakTotalBytes'
  | 'gcCpuFraction'
  | 'pauseTotalNs'
  | 'maxPauseNs'
  | 'assistNs';

interface FigureColumn {
  readonly figure: Figure;
  readonly spec: ColumnSpec;
  readonly text: (value: number) => string;
}

/** In reading order; the rank says what a narrow terminal does without. */
export const FIGURES: readonly FigureColumn[] = [
  { figure: 'cycles', spec: { title: 'GC cycles', rank: 0 }, text: String },
  { figure: 'peakHeapBytes', spec: { title: 'peak heap MiB', rank: 0 }, text: mib },
  { figure: 'peakTotalBytes', spec: { title: 'total memory MiB', rank: 2 }, text: mib },
  { figure: 'gcCpuFraction', spec: { title: 'GC CPU %', rank: 0 }, text: percent },
  { figure: 'pauseTotalNs', spec: { title: 'pauses ms', rank: 1 }, text: ms },
  { figure: 'maxPauseNs', spec: { title: 'longest ms', rank: 4 }, text: ms },
  { figure: 'assistNs', spec: { title: 'assists ms', rank: 3 }, text: ms },
];

/** `mid (low–high)`, or one number where all three read the same. */
export function bandText({ low, mid, high }: Band, text: (value: number) => string): string {
  const [least, middle, most] = [low, mid, high].map(text);
  return least === middle && most === middle ? middle : `${middle} (${least}–${most})`;
}

/** A row of the table: the setting, then its figures. */
export const figureCells = (result: ScenarioResult): string[] =>
  FIGURES.map(({ figure, text }) => bandText(result[figure], text));

/** What was recorded, as a row; empty where a figure is not known. */
export function recordedCells({ answer }: Study): string[] | undefined {
  const figures: Partial<Record<Figure, number>> | null = answer.recorded;
  if (figures === null) return undefined;
  return FIGURES.map(({ figure, text }) => {
    const value = figures[figure];
    return value === undefined ? '-' : text(value);
  });
}

/** The whole answer for a terminal of this width; Infinity is no terminal. */
export function whatIfText(study: Study, width: number): string {
  const { name, own, answer, warnings } = study;
  const { scenarios } = answer;
  const called = namer(own, scenarios);
  const columns: ColumnSpec[] = [
    { title: 'setting', align: 'left', rank: 0 },
    ...FIGURES.map(({ spec }) => spec),
  ];
  const marked = scenarios.some((scenario) => isOwn(own, scenario));
  const rows = scenarios.map((scenario) => [
    `${called(scenario)}${isOwn(own, scenario) ? ' *' : ''}`,
    ...figureCells(scenario),
  ]);
  const recorded = recordedCells(study);
  if (recorded !== undefined) rows.unshift([`recorded, ${called(own)}`, ...recorded]);
  const notes = [
    ...(recorded === undefined ? [] : ['middle (least–most) of what fits the recording']),
    ...(marked ? ["* the recording's own settings, simulated"] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  const parts = [
    `${name}\n`,
    tableText(columns, rows, width),
    compactionText(study, width),
    touchesText(study, width),
    notesText(notes),
    charts(study, width),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** What moving objects brought and cost; empty without the experiment. */
function compactionText({ own, answer }: Study, width: number): string {
  const called = namer(own, answer.scenarios);
  const rows = answer.scenarios.flatMap((scenario) => {
    const report = scenario.compaction;
    if (report === null) return [];
    const each = (value: number): number => value / report.runs;
    return [
      [
        called(scenario),
        String(report.runs),
        mib(each(report.bytesMoved)),
        mib(each(report.pagesFreed * PAGE_SIZE)),
        percent(report.fragmentationBefore),
        percent(report.fragmentationAfter),
        ms(each(report.pauseNs)),
        ms(report.maxPauseNs),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const columns: ColumnSpec[] = [
    { title: 'compaction', align: 'left', rank: 0 },
    { title: 'times', rank: 0 },
    { title: 'moved MiB each', rank: 0 },
    { title: 'freed MiB each', rank: 1 },
    { title: 'unused % before', rank: 0 },
    { title: 'after', rank: 0 },
    { title: 'pause ms each', rank: 0 },
    { title: 'longest ms', rank: 2 },
  ];
  const note =
    'an experiment: Go never moves an object; unused is the part of HeapInuse no object fills\n';
  return `${tableText(columns, rows, width)}${note}`;
}

/** What marking touched, for each marked KiB; empty where it was not counted. */
function touchesText({ own, answer }: Study, width: number): string {
  const called = namer(own, answer.scenarios);
  const rows = answer.scenarios.flatMap((scenario) => {
    const { touches } = scenario;
    if (touches === null) return [];
    const { cycles, marked, lines, pages, l1Misses, l2Misses, tlbMisses } = touches;
    const figures = [lines, pages, l1Misses, l2Misses, tlbMisses];
    const each = figures.map((value) => ((value * 1024) / marked).toFixed(2));
    const name = called(scenario);
    const full = name.includes(scenario.collector) ? name : `${name} ${scenario.collector}`;
    return [[full, String(cycles), mib(marked), ...each]];
  });
  if (rows.length === 0) return '';
  const columns: ColumnSpec[] = [
    { title: 'marking', align: 'left', rank: 0 },
    { title: 'times', rank: 0 },
    { title: 'marked MiB', rank: 0 },
    { title: 'lines', rank: 0 },
    { title: 'pages', rank: 0 },
    { title: 'L1 misses', rank: 0 },
    { title: 'L2 misses', rank: 0 },
    { title: 'TLB misses', rank: 1 },
  ];
  const note =
    'for each KiB marked: 64-byte lines and 8 KiB pages touched, and misses of modelled caches\n';
  return `${tableText(columns, rows, width)}${note}`;
}

const notesText = (notes: readonly string[]): string => notes.map((note) => `${note}\n`).join('');

function charts({ own, answer, recordedSeries }: Study, width: number): string {
  const called = namer(own, answer.scenarios);
  const curves = answer.scenarios.map((scenario) => {
    return { title: called(scenario), series: scenario.series };
  });
  const all = [{ title: `recorded, ${called(own)}`, series: recordedSeries }, ...curves];
  return heapCharts(all.slice(0, MOST_CHARTS), Number.isFinite(width) ? width : PLAIN_WIDTH);
}
