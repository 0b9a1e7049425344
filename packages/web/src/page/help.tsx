/** The keys of all actions by group, and what hands can do on the timeline, in a dialog. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Action } from '../app/actions.ts';
import { useApp } from '../app/context.ts';
import { keyParts } from '../app/keys.ts';
import { ALL_ACTIONS } from '../panels.ts';

const GROUPS: readonly Action['group'][] = [
  'Moving',
  'Playing',
  'Timeline',
  'Bookmarks',
  'Panels',
  'Page',
];

const MOUSE: readonly (readonly [string, string])[] = [
  ['drag on the timeline', 'scrub'],
  ['Shift + drag there', 'zoom to what was brushed'],
  ['double click there', 'show the whole tape'],
  ['Ctrl + wheel there', 'zoom'],
  ['click on the heap map, or Enter', 'select the object; Enter on a span: zoom to it'],
  ['arrows, page keys on the heap map', 'move its cursor'],
  ['+ - 0, Ctrl + wheel, Shift + drag on the heap map', 'zoom'],
];

function Keys({ name }: { name: string }): JSX.Element {
  return (
    <>
      {keyParts(name).map((part, i) => (
        <kbd key={`${i}${part}`}>{part}</kbd>
      ))}
    </>
  );
}

function Group({ group }: { group: Action['group'] }): JSX.Element {
  return (
    <section>
      <h3>{group}</h3>
      <dl>
        {ALL_ACTIONS.filter((action) => action.group === group).map(({ id, keys, title }) => (
          <div key={id}>
            <dt>
              {keys.map((key, i) => (
                <span key={key}>
                  {i > 0 ? ' or ' : ''}
                  <Keys name={key} />
                </span>
              ))}
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Help(): JSX.Element | null {
  const app = useApp();
  const shown = app.helpShown.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (shown) dialog.current?.showModal();
  }, [shown]);
  if (!shown) return null;
  const hide = (): void => {
    app.helpShown.value = false;
  };
  return (
    <dialog class="help" ref={dialog} aria-labelledby="help-title" onClose={hide}>
      <header>
        <h2 id="help-title">Keys</h2>
        <button type="button" onClick={hide}>
          Close
        </button>
      </header>
      <div class="groups">
        {GROUPS.map((group) => (
          <Group key={group} group={group} />
        ))}
        <section>
          <h3>Mouse and touch</h3>
          <dl>
            {MOUSE.map(([what, title]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>{title}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </dialog>
  );
}
