/** Goroutines: who runs, on which P, with what stack; what their slots hold; what they owe the collector. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import { type Assist, latestAssist } from '../model/assists.ts';
import { type NamedRoot, rootsBy } from '../model/roots.ts';
import { count, duration, size } from '../model/units.ts';
import type { GoroutinesAnswer, GoroutineView } from '../worker/queries/goroutines.ts';
import { EventLink, ObjectLink } from './objectlink.tsx';

function statusOf({ running, p, lastRan }: GoroutineView): string {
  if (running) return `running on P ${p}`;
  return lastRan === 0 ? 'not running' : `ran on P ${p} up to event ${count(lastRan)}`;
}

function AssistText({ assist }: { assist: Assist }): JSX.Element {
  const { seq, debt, credit, waitedNs } = assist;
  return (
    <p class="quiet">
      assist at event <EventLink event={seq} />: {size(debt)} in debt,{' '}
      {waitedNs === null
        ? `paid for ${size(credit)} (${size(assist.stolen)} of scan work stolen, ${size(assist.marked)} marked in ${duration(assist.ns)})`
        : `waited ${duration(waitedNs)} for background credit`}
    </p>
  );
}

interface Holding {
  readonly shown: readonly NamedRoot[];
  readonly count: number;
}

const NOTHING: Holding = { shown: [], count: 0 };

function Roots({ roots, short }: { roots: Holding; short: number }): JSX.Element {
  return (
    <>
      <ul class="words">
        {roots.shown.map(({ root, name, object }) => (
          <li key={root} title={name}>
            <span class="quiet">{name.slice(short)} →</span>{' '}
            {object.id === 0 ? 'no object' : <ObjectLink id={object.id} type={object.type} />}
          </li>
        ))}
      </ul>
      {roots.count > roots.shown.length && (
        <p class="quiet">… {count(roots.count - roots.shown.length)} more</p>
      )}
    </>
  );
}

function Goroutine({
  one,
  assist,
  roots,
}: {
  one: GoroutineView;
  assist: Assist | null;
  roots: Holding;
}): JSX.Element {
  const share = one.stack === 0 ? 0 : Math.round((one.used / one.stack) * 100);
  return (
    <section
      class={one.running ? 'part goroutine here' : 'part goroutine'}
      aria-label={`Goroutine ${one.g}`}
    >
      <h3>
        Goroutine {one.g} <span class="quiet">{statusOf(one)}</span>
      </h3>
      <p>
        {one.stack === 0
          ? 'no stack yet'
          : `stack of ${size(one.stack)}, ${count(one.used)} B in use (${share} %)`}
        {one.addr !== '' && (
          <>
            {' '}
            at <code>{one.addr}</code>
          </>
        )}
      </p>
      {assist !== null && <AssistText assist={assist} />}
      {roots.count === 0 ? (
        <p class="quiet">Its slots hold nothing.</p>
      ) : (
        <Roots roots={roots} short={`goroutine ${one.g} `.length} />
      )}
    </section>
  );
}

function Others({ answer, roots }: { answer: GoroutinesAnswer; roots: Holding }): JSX.Element {
  const { held, rootCount } = answer;
  const beyond = rootCount - answer.roots.length;
  return (
    <section class="part" aria-label="Globals and other roots">
      <h3>Globals and other roots ({count(roots.count)})</h3>
      {roots.count === 0 ? (
        <p class="quiet">None holds anything.</p>
      ) : (
        <Roots roots={roots} short={0} />
      )}
      {beyond > 0 && (
        <p class="quiet">{count(beyond)} more roots hold something; they are not looked at.</p>
      )}
      {held > 0 && (
        <p class="quiet">
          {count(held)} objects are held: roots of their own, because the recording does not say who
          refers to them.
        </p>
      )}
    </section>
  );
}

export function GoroutinesPanel(): JSX.Element {
  const app = useApp();
  const { value, failure } = useAnswer('goroutines', null);
  useEffect(() => app.notes.ask(), [app]);
  const assists = app.notes.value.value?.assists;
  if (failure !== undefined) return <p class="wrong">{failure.message}</p>;
  if (value === undefined) return <p class="quiet">…</p>;
  const { event } = app.state.value.position;
  const assistOf = (g: number): Assist | null =>
    assists === undefined ? null : latestAssist(assists, g, event);
  const own = assistOf(value.running);
  const roots = rootsBy(value.roots, app.notes.value.value?.roots, event);
  return (
    <>
      {!value.known && (
        <p class="quiet">
          {value.running === 0
            ? 'The tape tells of no goroutines here.'
            : `Goroutine ${value.running} runs on P ${value.p}. The tape tells of no stacks: recordings have none.`}
        </p>
      )}
      {!value.known && own !== null && <AssistText assist={own} />}
      {value.goroutines.map((one) => (
        <Goroutine
          key={one.g}
          one={one}
          assist={assistOf(one.g)}
          roots={roots.get(one.g) ?? NOTHING}
        />
      ))}
      {value.count > value.goroutines.length && (
        <p class="quiet">… {count(value.count - value.goroutines.length)} more goroutines</p>
      )}
      {value.own > 0 && (
        <p class="quiet">
          The runtime has {count(value.own)} goroutines of its own, with stacks of{' '}
          {size(value.ownStacks)}.
        </p>
      )}
      <Others answer={value} roots={roots.get(0) ?? NOTHING} />
      {value.known && (
        <p class="quiet">
          Who ran last is looked for in the latest {count(value.lookedBack)} events. A tape does not
          say what a goroutine that does not run waits for.
        </p>
      )}
    </>
  );
}
