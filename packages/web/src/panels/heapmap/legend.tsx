/** The legend of the heap map: every row with its colour, count and bytes; and what is lost to fragmentation. */
import type { JSX } from 'preact';
import { count, size } from '../../model/units.ts';
import type { HeapMapView, LegendRow } from '../../worker/queries/heapmap.ts';

const percent = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(1)} %`;

/** Bytes of the whole heap, in words. */
export function Fragmentation({ view }: { view: HeapMapView }): JSX.Element {
  const { rows, base } = view;
  const bytes = (id: string): number => rows.find((row) => row.id === id)?.bytes ?? 0;
  const objects = rows.slice(base).reduce((sum, row) => sum + row.bytes, 0);
  const free = bytes('free') + bytes('tail');
  const inUse = objects + bytes('dead') + free;
  const figures: readonly (readonly [string, number, string])[] = [
    ['spans', inUse, ''],
    ['live', objects, percent(objects, inUse)],
    ['unused in spans', free, percent(free, inUse)],
    ['idle', bytes('idle'), ''],
    ['released', bytes('released'), ''],
  ];
  return (
    <dl class="map-figures">
      {figures.map(([name, value, share]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {size(value)}
            {share !== '' && <span class="quiet"> {share}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Row({ row, colour }: { row: LegendRow; colour: string }): JSX.Element {
  const { id, name, count: n, bytes } = row;
  return (
    <li data-row={id} title={name}>
      <span class="map-swatch" style={{ background: colour }} aria-hidden="true" />
      <span class="map-name">{name}</span>
      <b>{count(n)}</b> <span class="quiet">{size(bytes)}</span>
    </li>
  );
}

/** Rows that are empty are left out, except for the colours of marking. */
const isShown = ({ id, count: n }: LegendRow): boolean =>
  n > 0 || ['white', 'grey', 'black', 'fresh'].includes(id);

export function Legend({ view, colours }: { view: HeapMapView; colours: string[] }): JSX.Element {
  const rows = view.rows.map((row, i) => ({ row, colour: colours[i] }));
  const ordered = [...rows.slice(view.base), ...rows.slice(0, view.base).reverse()];
  return (
    <ul class="map-legend" aria-label="Colours of the map: how many, and how many bytes">
      {ordered
        .filter(({ row }) => isShown(row))
        .map(({ row, colour }) => (
          <Row key={row.id} row={row} colour={colour} />
        ))}
    </ul>
  );
}
