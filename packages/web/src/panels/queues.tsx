/**
 * The queues: finalizers and cleanups in the order in which they will run, what is attached and what it waits
 * for, and what is done.
 */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import { useJob } from '../app/job.ts';
import { type DoneSpecial, doneSpecials } from '../model/specials.ts';
import { count } from '../model/units.ts';
import type { Wait } from '../worker/heap/waits.ts';
import type { Due, QueuesAnswer } from '../worker/queries/queues.ts';
import type { SpecialView } from '../worker/specials.ts';
import { EventLink, JobLine, ObjectLink } from './objectlink.tsx';

function Queue({
  title,
  count: all,
  empty,
  children,
}: {
  title: string;
  count: number;
  empty: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="part" aria-label={title}>
      <h3>
        {title} ({count(all)})
      </h3>
      {all === 0 ? <p class="quiet">{empty}</p> : children}
    </section>
  );
}

const about = ({ kind, offset, fn }: SpecialView): string => {
  const at = offset === 0 ? '' : ` at byte ${offset}`;
  return kind === 'weak pointer' ? `weak pointer${at}` : `${kind}${at}, function ${fn}`;
};

function DueList({ list, all }: { list: readonly Due[]; all: number }): JSX.Element {
  return (
    <>
      <ol class="due">
        {list.map((one) => (
          <li key={one.special} class={one.state === 'running' ? 'here' : ''}>
            <ObjectLink id={one.object.id} type={one.object.type} />{' '}
            <span class="quiet">
              function {one.fn}; {one.where}
            </span>
          </li>
        ))}
      </ol>
      {all > list.length && <p class="quiet">… {count(all - list.length)} more</p>}
    </>
  );
}

/** What holds up the finalizer goroutine: there is only one. */
function Blocked({ queues }: { queues: QueuesAnswer }): JSX.Element | null {
  const app = useApp();
  const notes = app.notes.value.value;
  const [first] = queues.finalizers;
  if (first?.state !== 'running') return null;
  const since = notes?.specials.started[first.special] ?? 0;
  const others = queues.finalizerCount - 1;
  return (
    <p class="verdict" role="status">
      The finalizer goroutine runs the finalizer of{' '}
      <ObjectLink id={first.object.id} type={first.object.type} />
      {since > 0 && (
        <>
          {' '}
          since event <EventLink event={since} />
        </>
      )}
      {others > 0 ? `; ${count(others)} others wait until it returns.` : '.'}
    </p>
  );
}

function waitText({ kind }: SpecialView, wait: Wait | undefined, known: boolean): string {
  if (!known) return '…';
  if (wait === undefined) return 'its object is dead: due when its span is swept';
  if (wait.root === null) return 'no root leads to its object: due after the next cycle';
  if (wait.bySpecial) return `kept by ${wait.root}: has to wait until that is over`;
  return kind === 'weak pointer' ? `not nil: ${wait.root}` : `its object is alive: ${wait.root}`;
}

/** What is attached, with what each waits for: at once in a small heap, by a job in a large one. */
function Attached({ queues }: { queues: QueuesAnswer }): JSX.Element {
  const { event } = useApp().state.value.position;
  const { attached, attachedCount } = queues;
  const objects = [...new Set(attached.map(({ object }) => object.id))];
  const { value } = useAnswer('waits', { objects });
  const args =
    value === 'large' && objects.length > 0 ? { position: { event, inside: 0 }, objects } : null;
  const job = useJob('waits', args);
  const waits = value === 'large' ? job.value : value;
  const byObject = new Map((waits ?? []).map((wait) => [wait.object, wait]));
  return (
    <Queue title="Attached" count={attachedCount} empty="Nothing is attached to any object.">
      <JobLine job={job} what="looking for who keeps their objects" />
      <table class="list">
        <thead>
          <tr>
            <th scope="col">object</th>
            <th scope="col">what</th>
            <th scope="col">waits for</th>
          </tr>
        </thead>
        <tbody>
          {attached.map((one) => (
            <tr key={one.special}>
              <td>
                <ObjectLink id={one.object.id} type={one.object.type} />
              </td>
              <td>{about(one)}</td>
              <td>{waitText(one, byObject.get(one.object.id), waits !== undefined)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {attachedCount > attached.length && (
        <p class="quiet">… {count(attachedCount - attached.length)} more</p>
      )}
    </Queue>
  );
}

const HOW: Readonly<Record<DoneSpecial['how'], string>> = {
  ran: 'ran',
  cleared: 'is nil',
  'taken off': 'was taken off',
};

function Done(): JSX.Element {
  const app = useApp();
  useEffect(() => app.notes.ask(), [app]);
  const notes = app.notes.value.value;
  const { event } = app.state.value.position;
  if (notes === null) {
    return (
      <p class="quiet">{app.notes.failure.value || 'Looking through the tape for what is done…'}</p>
    );
  }
  const done = doneSpecials(notes.specials, event);
  return (
    <Queue title="Done" count={done.count} empty="Nothing has run or was cleared yet.">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">event</th>
            <th scope="col">object</th>
            <th scope="col">what</th>
            <th scope="col">due since</th>
          </tr>
        </thead>
        <tbody>
          {done.latest.map(({ special, kind, object, how, ended, queued }) => (
            <tr key={special}>
              <td>
                <EventLink event={ended} />
              </td>
              <td>
                <ObjectLink id={object} type="" />
              </td>
              <td>
                {kind} {HOW[how]}
              </td>
              <td>{queued === 0 ? '' : <EventLink event={queued} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {done.count > done.latest.length && (
        <p class="quiet">… {count(done.count - done.latest.length)} earlier ones</p>
      )}
    </Queue>
  );
}

export function QueuesPanel(): JSX.Element {
  const { value, failure } = useAnswer('queues', null);
  if (failure !== undefined) return <p class="wrong">{failure.message}</p>;
  if (value === undefined) return <p class="quiet">…</p>;
  if (!value.any) {
    return (
      <p class="quiet">
        Up to here the program has set no finalizer, added no cleanup and made no weak pointer.
        Recordings of real programs do not tell of them.
      </p>
    );
  }
  return (
    <>
      <Blocked queues={value} />
      <Queue title="Finalizers due" count={value.finalizerCount} empty="No finalizer is due.">
        <DueList list={value.finalizers} all={value.finalizerCount} />
      </Queue>
      <Queue title="Cleanups due" count={value.cleanupCount} empty="No cleanup is due.">
        <DueList list={value.cleanups} all={value.cleanupCount} />
      </Queue>
      <p class="quiet">
        As the runtime counts, block by block: finalizers {count(value.finalizersQueued)} queued,{' '}
        {count(value.finalizersExecuted)} executed; cleanups {count(value.cleanupsQueued)} queued,{' '}
        {count(value.cleanupsExecuted)} executed.
      </p>
      <Attached queues={value} />
      <Done />
    </>
  );
}
