/**
 * A what-if as one page: a single file that opens from disk, anywhere, for years.
 *
 * 1. Everything is inside: style, charting library, figures. A content security policy forbids the
 *    page to ask for anything else.
 * 2. The tables are plain HTML and complete; the charts are drawn from the figures by script.
 * 3. Text from a file is escaped; inside the JSON block `<` is spelled as an escape.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ScenarioResult, SimulatedCycle } from '@heaptape/replay';
import { chartSeries } from './series.ts';
import { isOwn, namer, type Study } from './study.ts';
import { gctraceSizes, mib, ms } from './units.ts';
import { FIGURES, figureCells, recordedCells } from './whatif.ts';

/** Points of a curve; a chart is about as many pixels wide. */
const MOST_POINTS = 3000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (found) => ENTITIES[found] ?? found);

/** The comment that a minified file begins with. The page has the whole license instead. */
const BANNER = /^\/\*![\s\S]*?\*\/\s*/;

const STYLE = new URL('../../assets/whatif-page.css', import.meta.url);
const SCRIPT = new URL('../../assets/whatif-page.js', import.meta.url);

const require = createRequire(import.meta.url);
const library = (path: string): string => readFileSync(path, 'utf8').replace(BANNER, '');

/** JSON that cannot end the script element it stands in. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

interface Curve {
  readonly title: string;
  readonly recorded: boolean;
}

/** The page's text. */
export function whatIfPage(study: Study): string {
  const { name, own, answer, recordedSeries } = study;
  const called = namer(own, answer.scenarios);
  const curves = [
    ...(recordedSeries.length === 0
      ? []
      : [
          {
            title: `recorded, ${called(own)}`,
            recorded: true,
            ...chartSeries(recordedSeries, MOST_POINTS),
          },
        ]),
    ...answer.scenarios.map((scenario) => ({
      title: called(scenario),
      recorded: false,
      ...chartSeries(scenario.series, MOST_POINTS),
    })),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>What if: ${escapeHtml(name)}</title>
<style>${library(require.resolve('uplot/dist/uPlot.min.css'))}
${readFileSync(STYLE, 'utf8')}</style>
</head>
<body>
<h1>What if: ${escapeHtml(name)}</h1>
<p class="quiet">The recorded workload under other settings of Go's collector, simulated by heaptape. Each figure is the middle of what fits the recording, with the least and the most in brackets.</p>
${figuresTable(study)}
${study.warnings.map((warning) => `<p class="quiet">Warning: ${escapeHtml(warning)}</p>`).join('\n')}
<h2>Live heap over time</h2>
${wideChart(curves)}
<h2>Heap and goal, setting by setting</h2>
<div class="charts">${curves.map(oneChart).join('')}</div>
<h2>GC cycles</h2>
${answer.scenarios.map((scenario) => cyclesTable(called(scenario), scenario)).join('\n')}
<script id="figures" type="application/json">${embedded({ curves })}</script>
<script>/* uPlot:
${library(require.resolve('uplot/LICENSE'))}*/
${library(require.resolve('uplot/dist/uPlot.iife.min.js'))}</script>
<script type="module">${readFileSync(SCRIPT, 'utf8')}</script>
</body>
</html>
`;
}

const cell = (text: string): string => `<td>${escapeHtml(text)}</td>`;

const head = (titles: readonly string[]): string =>
  `<thead><tr>${titles.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('')}</tr></thead>`;

function row(title: string, cells: readonly string[], recorded: boolean): string {
  const group = recorded ? ' class="recorded"' : '';
  return `<tr${group}><th scope="row">${escapeHtml(title)}</th>${cells.map(cell).join('')}</tr>`;
}

function figuresTable(study: Study): string {
  const { own, answer } = study;
  const called = namer(own, answer.scenarios);
  const recorded = recordedCells(study);
  const rows = [
    ...(recorded === undefined ? [] : [row(`recorded, ${called(own)}`, recorded, true)]),
    ...answer.scenarios.map((scenario) => {
      const mark = isOwn(own, scenario) ? ' *' : '';
      return row(called(scenario) + mark, figureCells(scenario), false);
    }),
  ];
  const titles = ['setting', ...FIGURES.map(({ spec }) => spec.title)];
  return `<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table><caption>Recorded, and simulated under each setting; * marks the recording's own settings</caption>
${head(titles)}<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function wideChart(curves: readonly Curve[]): string {
  const items = curves.map(
    ({ title }, i) =>
      `<li><svg viewBox="0 0 28 12" aria-hidden="true"><line data-line="${i}" x1="0" y1="6" x2="28" y2="6" stroke-width="3"/></svg>${escapeHtml(title)}</li>`,
  );
  return `<div class="wide"><ul class="legend">${items.join('')}</ul>
<div data-plot="all" role="img" aria-label="Live heap in MiB over time in ms under each setting; the table above has the peaks"></div></div>`;
}

function oneChart({ title }: Curve, index: number): string {
  const label = `${title}: live heap and heap goal in MiB over time in ms`;
  return `<div class="chart"><h3>${escapeHtml(title)}</h3><ul class="legend">
<li><svg viewBox="0 0 28 12" aria-hidden="true"><line x1="0" y1="6" x2="28" y2="6" stroke-width="3" stroke="var(--heap)"/></svg>live heap</li>
<li><svg viewBox="0 0 28 12" aria-hidden="true"><line x1="0" y1="6" x2="28" y2="6" stroke-width="3" stroke="var(--goal)" stroke-dasharray="4 3"/></svg>goal</li></ul>
<div data-plot="${index}" role="img" aria-label="${escapeHtml(label)}"></div></div>`;
}

const cycleCells = (cycle: SimulatedCycle): string[] => [
  ms(cycle.startNs),
  ms(cycle.endNs - cycle.startNs),
  gctraceSizes(cycle.heapAtStart, cycle.heapAtMarkEnd, cycle.heapMarked),
  mib(cycle.heapGoal),
  ms(cycle.pauseNs),
  ms(cycle.assistNs),
];

const CYCLE_TITLES = ['gc', 'at ms', 'took ms', 'heap MB', 'goal MiB', 'pauses ms', 'assists ms'];

function cyclesTable(title: string, { cycleList }: ScenarioResult): string {
  const rows = cycleList.map((cycle) => row(String(cycle.n), cycleCells(cycle), false));
  return `<details><summary>${escapeHtml(title)}: ${cycleList.length} cycles</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}"><table><caption>Cycles of the run in the middle, under ${escapeHtml(title)}</caption>
${head(CYCLE_TITLES)}<tbody>${rows.join('\n')}</tbody></table></div></details>`;
}
