/**
 * Two tapes at the same place: MemStats of both and what differs, the first event in which the tapes differ,
 * and what the timeline goes along, which says what the same place is.
 */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Action } from '../app/actions.ts';
import type { App } from '../app/app.ts';
import { useAnswer, useApp } from '../app/context.ts';
import type { Other } from '../app/other.ts';
import { AXES, type AxisName } from '../model/state.ts';
import { count } from '../model/units.ts';
import type { MemStatsView } from '../worker/queries/memstats.ts';
import { change, FIGURES, textOf, UNITS } from './memstats.tsx';

const ALIGNED: Readonly<Record<AxisName, string>> = {
  time: 'at the same virtual time',
  event: 'after the same events',
  allocated: 'after the same bytes allocated',
  cycle: 'as far into the same cycle',
};

function toParting(app: App): void {
  if (app.other === null) {
    app.tell('there is no second tape: heaptape view A.tape --compare B.tape');
    return;
  }
  const parting = app.other.parting.peek();
  if ('looked' in parting)
    app.tell(`the first ${count(parting.looked)} events are the same so far`);
  else if (parting.at === null) app.tell('the tapes are the same');
  else app.jump({ event: Math.min(app.tape.events, parting.at.seq), inside: 0 });
}

export const COMPARE_ACTIONS: readonly Action[] = [
  {
    id: 'parting',
    group: 'Panels',
    keys: ['v'],
    title: 'To the first event in which two tapes differ',
    run: toParting,
  },
  {
    id: 'swap',
    group: 'Panels',
    keys: ['V'],
    title: 'Swap the two tapes',
    run: (app) => {
      if (app.other === null) toParting(app);
      else app.other.swap();
    },
  },
];

const MEMSTATS = { name: 'memstats', args: null } as const;

/** MemStats of the second tape at the same place. */
function useStatsThere({ traveller }: Other): MemStatsView | undefined {
  useEffect(() => traveller.want(MEMSTATS.name, MEMSTATS), [traveller]);
  return traveller.view(MEMSTATS.name, MEMSTATS).value.value as MemStatsView | undefined;
}

function Parting({ other }: { other: Other }): JSX.Element {
  const app = useApp();
  const parting = other.parting.value;
  if ('looked' in parting) {
    return <p class="parting quiet">the same up to event {count(parting.looked)} so far …</p>;
  }
  if (parting.at === null) return <p class="parting quiet">the tapes are the same</p>;
  const { seq, here, there } = parting.at;
  return (
    <section class="parting" aria-label="First difference">
      <button type="button" title="Key v" onClick={() => toParting(app)}>
        first differ in event {count(seq)}
      </button>
      <div>
        here <code title={here ?? ''}>{here ?? 'the tape has ended'}</code>
      </div>
      <div>
        there <code title={there ?? ''}>{there ?? 'the tape has ended'}</code>
      </div>
    </section>
  );
}

function Bar({ other }: { other: Other }): JSX.Element {
  const app = useApp();
  return (
    <div class="row">
      <label class="field">
        <span class="quiet">the same place is</span>
        <select
          value={app.state.value.axis}
          onChange={(event) => app.change({ axis: event.currentTarget.value as AxisName })}
        >
          {AXES.map((axis) => (
            <option key={axis} value={axis}>
              {ALIGNED[axis]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" title="Key V" onClick={() => other.swap()}>
        swap
      </button>
    </div>
  );
}

function Figures({ other }: { other: Other }): JSX.Element {
  const { value: here } = useAnswer('memstats', null);
  const there = useStatsThere(other);
  return (
    <table class="figures">
      <caption class="hidden">runtime.MemStats of both tapes</caption>
      <thead>
        <tr>
          <th scope="col">field</th>
          <th scope="col">here</th>
          <th scope="col">there</th>
          <th scope="col">there − here</th>
        </tr>
      </thead>
      <tbody>
        {here !== undefined &&
          there !== undefined &&
          FIGURES.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td title={String(here[name])}>{textOf(UNITS[name], here[name])}</td>
              <td title={String(there[name])}>{textOf(UNITS[name], there[name])}</td>
              <td class="change">{change(UNITS[name], here[name], there[name])}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Comparison({ other }: { other: Other }): JSX.Element {
  return (
    <>
      <Bar other={other} />
      <p class="parting">
        there: {other.tape.name}, event <b>{count(other.event.value)}</b> of{' '}
        {count(other.tape.events)}
        {other.beyond.value && <span class="wrong"> (it ends before)</span>}
      </p>
      <Parting other={other} />
      <Figures other={other} />
    </>
  );
}

export function ComparePanel(): JSX.Element | null {
  const { other } = useApp();
  return other === null ? null : <Comparison other={other} />;
}
