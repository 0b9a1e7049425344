/**
 * The inspector: the selected object at the position. Who keeps it, what it points to, what happened to it,
 * and in one sentence why it is alive, free, or not free yet.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Action, focusOn } from '../app/actions.ts';
import type { App } from '../app/app.ts';
import { useAnswer, useApp } from '../app/context.ts';
import { type JobView, useJob } from '../app/job.ts';
import { count, duration, size } from '../model/units.ts';
import { verdictOf } from '../model/verdict.ts';
import type { Keepers } from '../worker/heap/keepers.ts';
import type { History } from '../worker/jobs/history.ts';
import type { ObjectAnswer } from '../worker/queries/object.ts';
import { EventLink, inspect, JobLine } from './objectlink.tsx';
import { Fields, HistoryList, KeptBy, ReferredBy, Specials, TinyBlock } from './objectparts.tsx';

/** Tapes of more events are looked through for an object when the user asks for it only. */
const LONG_TAPE = 2_000_000;

function turn(app: App, by: 1 | -1): void {
  const object = app.selections.turn(by);
  if (object === 0)
    app.tell(by < 0 ? 'no object was selected before' : 'this is the latest selection');
  else inspect(app, object);
}

/** Jumps to the event that allocated or freed the selected object. */
function toLife(app: App, what: 'born' | 'died'): void {
  const { selected } = app.state.peek();
  if (selected === 0) app.tell('select an object first');
  else app.go({ go: 'place', text: `${what} #${selected}` });
}

export const OBJECT_ACTIONS: readonly Action[] = [
  {
    id: 'object-find',
    group: 'Panels',
    keys: ['#'],
    title: 'Select an object: type #12, an address or an expression',
    run: (app) => {
      app.change({ open: { ...app.state.peek().open, right: 'object' } });
      focusOn('find');
    },
  },
  {
    id: 'object-before',
    group: 'Panels',
    keys: ['('],
    title: 'The object selected before',
    run: (app) => turn(app, -1),
  },
  {
    id: 'object-after',
    group: 'Panels',
    keys: [')'],
    title: 'The object selected after it',
    run: (app) => turn(app, 1),
  },
  {
    id: 'object-birth',
    group: 'Moving',
    keys: ['B'],
    title: 'To the birth of the selected object',
    run: (app) => toLife(app, 'born'),
  },
  {
    id: 'object-death',
    group: 'Moving',
    keys: ['D'],
    title: 'To the death of the selected object',
    run: (app) => toLife(app, 'died'),
  },
];

function FindField(): JSX.Element {
  const app = useApp();
  const [text, setText] = useState('');
  const { value, failure } = useAnswer('find', { text });
  useEffect(() => {
    if (text === '' || value?.text !== text || failure !== undefined) return;
    app.change({ selected: value.object });
    setText('');
    // So that keys are keys again.
    focusOn('panel-object');
  }, [value, text, failure]);
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('find');
    if (field instanceof HTMLInputElement) setText(field.value.trim());
  };
  const { selections } = app;
  return (
    <form class="find" onSubmit={apply}>
      <label class="hidden" for="find">
        Object
      </label>
      <input
        id="find"
        name="find"
        autocomplete="off"
        spellcheck={false}
        placeholder="#12, 0xc000012340, #12[0]"
        aria-describedby="find-says"
      />
      <button
        type="button"
        title="Selected before, key ("
        aria-label="Selected before"
        disabled={!selections.has(-1)}
        onClick={() => turn(app, -1)}
      >
        ←
      </button>
      <button
        type="button"
        title="Selected after, key )"
        aria-label="Selected after"
        disabled={!selections.has(1)}
        onClick={() => turn(app, 1)}
      >
        →
      </button>
      <p id="find-says" class="wrong" role="status">
        {text !== '' && failure !== undefined
          ? `${failure.message}${failure.hint === undefined ? '' : ` (${failure.hint})`}`
          : ''}
      </p>
    </form>
  );
}

/** Keepers at the position: at once in a small heap, by a job in a large one. */
function useKeepers(
  object: ObjectAnswer | null | undefined,
  selected: number,
): { keepers: Keepers | undefined; job: JobView<Keepers> } {
  const { state } = useApp();
  const { value } = useAnswer('keepers', { object: selected });
  const { event } = state.value.position;
  const there = object?.id === selected && ['white', 'grey', 'black'].includes(object.state);
  const args =
    there && value === 'large' ? { position: { event, inside: 0 }, object: selected } : null;
  const job = useJob('keepers', args);
  const small = value === 'large' || value?.object !== selected ? undefined : value;
  return { keepers: small ?? job.value, job };
}

function useHistory(object: ObjectAnswer | null | undefined): {
  job: JobView<History>;
  ask: (() => void) | null;
} {
  const { tape } = useApp();
  const [asked, setAsked] = useState(0);
  const id = object?.born ? object.id : 0;
  const may = tape.events <= LONG_TAPE || asked === id;
  // An unborn object has no class yet, but a history; its tiny block does not matter.
  const spanClass = object?.spanClass ?? 0;
  const job = useJob('history', id > 0 && may ? { object: id, spanClass } : null);
  return { job, ask: id > 0 && !may ? () => setAsked(id) : null };
}

function Facts({
  object,
  history,
}: {
  object: ObjectAnswer;
  history: History | undefined;
}): JSX.Element {
  const app = useApp();
  const { event } = app.state.value.position;
  const there = object.state !== 'unborn' && object.state !== 'freed';
  const asked = object.requested === object.size ? '' : `, ${count(object.requested)} B asked for`;
  return (
    <dl class="facts">
      <dt>colour</dt>
      <dd>
        <span class={`swatch swatch-${object.state}`} aria-hidden="true" />
        {object.state}
        {object.held ? ', held by the recording' : ''}
      </dd>
      <dt>size</dt>
      <dd>{object.size === 0 ? 'unknown' : `${size(object.size)} slot${asked}`}</dd>
      <dt>class</dt>
      <dd>{object.size === 0 ? 'unknown' : `${object.spanClass}: ${object.classText}`}</dd>
      <dt>address</dt>
      <dd>
        {object.addr === '' ? 'not known' : <code>{object.addr}</code>}
        {history?.recordedAddr ? (
          <>
            {' '}
            (<code>{history.recordedAddr}</code> in the recording)
          </>
        ) : (
          ''
        )}
      </dd>
      <dt>born</dt>
      <dd>
        {object.born === 0 ? 'not on this tape' : <EventLink event={object.born} />}
        {history !== undefined && history.bornNs > 0 ? ` at ${duration(history.bornNs)}` : ''}
        {there && object.born > 0 ? `, ${count(event - object.born)} events old` : ''}
      </dd>
      <dt>died</dt>
      <dd>
        {history === undefined ? (
          '…'
        ) : history.died === 0 ? (
          'never'
        ) : (
          <EventLink event={history.died} />
        )}
      </dd>
    </dl>
  );
}

function Inspected({ object }: { object: ObjectAnswer }): JSX.Element {
  const { keepers, job } = useKeepers(object, object.id);
  const history = useHistory(object);
  const known = history.job.value?.object === object.id ? history.job.value : undefined;
  const verdict = verdictOf({ object, keepers, history: known });
  const alive = ['white', 'grey', 'black'].includes(object.state);
  return (
    <>
      <h2 class="name">
        #{object.id} <span>{object.type || 'of unknown type'}</span>
      </h2>
      <p class="verdict" role="status">
        <b>{verdict.question}</b> {verdict.answer}
      </p>
      <Facts object={object} history={known} />
      {alive && <JobLine job={job} what="looking through the heap" />}
      {alive && keepers !== undefined && <KeptBy keepers={keepers} held={object.held} />}
      <Fields object={object} />
      {alive && keepers !== undefined && <ReferredBy keepers={keepers} />}
      <Specials object={object} />
      <TinyBlock object={object} history={known} />
      <JobLine job={history.job} what="looking through the tape for its history" />
      {history.ask !== null && (
        <button type="button" onClick={history.ask}>
          Look through the tape for its history and death
        </button>
      )}
      {known !== undefined && <HistoryList history={known} />}
    </>
  );
}

export function ObjectPanel(): JSX.Element {
  const { selected } = useApp().state.value;
  const { value, failure } = useAnswer('object', { object: selected });
  return (
    <>
      <FindField />
      {failure !== undefined && <p class="wrong">{failure.message}</p>}
      {selected === 0 && (
        <p class="quiet">
          No object is selected. Type <code>#12</code>, an address or an expression such as{' '}
          <code>#12[0]</code> above (key <kbd>#</kbd>), or choose an object in another panel.
        </p>
      )}
      {selected > 0 && value !== undefined && value !== null && value.id === selected && (
        <Inspected object={value} key={selected} />
      )}
    </>
  );
}
