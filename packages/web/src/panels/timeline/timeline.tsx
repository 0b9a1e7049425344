/**
 * The timeline: the heap over the whole tape or a stretch of it, phases of the collector, bookmarks, and the
 * position, which is dragged along.
 */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../../app/app.ts';
import { useAnswer, useApp } from '../../app/context.ts';
import {
  AXES,
  type AxisName,
  fitted,
  panned,
  type Stretch,
  turned,
  zoomed,
} from '../../model/state.ts';
import { count, duration, size } from '../../model/units.ts';
import { Chart, type ChartContent, CURVES, type Curve, pointAt } from './chart.ts';
import { takeInHand } from './hand.ts';
import { OTHER_CURVES, OTHER_DASH } from './othercurves.ts';

const AXIS_WORDS: Readonly<Record<AxisName, string>> = {
  time: 'virtual time',
  event: 'events',
  allocated: 'bytes allocated',
  cycle: 'cycles',
};

/** Height of the drawing in CSS pixels, on wide and on narrow screens. */
const HEIGHTS = { wide: 190, narrow: 160, limit: 600 };

/** A stretch of events as one of the axis. */
function rangeOf(app: App, stretch: Stretch | null): Stretch {
  const { from, to } = stretch ?? { from: app.tape.begin, to: app.tape.events };
  const scale = app.scale.value;
  const [begin, end] = [scale.timeOf(from), scale.timeOf(to)];
  const other = stretch === null ? app.other : null;
  const otherEnd = other === null ? end : other.scale.value.timeOf(other.tape.events);
  return { from: begin, to: Math.max(end, otherEnd, begin + 1) };
}

const contentOf = (app: App): ChartContent => ({
  overview: app.overview.value,
  axis: app.state.value.axis,
  scale: app.scale.value,
  range: rangeOf(app, app.state.value.zoom),
  other:
    app.other === null
      ? null
      : { points: app.other.overview.value.points, scale: app.other.scale.value },
});

/** The chart, kept up to date as long as it is there. */
class Stage {
  readonly #app: App;
  readonly #host: HTMLElement;
  readonly #cursor: HTMLElement;
  readonly #brush: HTMLElement;
  readonly #marks: HTMLElement;
  #chart: Chart | null = null;
  #made = '';
  #letGo: () => void = () => undefined;

  constructor(app: App, host: HTMLElement) {
    const part = (name: string): HTMLElement => {
      const element = document.createElement('div');
      element.className = name;
      return element;
    };
    this.#app = app;
    this.#host = host;
    this.#cursor = part('cursor');
    this.#brush = part('brush');
    this.#marks = part('marks');
  }

  #size(): { width: number; height: number } {
    const width = Math.max(200, this.#host.clientWidth);
    return { width, height: width < HEIGHTS.limit ? HEIGHTS.narrow : HEIGHTS.wide };
  }

  /** Draws what has changed. Reads the signals that it depends on. */
  draw(): void {
    const content = contentOf(this.#app);
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const made = `${content.axis} ${this.#app.state.value.theme} ${dark}`;
    if (this.#chart === null || made !== this.#made) this.#make(content, made);
    else this.#chart.show(content);
    this.place();
  }

  #make(content: ChartContent, made: string): void {
    this.#letGo();
    this.#chart?.destroy();
    // The attribute that colours hang on is set after this, where the theme has just changed.
    document.documentElement.dataset['theme'] = this.#app.state.value.theme;
    this.#made = made;
    const chart = new Chart(this.#host, this.#size(), content);
    chart.plot.over.append(this.#marks, this.#brush, this.#cursor);
    this.#chart = chart;
    this.#letGo = takeInHand(chart.plot.over, this.#listener(chart));
  }

  #eventAt(chart: Chart, pixel: number): number {
    return this.#app.scale.peek().eventOf(chart.valueAt(pixel));
  }

  #listener(chart: Chart): Parameters<typeof takeInHand>[1] {
    const app = this.#app;
    const { events, begin } = app.tape;
    return {
      scrub: (pixel) => app.scrub(this.#eventAt(chart, pixel)),
      brush: (from, to, done) => {
        const [left, right] = [Math.min(from, to), Math.max(from, to)];
        this.#brush.style.transform = `translateX(${left}px)`;
        this.#brush.style.width = done ? '0' : `${right - left}px`;
        if (!done || left === right) return;
        const stretch = { from: this.#eventAt(chart, left), to: this.#eventAt(chart, right) };
        app.change({ zoom: fitted(stretch, events, begin) });
      },
      zoom: (factor, pixel) => {
        const around = this.#eventAt(chart, pixel);
        app.change({ zoom: zoomed(app.state.peek().zoom, factor, around, events, begin) });
      },
      pan: (share) => app.change({ zoom: panned(app.state.peek().zoom, share, events, begin) }),
      all: () => app.change({ zoom: null }),
    };
  }

  #pixelOf(chart: Chart, event: number): number {
    return chart.pixelOf(this.#app.scale.value.timeOf(event));
  }

  /** Puts the position and the bookmarks where they lie. */
  place(): void {
    const chart = this.#chart;
    if (chart === null) return;
    const { position, bookmarks } = this.#app.state.value;
    const width = chart.plot.over.clientWidth;
    const at = this.#pixelOf(chart, position.event);
    this.#cursor.style.transform = `translateX(${at}px)`;
    this.#cursor.hidden = at < 0 || at > width;
    const marks = bookmarks.map((one) => {
      const mark = document.createElement('div');
      mark.className = 'mark';
      mark.textContent = one.name;
      const pixel = this.#pixelOf(chart, one.position.event);
      mark.style.transform = `translateX(${pixel}px)`;
      mark.hidden = pixel < 0 || pixel > width;
      return mark;
    });
    this.#marks.replaceChildren(...marks);
  }

  resize(): void {
    this.#chart?.resize(this.#size());
    this.place();
  }

  destroy(): void {
    this.#letGo();
    this.#chart?.destroy();
  }
}

function useStage(app: App): { readonly current: HTMLDivElement | null } {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const stage = new Stage(app, element);
    // The position changes far more often than what the drawing depends on.
    let drawn = '';
    const stop = effect(() => {
      const { zoom, axis, theme } = app.state.value;
      const now = `${zoom?.from} ${zoom?.to} ${axis} ${theme}`;
      const versions = [app.overview.value, app.other?.overview.value].map(
        (overview) => `${overview?.coarse} ${overview?.fine}`,
      );
      const version = `${versions.join(' ')} ${now}`;
      if (version === drawn) stage.place();
      else {
        drawn = version;
        stage.draw();
      }
    });
    const observer = new ResizeObserver(() => stage.resize());
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const repaint = (): void => stage.draw();
    scheme.addEventListener('change', repaint);
    return () => {
      stop();
      observer.disconnect();
      scheme.removeEventListener('change', repaint);
      stage.destroy();
    };
  }, [app]);
  return host;
}

/** A figure of the legend; a goal or a limit of 0 is none. */
function figure(column: Curve, value: number): string {
  if (Number.isNaN(value)) return '–';
  return value === 0 && column !== 'heapLive' ? 'none' : size(value);
}

/** Figures at the position: exact where the worker has arrived, from the curves while it is on its way. */
function useFigures(): Readonly<Record<Curve, number>> {
  const app = useApp();
  const { points } = app.overview.value;
  const { event } = app.state.value.position;
  const place = useAnswer('place', null).value;
  if (place?.event === event) return place;
  const at = pointAt(points, event);
  const figures = CURVES.map(({ column }) => [column, at < 0 ? Number.NaN : points[column][at]]);
  return Object.fromEntries(figures) as Record<Curve, number>;
}

function Legend(): JSX.Element {
  const figures = useFigures();
  return (
    <ul class="legend">
      {[...CURVES].reverse().map(({ column, label, colour, dash, width }) => (
        <li key={column}>
          <svg viewBox="0 0 24 8" aria-hidden="true">
            <line
              x1="0"
              y1="4"
              x2="24"
              y2="4"
              stroke={`var(${colour})`}
              stroke-width={width + 1}
              stroke-dasharray={dash.join(' ')}
            />
          </svg>
          {label} <b>{figure(column, figures[column])}</b>
        </li>
      ))}
      {(['mark', 'sweep', 'pause'] as const).map((kind) => (
        <li key={kind}>
          <span class={`swatch swatch-${kind}`} aria-hidden="true" />
          {{ mark: 'marking', sweep: 'sweeping', pause: 'world stopped' }[kind]}
        </li>
      ))}
    </ul>
  );
}

/** The second tape's curves, at the place that is the same there. */
function OtherLegend(): JSX.Element | null {
  const { other } = useApp();
  if (other === null) return null;
  const { points } = other.overview.value;
  const at = pointAt(points, other.event.value);
  return (
    <ul class="legend" aria-label={`Curves of ${other.tape.name}`}>
      <li class="quiet">{other.tape.name}:</li>
      {[...OTHER_CURVES].reverse().map(({ column, label, colour, width }) => (
        <li key={column}>
          <svg viewBox="0 0 24 8" aria-hidden="true">
            <line
              x1="0"
              y1="4"
              x2="24"
              y2="4"
              stroke={`var(${colour})`}
              stroke-width={width + 1}
              stroke-dasharray={OTHER_DASH.join(' ')}
            />
          </svg>
          {label} <b>{figure(column, at < 0 ? Number.NaN : points[column][at])}</b>
        </li>
      ))}
    </ul>
  );
}

export function TimelinePanel(): JSX.Element {
  const app = useApp();
  const host = useStage(app);
  const place = useAnswer('place', null).value;
  const { position, zoom, axis } = app.state.value;
  const time = duration(app.axis.value.timeOf(position.event));
  const phase = place === undefined ? '' : `, ${place.phase}`;
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="row">
        <Legend />
        <OtherLegend />
        <span class="spring" />
        <button type="button" onClick={() => app.change({ axis: turned(AXES, axis, 1) })}>
          along {AXIS_WORDS[axis]}
        </button>
        {zoom !== null && (
          <button type="button" onClick={() => app.change({ zoom: null })}>
            whole tape
          </button>
        )}
      </div>
      <div
        class="scrubber"
        ref={host}
        role="slider"
        tabIndex={0}
        aria-label="Position on the tape"
        aria-valuemin={app.tape.begin}
        aria-valuemax={app.tape.events}
        aria-valuenow={position.event}
        aria-valuetext={`event ${count(position.event)} of ${count(app.tape.events)}, ${time}${phase}`}
      />
    </section>
  );
}
