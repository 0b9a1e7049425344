/**
 * MemStats at the position, in the order in which Go has the fields, and how each has changed since a bookmark.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import type { Bookmark } from '../model/state.ts';
import { count, duration, signed, size } from '../model/units.ts';
import type { MemStatsView } from '../worker/queries/memstats.ts';

type Figure = Exclude<keyof MemStatsView, 'BySize' | 'EnableGC' | 'DebugGC'>;
type Unit = 'bytes' | 'count' | 'ns' | 'share';

export const UNITS: Readonly<Record<Figure, Unit>> = {
  Alloc: 'bytes',
  TotalAlloc: 'bytes',
  Sys: 'bytes',
  Lookups: 'count',
  Mallocs: 'count',
  Frees: 'count',
  HeapAlloc: 'bytes',
  HeapSys: 'bytes',
  HeapIdle: 'bytes',
  HeapInuse: 'bytes',
  HeapReleased: 'bytes',
  HeapObjects: 'count',
  StackInuse: 'bytes',
  StackSys: 'bytes',
  MSpanInuse: 'bytes',
  MSpanSys: 'bytes',
  MCacheInuse: 'bytes',
  MCacheSys: 'bytes',
  BuckHashSys: 'bytes',
  GCSys: 'bytes',
  OtherSys: 'bytes',
  NextGC: 'bytes',
  LastGC: 'ns',
  PauseTotalNs: 'ns',
  NumGC: 'count',
  NumForcedGC: 'count',
  GCCPUFraction: 'share',
};

export const FIGURES = Object.keys(UNITS) as readonly Figure[];

export function textOf(unit: Unit, value: number): string {
  switch (unit) {
    case 'bytes':
      return size(value);
    case 'count':
      return count(value);
    case 'ns':
      return duration(value);
    case 'share':
      return `${(value * 100).toFixed(2)} %`;
  }
}

export function change(unit: Unit, before: number | undefined, after: number): string {
  if (before === undefined) return '';
  const by = after - before;
  return by === 0 ? '·' : signed(textOf(unit, by), by);
}

/** MemStats at the bookmark: asked once, of the worker that stands nowhere. */
function useStatsAt(bookmark: Bookmark | undefined): MemStatsView | undefined {
  const { scout } = useApp();
  const [stats, setStats] = useState<MemStatsView | undefined>(undefined);
  const { event, inside } = bookmark?.position ?? { event: -1, inside: 0 };
  useEffect(() => {
    setStats(undefined);
    if (event < 0) return undefined;
    const { answer, cancel } = scout.call('visit', {
      to: [{ go: 'at', position: { event, inside } }],
      wants: [{ name: 'memstats', args: null }],
    });
    answer.then(
      ({ answers: [first] }) => {
        if (first !== undefined && 'value' in first) setStats(first.value as MemStatsView);
      },
      () => undefined,
    );
    return cancel;
  }, [scout, event, inside]);
  return stats;
}

function SinceField(): JSX.Element {
  const app = useApp();
  const { bookmarks, since } = app.state.value;
  return (
    <label class="field">
      <span class="quiet">change since</span>
      <select value={since} onChange={(event) => app.change({ since: event.currentTarget.value })}>
        <option value="">{bookmarks.length === 0 ? 'no bookmark (key b)' : 'nothing'}</option>
        {bookmarks.map(({ name, position }) => (
          <option key={name} value={name}>
            {name}: event {count(position.event)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function MemStatsPanel(): JSX.Element {
  const { state } = useApp();
  const { value, failure } = useAnswer('memstats', null);
  const { bookmarks, since } = state.value;
  const before = useStatsAt(bookmarks.find(({ name }) => name === since));
  if (failure !== undefined) return <p class="quiet">{failure.message}</p>;
  return (
    <>
      <SinceField />
      <table class="figures">
        <caption class="hidden">runtime.MemStats</caption>
        <thead>
          <tr>
            <th scope="col">field</th>
            <th scope="col">value</th>
            <th scope="col">change</th>
          </tr>
        </thead>
        <tbody>
          {value !== undefined &&
            FIGURES.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td title={String(value[name])}>{textOf(UNITS[name], value[name])}</td>
                <td class="change">{change(UNITS[name], before?.[name], value[name])}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}
