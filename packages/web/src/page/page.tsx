/** The page as a whole: header, timeline, transport bar, docks, and keys that work everywhere. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import type { App } from '../app/app.ts';
import { AppProvider, useApp } from '../app/context.ts';
import { isOfElement, keyName, keyTable } from '../app/keys.ts';
import { count } from '../model/units.ts';
import { TimelinePanel } from '../panels/timeline/timeline.tsx';
import { ALL_ACTIONS } from '../panels.ts';
import { Docks } from './docks.tsx';
import { Help } from './help.tsx';
import { Transport } from './transport.tsx';

const KEYS = keyTable(ALL_ACTIONS);

/** Keys count from the moment that the page is to be seen: an effect after painting would miss the first. */
function usePageKeys(app: App): void {
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const name = keyName(event);
      if (event.defaultPrevented || isOfElement(document.activeElement, name)) return;
      if (app.helpShown.peek() && name !== '?') return;
      const action = KEYS.get(name);
      if (action === undefined) return;
      event.preventDefault();
      action.run(app);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [app]);
}

function Header(): JSX.Element {
  const app = useApp();
  const { name, events, begin } = app.tape;
  const { coarse, fine } = app.overview.value;
  const damage = app.damage.value;
  const done = ((coarse < events ? coarse - begin : events - begin + (fine - begin) * 3) / 4) * 100;
  const share = events === begin ? 100 : Math.floor(Math.max(0, done) / (events - begin));
  return (
    <header class="top">
      <h1>
        <span class="brand">heaptape</span> {name}
        {app.other !== null && <span class="quiet"> beside {app.other.tape.name}</span>}
      </h1>
      <span class="quiet">
        {begin === 0 ? '' : `events ${count(begin + 1)} to `}
        {count(events)}
        {begin === 0 ? ' events' : ', a part'}
      </span>
      {damage !== '' && (
        <span class="wrong" role="alert">
          {damage}
        </span>
      )}
      {share < 100 && damage === '' && (
        <span class="quiet">looking through the tape: {share} %</span>
      )}
      <span class="spring" />
      <button
        type="button"
        onClick={() => {
          app.helpShown.value = true;
        }}
      >
        Keys <kbd>?</kbd>
      </button>
    </header>
  );
}

function useTheme(): void {
  const { theme } = useApp().state.value;
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

function Body(): JSX.Element {
  const app = useApp();
  usePageKeys(app);
  useTheme();
  return (
    <>
      <Header />
      <main>
        <TimelinePanel />
        <Transport />
        <Docks />
      </main>
      <Help />
    </>
  );
}

export const Page = ({ app }: { app: App }): JSX.Element => (
  <AppProvider value={app}>
    <Body />
  </AppProvider>
);
