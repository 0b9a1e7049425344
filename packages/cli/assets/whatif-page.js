/**
 * Draws the charts of a what-if page. Runs in the browser, after uPlot; the figures are in the page's
 * JSON block, in ms and MiB. Without this script the page still has every table.
 *
 * - `wide` holds the heap under every setting in one chart;
 * - each `chart` holds one setting, heap and goal, all on the same scales, with one cursor for all.
 */
const { uPlot } = window;
const { curves } = JSON.parse(document.getElementById('figures').textContent);
const height = { wide: 320, one: 190 };
/** Distinct without colour vision, on light and on dark. */
const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3], [], [6, 3], [2, 3], [10, 3, 2, 3]];
const hues = [162, 25, 262, 85, 330, 210, 140, 0];
const isDark = matchMedia('(prefers-color-scheme: dark)');
const colourOf = (index, recorded) => {
  if (recorded) return isDark.matches ? '#9aa4b0' : '#5b6470';
  const [saturation, light] = isDark.matches ? [70, 66] : [75, 36];
  return `hsl(${hues[index % hues.length]} ${saturation}% ${light}%)`;
};

const heaps = curves.flatMap(({ heap }) => heap);
const most = heaps.reduce((peak, value) => Math.max(peak, value), 0);
const goals = curves.flatMap(({ goal }) => goal).filter((value) => value !== null);
const top = goals.reduce((peak, value) => (value < 2 * most ? Math.max(peak, value) : peak), most);
const end = curves.reduce((latest, { time }) => Math.max(latest, time.at(-1) ?? 0), 0);

/** A colour of the style sheet, as the canvas needs it: resolved by the browser. */
const themed = (name) => {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

function options(width, tall, highest, series) {
  const axis = {
    stroke: themed('--quiet'),
    grid: { stroke: themed('--line'), width: 1 },
    ticks: { stroke: themed('--line'), width: 1 },
  };
  return {
    width,
    height: tall,
    legend: { show: false },
    cursor: { sync: { key: 'whatif' }, drag: { x: true, y: false } },
    scales: {
      x: { time: false, range: (_, min, max) => [min, max] },
      y: { range: [0, highest * 1.05] },
    },
    axes: [
      { ...axis, label: 'ms', labelSize: 20, size: 34 },
      { ...axis, label: 'MiB', labelSize: 20, size: 46 },
    ],
    series: [{}, ...series],
  };
}

function wide(width) {
  const tables = curves.map(({ time, heap }) => [time, heap]);
  const series = curves.map(({ title, recorded }, index) => ({
    label: title,
    stroke: colourOf(index, recorded),
    dash: dashes[index % dashes.length],
    width: recorded ? 2.5 : 1.5,
    spanGaps: true,
    points: { show: false },
  }));
  return [options(width, height.wide, most, series), uPlot.join(tables)];
}

function one({ time, heap, goal }, width) {
  const series = [
    { label: 'heap', stroke: themed('--heap'), width: 1.5, points: { show: false } },
    {
      label: 'goal',
      stroke: themed('--goal'),
      width: 1.5,
      dash: [4, 3],
      points: { show: false },
      paths: uPlot.paths.stepped({ align: 1 }),
    },
  ];
  return [options(width, height.one, top, series), [time, heap, goal]];
}

const mounts = [...document.querySelectorAll('[data-plot]')];
let plots = [];
function draw() {
  for (const plot of plots) plot.destroy();
  plots = mounts.map((mount) => {
    const width = Math.max(200, mount.clientWidth);
    const which = mount.dataset.plot;
    const [setup, data] = which === 'all' ? wide(width) : one(curves[Number(which)], width);
    const plot = new uPlot(setup, data, mount);
    plot.setScale('x', { min: 0, max: end });
    return plot;
  });
  for (const line of document.querySelectorAll('[data-line]')) {
    const index = Number(line.dataset.line);
    line.setAttribute('stroke', colourOf(index, curves[index].recorded));
    line.setAttribute('stroke-dasharray', dashes[index % dashes.length].join(' '));
  }
}

let pending = 0;
addEventListener('resize', () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(draw);
});
isDark.addEventListener('change', draw);
draw();
