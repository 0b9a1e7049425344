/**
 * The heap map: the heap's addresses row by row, from arenas down to slots, coloured by what is there at the
 * position. The cursor says in words what lies under it; the legend has counts and bytes of every colour.
 */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Action } from '../../app/actions.ts';
import type { App } from '../../app/app.ts';
import { useAnswer, useApp } from '../../app/context.ts';
import { brushedGrid, type GridWish, gridEnd, zoomedGrid } from '../../model/heapgrid.ts';
import { COLOURINGS, type Colouring, type MapState } from '../../model/heapmap.ts';
import type { Overview } from '../../model/overview.ts';
import { turned } from '../../model/state.ts';
import { size } from '../../model/units.ts';
import type { HeapMapArgs, HeapMapView } from '../../worker/queries/heapmap.ts';
import { useBirth } from './birth.ts';
import { neighbour, type Thing, thingAt, wordsFor } from './cursor.ts';
import { ROW_HEIGHT } from './draw.ts';
import { type MapListener, takeMapInHand } from './hand.ts';
import { Fragmentation, Legend } from './legend.tsx';
import { Palette } from './palette.ts';
import { GUTTER, MapStage } from './stage.ts';

const NAMES: Readonly<Record<Colouring, string>> = {
  mark: 'mark colour',
  class: 'size class',
  age: 'age in events',
  cycles: 'age in cycles',
  type: 'type',
  goroutine: 'goroutine',
};

/** Cycles back from the last one at which ages begin. */
const CYCLES_AGO = [0, 1, 2, 4, 8, 16];

export const HEAP_MAP_ACTIONS: readonly Action[] = [
  {
    id: 'map-colours',
    group: 'Panels',
    keys: ['Y'],
    title: 'Colour the heap map by the next of: mark, class, age, type, goroutine',
    run: (app) => {
      const { map } = app.state.peek();
      app.change({ map: { ...map, by: turned(COLOURINGS, map.by, 1) } });
    },
  },
];

/** Where the cycles before an event began, by how many of them are later. */
function startsBefore({ bands }: Overview, event: number): HeapMapArgs['starts'] {
  const starts = bands.filter(({ kind, from }) => kind === 'mark' && from <= event).reverse();
  return CYCLES_AGO.flatMap((ago) =>
    starts[ago] === undefined ? [] : [{ ago, event: starts[ago].from }],
  );
}

function textOf(view: HeapMapView, thing: Thing): string {
  const { span, slot } = wordsFor(view, thing);
  return slot === '' ? span : `${slot}; ${span}`;
}

const lookOf = (theme: string): string =>
  `${theme} ${matchMedia('(prefers-color-scheme: dark)').matches}`;

/** Asks again, as long as the answer is not whole. */
function useView(room: { rows: number; width: number }): HeapMapView | undefined {
  const app = useApp();
  const { map, position, selected } = app.state.value;
  const [turn, setTurn] = useState(0);
  const starts = map.by === 'cycles' ? startsBefore(app.overview.value, position.event) : [];
  const { value } = useAnswer('heapmap', { ...room, ...map, starts, selected, turn });
  useEffect(() => {
    if (value !== undefined && value.ready < 1) setTurn(turn + 1);
  }, [value]);
  return value;
}

function useRoom(box: { readonly current: HTMLElement | null }): { rows: number; width: number } {
  const [room, setRoom] = useState({ rows: 12, width: 300 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const rows = Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT));
      setRoom({ rows, width: Math.max(1, element.clientWidth - GUTTER) });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return room;
}

/** What may be done to the map: the state of the page changes, and the map with it. */
class MapControl {
  readonly #app: App;
  view: HeapMapView | undefined;
  stage: MapStage | null = null;
  cursor = 0;
  readonly #pointed: (byte: number) => void;
  readonly #brushed: (stretch: Brush) => void;

  constructor(app: App, pointed: (byte: number) => void, brushed: (stretch: Brush) => void) {
    this.#app = app;
    this.#pointed = pointed;
    this.#brushed = brushed;
  }

  show({ perRow, top }: Pick<GridWish, 'perRow' | 'top'>): void {
    const { map } = this.#app.state.peek();
    this.#app.change({ map: { ...map, perRow, top: perRow === 0 ? 0 : top } });
  }

  /** Moves the cursor, and what is seen with it. */
  point(byte: number): void {
    const { view } = this;
    if (view === undefined) return;
    const { grid } = view;
    this.cursor = Math.min(grid.bytes - 1, Math.max(0, byte));
    this.#pointed(this.cursor);
    if (this.cursor >= grid.top && this.cursor < gridEnd(grid)) return;
    const { perRow, rows } = grid;
    const row = Math.floor(this.cursor / perRow);
    const beyond = row - Math.floor(grid.top / perRow);
    // A step goes on by a row; what is far away comes to lie well within sight.
    const above = beyond === -1 ? 0 : beyond === rows ? rows - 1 : Math.floor(rows / 3);
    this.show({ perRow, top: Math.max(0, row - above) * perRow });
  }

  choose(byte: number): void {
    this.point(byte);
    const object = this.view === undefined ? 0 : thingAt(this.view, this.cursor).object;
    if (object > 0) this.#app.change({ selected: object });
  }

  enter(byte: number): void {
    const { view } = this;
    if (view === undefined) return;
    const { object, from, to } = thingAt(view, byte);
    if (object > 0) this.choose(byte);
    else this.zoomTo(from, to);
  }

  zoomTo(from: number, to: number): void {
    if (this.view !== undefined) this.show(brushedGrid(this.view.grid, from, to));
  }

  zoom(factor: number, byte: number): void {
    if (this.view !== undefined) this.show(zoomedGrid(this.view.grid, factor, byte));
  }

  scroll(rows: number): boolean {
    if (this.view === undefined || this.#app.state.peek().map.perRow === 0) return false;
    const { grid } = this.view;
    this.show({ perRow: grid.perRow, top: Math.max(0, grid.top + rows * grid.perRow) });
    return true;
  }

  brush(from: number, to: number, done: boolean): void {
    const stretch = { from: Math.min(from, to), to: Math.max(from, to) };
    this.#brushed(done ? null : stretch);
    if (done && from !== to) this.zoomTo(stretch.from, stretch.to);
  }

  /** Whether a key was one of the map's own. */
  key(name: string): boolean {
    const { view, cursor } = this;
    if (view === undefined) return false;
    const { perRow, rows, bytes } = view.grid;
    const to = {
      ArrowLeft: () => neighbour(view, cursor, -1),
      ArrowRight: () => neighbour(view, cursor, 1),
      ArrowUp: () => (cursor < perRow ? cursor : cursor - perRow),
      ArrowDown: () => (cursor + perRow >= bytes ? cursor : cursor + perRow),
      PageUp: () => cursor - perRow * rows,
      PageDown: () => cursor + perRow * rows,
      Home: () => 0,
      End: () => bytes - 1,
    }[name];
    if (to !== undefined) this.point(to());
    else if (name === 'Enter') this.enter(cursor);
    else if (name === '+') this.zoom(0.5, cursor);
    else if (name === '-') this.zoom(2, cursor);
    else if (name === '0') this.show({ perRow: 0, top: 0 });
    else return false;
    return true;
  }

  listener(): MapListener {
    return {
      byteUnder: (event) => this.stage?.byteUnder(event) ?? -1,
      point: (byte) => this.point(byte),
      choose: (byte) => this.choose(byte),
      enter: (byte) => this.enter(byte),
      brush: (from, to, done) => this.brush(from, to, done),
      zoom: (factor, byte) => this.zoom(factor, byte),
      scroll: (rows) => this.scroll(rows),
    };
  }
}

type Brush = { readonly from: number; readonly to: number } | null;

/** Brings the selected object into sight when another one is selected. */
function useFollowing(control: MapControl, view: HeapMapView | undefined): void {
  const { selected } = useApp().state.value;
  const followed = useRef(0);
  const place = view?.selected ?? null;
  useEffect(() => {
    if (followed.current === selected || place === null) return;
    followed.current = selected;
    control.point(place.from);
  }, [selected, place]);
}

function Toolbar({ control, map }: { control: MapControl; map: MapState }): JSX.Element {
  const app = useApp();
  const middle = (): number => control.cursor;
  return (
    <div class="row">
      <label class="field">
        <span class="quiet">colour by</span>
        <select
          value={map.by}
          onChange={(event) => {
            const by = COLOURINGS.find((one) => one === event.currentTarget.value);
            if (by !== undefined) app.change({ map: { ...map, by } });
          }}
        >
          {COLOURINGS.map((by) => (
            <option key={by} value={by}>
              {NAMES[by]}
            </option>
          ))}
        </select>
      </label>
      <span class="spring" />
      <button type="button" onClick={() => control.zoom(2, middle())} aria-label="Zoom out">
        −
      </button>
      <button type="button" onClick={() => control.zoom(0.5, middle())} aria-label="Zoom in">
        +
      </button>
      <button
        type="button"
        disabled={map.perRow === 0}
        onClick={() => control.show({ perRow: 0, top: 0 })}
      >
        all
      </button>
    </div>
  );
}

/** The words for the cursor, in lines that stay where they are. */
function CursorWords({ view, thing }: { view: HeapMapView; thing: Thing }): JSX.Element {
  const { span, slot } = wordsFor(view, thing);
  const born = useBirth(thing.object);
  return (
    <div class="map-words">
      {slot !== '' && (
        <p class="map-slot">
          {slot}
          {born !== '' && <span class="quiet">; {born}</span>}
        </p>
      )}
      <p class="quiet">{span}</p>
    </div>
  );
}

function Notes({ view, by }: { view: HeapMapView; by: Colouring }): JSX.Element | null {
  if (view.ready < 1) {
    return <p class="quiet">Reading who allocated what: {Math.floor(view.ready * 100)} %</p>;
  }
  if (by === 'mark' && view.marking && !view.greyKnown) {
    const why = 'This tape marks span by span: it does not say which objects are grey.';
    return <p class="quiet">{why}</p>;
  }
  return null;
}

function useStage(
  canvas: { readonly current: HTMLCanvasElement | null },
  box: { readonly current: HTMLElement | null },
  control: MapControl,
  palette: Palette,
): { readonly current: MapStage | null } {
  const stage = useRef<MapStage | null>(null);
  useEffect(() => {
    if (canvas.current === null || box.current === null) return undefined;
    stage.current = new MapStage(canvas.current, palette);
    control.stage = stage.current;
    return takeMapInHand(box.current, control.listener());
  }, [canvas, box, control, palette]);
  return stage;
}

/** Changes when the system turns dark or light. */
function useScheme(): void {
  const [, turn] = useState(0);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => turn((n) => n + 1);
    scheme.addEventListener('change', changed);
    return () => scheme.removeEventListener('change', changed);
  }, []);
}

export function HeapMapPanel(): JSX.Element {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState(-1);
  const [brushed, setBrushed] = useState<Brush>(null);
  const palette = useMemo(() => new Palette(), []);
  const control = useMemo(() => new MapControl(app, setCursor, setBrushed), [app]);
  const room = useRoom(box);
  const view = useView(room);
  const stage = useStage(canvas, box, control, palette);
  const { map, theme } = app.state.value;
  control.view = view;
  useScheme();
  useFollowing(control, view);
  const look = lookOf(theme);
  const thing = view === undefined || cursor < 0 ? null : thingAt(view, cursor);
  useEffect(() => {
    if (view === undefined) return;
    document.documentElement.dataset['theme'] = theme;
    stage.current?.draw(view, look, { cursor: thing, selected: view.selected, brushed });
  }, [view, look, cursor, brushed, room]);
  const words = view === undefined || thing === null ? 'no cursor yet' : textOf(view, thing);
  const seen = view === undefined ? '' : ` ${size(view.grid.perRow)} a row.`;
  return (
    <>
      <Toolbar control={control} map={map} />
      <div
        class="map"
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={`Heap map by ${NAMES[map.by]}`}
        aria-valuemin={0}
        aria-valuemax={(view?.grid.bytes ?? 1) - 1}
        aria-valuenow={Math.max(0, cursor)}
        aria-valuetext={words}
        onKeyDown={(event) => {
          const plain = !(event.ctrlKey || event.altKey || event.metaKey || event.shiftKey);
          if ((plain || event.key === '+') && control.key(event.key)) event.preventDefault();
        }}
      >
        <canvas ref={canvas} />
      </div>
      {view !== undefined && (
        <>
          {thing === null ? (
            <p class="map-words quiet">
              Point at the map, or go there (Tab) and use the arrow keys.{seen}
            </p>
          ) : (
            <CursorWords view={view} thing={thing} />
          )}
          <Notes view={view} by={map.by} />
          <Legend view={view} colours={palette.of(view.rows)} />
          <Fragmentation view={view} />
        </>
      )}
    </>
  );
}
