/** Objects, events and jobs as panels show them: things to press. */
import type { JSX } from 'preact';
import type { App } from '../app/app.ts';
import { useApp } from '../app/context.ts';
import type { JobView } from '../app/job.ts';
import { count } from '../model/units.ts';

/** Selects an object and opens the inspector on it. */
export function inspect(app: App, object: number): void {
  app.change({ selected: object, open: { ...app.state.peek().open, right: 'object' } });
}

export function ObjectLink({ id, type }: { id: number; type: string }): JSX.Element {
  const app = useApp();
  const chosen = app.state.value.selected === id;
  return (
    <button
      type="button"
      class={chosen ? 'link chosen' : 'link'}
      title={type === '' ? `Inspect #${id}` : `Inspect #${id} ${type}`}
      onClick={() => inspect(app, id)}
    >
      #{id} {type}
    </button>
  );
}

/** Jumps to an event. */
export function EventLink({ event, label }: { event: number; label?: string }): JSX.Element {
  const app = useApp();
  return (
    <button
      type="button"
      class="link"
      title={`Go to event ${count(event)}`}
      onClick={() => app.jump({ event, inside: 0 })}
    >
      {label ?? count(event)}
    </button>
  );
}

/** How far a job is, with a way to stop it; nothing once it has answered. */
export function JobLine({
  job,
  what,
}: {
  job: JobView<unknown>;
  what: string;
}): JSX.Element | null {
  if (job.share !== null) {
    return (
      <p class="job quiet" role="status">
        {what}: {Math.floor(job.share * 100)} %{' '}
        <button type="button" class="small" onClick={job.stop}>
          Stop
        </button>
      </p>
    );
  }
  if (job.failure === '') return null;
  return (
    <p class="job quiet" role="status">
      {what}: {job.failure}{' '}
      <button type="button" class="small" onClick={job.again}>
        Again
      </button>
    </p>
  );
}
