/**
 * Phases and pauses: a row for every GC cycle of the tape. Its number leads to where it began, the end of marking
 * to where that was; the cycle at the position is marked and kept in sight.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import { firstNotBelow } from '../model/axis.ts';
import { count, duration, size } from '../model/units.ts';
import type { CycleRow, CyclesPart } from '../worker/jobs/cycles.ts';

/** Rows that are drawn at most, around the position. */
const MOST_ROWS = 300;
/** `GCStarted.trigger`, in words. */
const WHY = ['heap', 'runtime.GC', 'periodic'];

interface Found {
  readonly cycles: readonly CycleRow[];
  readonly done: number;
}

/** All cycles, as the scout finds them. */
function useCycles(): Found {
  const { scout } = useApp();
  const [found, setFound] = useState<Found>({ cycles: [], done: 0 });
  useEffect(() => {
    let all: readonly CycleRow[] = [];
    const { answer, cancel } = scout.call('cycles', null, {
      onPart: (part) => {
        const { cycles, done } = part as CyclesPart;
        all = [...all, ...cycles];
        setFound({ cycles: all, done });
      },
    });
    answer.catch(() => undefined);
    return cancel;
  }, [scout]);
  return found;
}

function Row({ cycle, here }: { cycle: CycleRow; here: boolean }): JSX.Element {
  const app = useApp();
  const { n, trigger, startSeq, endSeq, heapAtStart, heapAtMarkEnd, heapMarked, heapGoal } = cycle;
  const { sweepTermPauseNs, markTermPauseNs, assistNs, startNs, endNs, restarts } = cycle;
  const jump = (event: number): void => app.jump({ event, inside: 0 });
  return (
    <tr class={here ? 'here' : ''} aria-current={here ? 'true' : undefined}>
      <th scope="row">
        <button type="button" title={`Event ${count(startSeq)}`} onClick={() => jump(startSeq)}>
          {n}
        </button>
      </th>
      <td class="why">{WHY[trigger] ?? ''}</td>
      <td>{duration(startNs)}</td>
      <td>{size(heapAtStart)}</td>
      <td>{size(heapAtMarkEnd)}</td>
      <td>{size(heapMarked)}</td>
      <td>{size(heapGoal)}</td>
      <td>
        <button type="button" title={`Event ${count(endSeq)}`} onClick={() => jump(endSeq)}>
          {duration(endNs - startNs)}
        </button>
      </td>
      <td>{duration(sweepTermPauseNs)}</td>
      <td title={restarts > 0 ? `${restarts} in vain (MarkRestarted)` : undefined}>
        {duration(markTermPauseNs)}
        {restarts > 0 && ` (${restarts + 1}×)`}
      </td>
      <td>{duration(assistNs)}</td>
    </tr>
  );
}

const HEADS: readonly (readonly [string, string])[] = [
  ['cycle', 'Leads to its start'],
  ['why', 'Why it began'],
  ['began', 'Virtual time'],
  ['heap', 'Live heap when it began'],
  ['end', 'Live heap when marking ended'],
  ['marked', 'Bytes that were marked'],
  ['goal', 'Goal of the cycle'],
  ['marking', 'How long marking took; leads to its end'],
  ['1st pause', 'Sweep termination'],
  ['2nd pause', 'Mark termination, tries in vain included'],
  ['assists', 'Time that allocating goroutines marked'],
];

/** Sums of all cycles, in words. */
function Summary({ cycles, done }: Found): JSX.Element {
  const { events } = useApp().tape;
  const sum = (of: (cycle: CycleRow) => number): number =>
    cycles.reduce((total, cycle) => total + of(cycle), 0);
  const pauses = cycles.flatMap((one) => [one.sweepTermPauseNs, one.markTermPauseNs]);
  const longest = pauses.reduce((most, one) => Math.max(most, one), 0);
  const paused = duration(sum((one) => one.sweepTermPauseNs + one.markTermPauseNs));
  const restarts = sum((one) => one.restarts);
  const vain = restarts === 0 ? '' : `, marking restarted ${count(restarts)} times`;
  const rest = done < events ? `, ${Math.floor((done / events) * 100)} % looked at` : '';
  return (
    <p class="quiet cycles-says" role="status">
      {count(cycles.length)} cycles{rest}: {paused} of pauses, the longest {duration(longest)};{' '}
      {duration(sum((one) => one.assistNs))} of assists{vain}
    </p>
  );
}

export function CyclesPanel(): JSX.Element {
  const app = useApp();
  const { cycles, done } = useCycles();
  const table = useRef<HTMLTableElement>(null);
  const place = useAnswer('place', null).value;
  const { event } = app.state.value.position;
  const starts = cycles.map(({ startSeq }) => startSeq);
  const here = firstNotBelow(starts, event + 1) - 1;
  const from = Math.max(0, Math.min(here - MOST_ROWS / 2, cycles.length - MOST_ROWS));
  const shown = cycles.slice(from, from + MOST_ROWS);
  useEffect(() => {
    const row = table.current?.querySelector('tr.here');
    row?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here, cycles.length === 0]);
  const doing = place?.phase === '_GCmark' ? 'marking' : place?.sweeping ? 'sweeping' : 'idle';
  return (
    <>
      <Summary cycles={cycles} done={done} />
      <p class="quiet cycles-says">
        Here the collector is {doing}
        {here >= 0 && `, cycle ${cycles[here].n} the last that began`}.
      </p>
      <div class="cycles" tabIndex={-1}>
        <table class="figures" ref={table}>
          <caption class="hidden">Cycles of the garbage collector</caption>
          <thead>
            <tr>
              {HEADS.map(([name, title]) => (
                <th key={name} scope="col" title={title}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cycle, i) => (
              <Row key={cycle.startSeq} cycle={cycle} here={from + i === here} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < cycles.length && (
        <p class="quiet cycles-says">
          The {MOST_ROWS} cycles around the position; the others come as one moves.
        </p>
      )}
    </>
  );
}
