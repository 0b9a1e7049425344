/**
 * The pacer at the position: Go's formulas with their numbers, each with where it comes from, and what they
 * would give under another GOGC.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import { latestRatio } from '../model/assists.ts';
import { firstNotBelow } from '../model/axis.ts';
import { type Paced, pacedAt } from '../model/pacer.ts';
import { count, duration, size } from '../model/units.ts';
import type { Notes } from '../worker/jobs/notes.ts';
import type { PacerAnswer } from '../worker/queries/pacer.ts';
import { EventLink } from './objectlink.tsx';

/** A figure: a name, a number, and its source. */
function Figure({
  name,
  value,
  children,
}: {
  name: string;
  value: string | JSX.Element;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{value}</td>
      <td class="source">{children}</td>
    </tr>
  );
}

function Table({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part" aria-label={title}>
      <h3>{title}</h3>
      <table class="pacer">
        <thead class="hidden">
          <tr>
            <th scope="col">figure</th>
            <th scope="col">value</th>
            <th scope="col">source</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

const exact = (bytes: number): JSX.Element => (
  <span title={`${count(bytes)} B`}>{size(bytes)}</span>
);
const gogcText = (percent: number): string => (percent < 0 ? 'off' : String(percent));

/** Index of the last commit up to an event; -1 is none. */
const lastAt = (seqs: Float64Array, event: number): number => firstNotBelow(seqs, event + 1) - 1;

function Goal({
  at,
  now,
  notes,
}: {
  at: PacerAnswer;
  now: Paced;
  notes: Notes | null;
}): JSX.Element {
  const commit = notes === null ? -1 : lastAt(notes.commits.seq, at.event);
  const roots = at.lastStackScan + at.globalsBytes;
  return (
    <Table title="Heap goal">
      <Figure name="GOGC" value={gogcText(at.gcPercent)}>
        setting in force
      </Figure>
      <Figure name="marked" value={exact(at.heapMarked)}>
        heapMarked of the last mark termination
      </Figure>
      <Figure name="stacks" value={exact(at.lastStackScan)}>
        scanned by the last mark phase
      </Figure>
      <Figure name="globals" value={exact(at.globalsBytes)}>
        the run’s configuration
      </Figure>
      <Figure name="GOGC’s goal" value={exact(now.gogcGoal)}>
        {at.gcPercent < 0 ? (
          'none: GOGC is off'
        ) : (
          <code>
            {count(at.heapMarked)} + ({count(at.heapMarked)} + {count(roots)}) · {at.gcPercent} /
            100
          </code>
        )}
      </Figure>
      <Figure name="heap minimum" value={exact(now.heapMinimum)}>
        4 MiB · GOGC / 100
      </Figure>
      <Figure name="memory limit" value={at.memoryLimit === 0 ? 'none' : exact(at.memoryLimit)}>
        setting in force
      </Figure>
      {now.limitGoal !== null && (
        <Figure name="limit’s goal" value={exact(now.limitGoal)}>
          limit less {size(at.mappedReady - at.heapFree - at.objectBytes)} beside free heap and
          objects, less 3 % (at least 1 MiB); not below marked
        </Figure>
      )}
      <Figure name="goal in force" value={exact(at.committed.heapGoal)}>
        {commit < 0 || notes === null ? (
          'last PacerCommitted'
        ) : (
          <>
            PacerCommitted, event <EventLink event={notes.commits.seq[commit]} />
          </>
        )}
      </Figure>
      <Figure name="committed here" value={exact(now.heapGoal)}>
        what a commit here would give; bound by the {now.bound}
      </Figure>
    </Table>
  );
}

function Trigger({ at, now }: { at: PacerAnswer; now: Paced }): JSX.Element {
  return (
    <Table title="Trigger">
      <Figure name="heap live" value={exact(at.heapLive)}>
        heapLive here
      </Figure>
      <Figure name="cons/mark" value={at.consMark.toPrecision(4)}>
        largest of the last five cycles
      </Figure>
      <Figure name="runway" value={exact(at.runway)}>
        cons/mark · 75 / 25 · expected scan work
      </Figure>
      <Figure name="in force" value={exact(at.committed.trigger)}>
        goal less runway, between 45/64 and 61/64 of the way from marked to goal
      </Figure>
      <Figure name="committed here" value={exact(now.trigger)}>
        what a commit here would give
      </Figure>
      <Figure name="to go" value={exact(Math.max(0, at.committed.trigger - at.heapLive))}>
        {at.marking ? 'a cycle is marking' : 'until heap live reaches the trigger'}
      </Figure>
    </Table>
  );
}

const WHY = ['heap reached the trigger', 'runtime.GC', '2 minutes without a cycle'];

/** The running cycle, or the last one. */
function Cycle({ at, notes }: { at: PacerAnswer; notes: Notes | null }): JSX.Element | null {
  if (at.cycle === 0) return <p class="quiet">No cycle has begun yet.</p>;
  const cycles = notes?.cycles;
  const row = cycles === undefined ? -1 : lastAt(cycles.started, at.event);
  const work = at.heapWork + at.stackWork + at.globalsWork;
  const before = cycles === undefined || row < 1 ? -1 : row - 1;
  const expected =
    cycles === undefined || before < 0
      ? null
      : cycles.heapWork[before] + cycles.stackWork[before] + cycles.globalsWork[before];
  const paced = cycles !== undefined && row >= 0 && cycles.paced[row] > 0;
  const ratio =
    notes === null || cycles === undefined || row < 0
      ? null
      : latestRatio(notes.assists, cycles.started[row], at.event);
  return (
    <Table title={`Cycle ${count(at.cycle)}${at.marking ? ', marking' : ''}`}>
      {cycles !== undefined && row >= 0 && (
        <>
          <Figure name="began" value={<EventLink event={cycles.started[row]} />}>
            {WHY[cycles.why[row]] ?? 'unknown'}
          </Figure>
          <Figure name="heap at start" value={exact(cycles.heapAtStart[row])}>
            GCStarted; goal then {size(cycles.goalAtStart[row])}
          </Figure>
        </>
      )}
      {cycles !== undefined && paced && (
        <>
          <Figure name="first assist ratio" value={cycles.assistRatio[row].toPrecision(4)}>
            scan work owed per byte: MarkPaced, event <EventLink event={cycles.paced[row]} />
          </Figure>
          <Figure
            name="workers"
            value={`${cycles.dedicated[row]} + ${cycles.fractional[row].toPrecision(2)}`}
          >
            dedicated, and share of each P for fractional ones (25 % of {at.procs} Ps)
          </Figure>
        </>
      )}
      {ratio !== null && (
        <Figure name="latest assist ratio" value={ratio.ratio.toPrecision(4)}>
          Assisted, event <EventLink event={ratio.seq} />
        </Figure>
      )}
      <Figure name="scan work done" value={exact(work)}>
        heap {size(at.heapWork)}, stacks {size(at.stackWork)}, globals {size(at.globalsWork)}
      </Figure>
      <Figure name="expected work" value={expected === null ? 'not known' : exact(expected)}>
        what the cycle before did
      </Figure>
      <Figure name="CPU time" value={duration(at.workerNs + at.assistNs + at.idleNs)}>
        workers {duration(at.workerNs)}, assists {duration(at.assistNs)}, idle {duration(at.idleNs)}
      </Figure>
    </Table>
  );
}

function Limiter({ at, notes }: { at: PacerAnswer; notes: Notes | null }): JSX.Element {
  const row = notes === null ? -1 : lastAt(notes.limited, at.event);
  return (
    <p class="quiet">
      {at.limiterCycle === 0
        ? 'The GC CPU limiter has not limited yet.'
        : `The GC CPU limiter last began to limit in cycle ${count(at.limiterCycle)}.`}
      {notes !== null && row >= 0 && (
        <>
          {' '}
          (event <EventLink event={notes.limited[row]} />)
        </>
      )}{' '}
      A tape does not say how full its bucket is.
    </p>
  );
}

const SOME_GOGC: readonly number[] = [25, 50, 100, 200, 400, -1];

function Other({ at }: { at: PacerAnswer }): JSX.Element {
  const [own, setOwn] = useState('');
  const typed = /^\d{1,6}$/.test(own) ? [Number(own)] : [];
  // Off comes last.
  const rank = (percent: number): number => (percent < 0 ? Infinity : percent);
  const list = [...new Set([...typed, at.gcPercent, ...SOME_GOGC])].sort(
    (a, b) => rank(a) - rank(b),
  );
  return (
    <section class="part" aria-label="Under another GOGC">
      <h3>Under another GOGC</h3>
      <label class="field">
        <span class="quiet">GOGC</span>
        <input
          inputMode="numeric"
          size={6}
          value={own}
          placeholder="150"
          onInput={(event) => setOwn(event.currentTarget.value)}
        />
      </label>
      <table class="figures">
        <caption class="quiet">
          What debug.SetGCPercent would commit here. What the program then does is a question for
          heaptape whatif.
        </caption>
        <thead>
          <tr>
            <th scope="col">GOGC</th>
            <th scope="col">goal</th>
            <th scope="col">trigger</th>
            <th scope="col">to go</th>
          </tr>
        </thead>
        <tbody>
          {list.map((percent) => {
            const { heapGoal, trigger, bound } = pacedAt(at, percent);
            return (
              <tr key={percent} class={percent === at.gcPercent ? 'here' : ''}>
                <th scope="row">{gogcText(percent)}</th>
                <td title={`bound by the ${bound}`}>{size(heapGoal)}</td>
                <td>{size(trigger)}</td>
                <td>{size(Math.max(0, trigger - at.heapLive))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function PacerPanel(): JSX.Element {
  const app = useApp();
  const { value, failure } = useAnswer('pacer', null);
  useEffect(() => app.notes.ask(), [app]);
  const notes = app.notes.value.value;
  if (failure !== undefined) return <p class="wrong">{failure.message}</p>;
  if (value === undefined) return <p class="quiet">…</p>;
  const now = pacedAt(value, value.gcPercent);
  return (
    <>
      <Goal at={value} now={now} notes={notes} />
      <Trigger at={value} now={now} />
      <Cycle at={value} notes={notes} />
      <Limiter at={value} notes={notes} />
      <Other at={value} />
    </>
  );
}
