/** The transport bar: where one is, and buttons for the actions that move. */
import { positionText, STEP_UNITS, type StepUnit } from '@heaptape/replay';
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../app/context.ts';
import { keyParts } from '../app/keys.ts';
import { SPEEDS } from '../model/state.ts';
import { count, duration } from '../model/units.ts';
import { ALL_ACTIONS } from '../panels.ts';

/** Shapes on a field of 16 by 16, filled. */
const SHAPES = {
  start: 'M2 3h2v10H2zM14 3v10L5 8z',
  end: 'M12 3h2v10h-2zM2 3v10l9-5z',
  play: 'M4 2v12l10-6z',
  back: 'M12 2v12L2 8z',
  pause: 'M3 2h4v12H3zM9 2h4v12H9z',
  flag: 'M3 1h2v14H3zM6 2h8l-2 3 2 3H6z',
} as const;

const Shape = ({ name }: { name: keyof typeof SHAPES }): JSX.Element => (
  <svg class="shape" viewBox="0 0 16 16" aria-hidden="true">
    <path d={SHAPES[name]} />
  </svg>
);

interface ButtonProps {
  readonly id: string;
  readonly pressed?: boolean;
  readonly children: ComponentChildren;
}

/** A button that runs an action, and says its key. */
function ActionButton({ id, pressed, children }: ButtonProps): JSX.Element {
  const app = useApp();
  const action = ALL_ACTIONS.find((one) => one.id === id);
  if (action === undefined) throw new Error(`there is no action ${id}`);
  const keys = action.keys.map((key) => keyParts(key).join('+')).join(' or ');
  return (
    <button
      type="button"
      class="face"
      aria-label={action.title}
      aria-pressed={pressed}
      title={`${action.title} (${keys})`}
      onClick={() => action.run(app)}
    >
      {children}
    </button>
  );
}

function PlayButtons(): JSX.Element {
  const app = useApp();
  const direction = app.player.direction.value;
  return (
    <>
      <ActionButton id="play-back" pressed={direction < 0}>
        <Shape name={direction < 0 ? 'pause' : 'back'} />
      </ActionButton>
      <ActionButton id="play" pressed={direction > 0}>
        <Shape name={direction > 0 ? 'pause' : 'play'} />
      </ActionButton>
    </>
  );
}

function SpeedField(): JSX.Element {
  const app = useApp();
  const { speed } = app.state.value;
  return (
    <label class="field" title="Events a second">
      <span class="quiet">speed</span>
      <select
        value={String(speed)}
        onChange={(event) => app.change({ speed: Number(event.currentTarget.value) })}
      >
        {SPEEDS.map((events, i) => (
          <option key={events} value={String(i)}>
            {count(events)}/s
          </option>
        ))}
      </select>
    </label>
  );
}

function UnitField(): JSX.Element {
  const app = useApp();
  return (
    <label class="field">
      <span class="quiet">step by</span>
      <select
        value={app.state.value.unit}
        onChange={(event) => app.change({ unit: event.currentTarget.value as StepUnit })}
      >
        {STEP_UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {unit}
          </option>
        ))}
      </select>
    </label>
  );
}

function GotoField(): JSX.Element {
  const app = useApp();
  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('place');
    if (!(field instanceof HTMLInputElement) || field.value.trim() === '') return;
    app.go({ go: 'place', text: field.value });
    field.select();
  };
  return (
    <form class="field" onSubmit={go}>
      <label class="quiet" for="goto">
        go to
      </label>
      <input
        id="goto"
        name="place"
        size={12}
        autocomplete="off"
        spellcheck={false}
        placeholder="120, cycle:3, born #12"
        title="An event number, 120.3, start, end, +5, -5, cycle:3, born #12, died #12"
      />
    </form>
  );
}

function Place(): JSX.Element {
  const app = useApp();
  const { position } = app.state.value;
  const time = app.axis.value.timeOf(position.event);
  return (
    <output class="place" aria-label="Position">
      event <b>{positionText(position)}</b> of {count(app.tape.events)}{' '}
      <span class="quiet">at {duration(time)}</span>
    </output>
  );
}

/** What is under way and takes long, or the last thing that went wrong. */
function Notice(): JSX.Element {
  const app = useApp();
  const progress = app.traveller.progress.value;
  const percent = progress === null ? 0 : Math.floor((progress.done / progress.total) * 100);
  const text = progress === null ? app.notice.value : `under way: ${percent} % (Esc stops it)`;
  return (
    <p class="notice" role="status">
      {text}
    </p>
  );
}

export function Transport(): JSX.Element {
  return (
    <nav class="transport" aria-label="Moving about">
      <Place />
      <div class="buttons">
        <ActionButton id="start">
          <Shape name="start" />
        </ActionButton>
        <ActionButton id="cycle-back">« cycle</ActionButton>
        <ActionButton id="phase-back">‹ phase</ActionButton>
        <ActionButton id="step-back">‹</ActionButton>
        <PlayButtons />
        <ActionButton id="step-on">›</ActionButton>
        <ActionButton id="phase-on">phase ›</ActionButton>
        <ActionButton id="cycle-on">cycle »</ActionButton>
        <ActionButton id="end">
          <Shape name="end" />
        </ActionButton>
        <ActionButton id="bookmark">
          <Shape name="flag" />
        </ActionButton>
      </div>
      <SpeedField />
      <UnitField />
      <GotoField />
      <Notice />
    </nav>
  );
}
