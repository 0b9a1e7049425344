/** The docks: each shows one of its panels, chosen by tabs, as a region of its own. */
import type { JSX } from 'preact';
import { useApp } from '../app/context.ts';
import { DOCKS, type Dock, type Panel } from '../app/panel.ts';
import { PANELS } from '../panels.ts';

/** Arrow keys go from tab to tab, as in any list of tabs. */
function turnTabs(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = event.target as HTMLElement;
  if (by === undefined || tab.parentElement === null) return;
  const tabs = [...tab.parentElement.children] as HTMLElement[];
  const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
  next.focus();
  next.click();
  event.preventDefault();
  event.stopPropagation();
}

function DockView({ dock, panels }: { dock: Dock; panels: readonly Panel[] }): JSX.Element {
  const app = useApp();
  const { open } = app.state.value;
  const shown = panels.find(({ id }) => id === open[dock]) ?? panels[0];
  const show = (id: string): void => app.change({ open: { ...open, [dock]: id } });
  return (
    <section class={`dock dock-${dock}`} aria-label={`${shown.title} (${dock})`}>
      <div class="tabs" role="tablist" aria-label={`Panels, ${dock}`} onKeyDown={turnTabs}>
        {panels.map(({ id, title, keys }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === shown.id}
            aria-controls={`panel-${id}`}
            tabIndex={id === shown.id ? 0 : -1}
            title={`Key ${keys.join(' or ')}`}
            onClick={() => show(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="panel"
        role="tabpanel"
        key={shown.id}
        id={`panel-${shown.id}`}
        aria-labelledby={`tab-${shown.id}`}
        tabIndex={-1}
      >
        <shown.Component />
      </div>
    </section>
  );
}

export function Docks(): JSX.Element {
  const app = useApp();
  const filled = DOCKS.map((dock) => ({
    dock,
    panels: PANELS.filter((panel) => panel.dock === dock && (panel.when?.(app) ?? true)),
  })).filter(({ panels }) => panels.length > 0);
  return (
    <div class="docks">
      {filled.map(({ dock, panels }) => (
        <DockView key={dock} dock={dock} panels={panels} />
      ))}
    </div>
  );
}
