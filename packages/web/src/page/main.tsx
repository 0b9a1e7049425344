/** The page's entry: opens the tape in two workers, then draws. */
import { render } from 'preact';
import { App } from '../app/app.ts';
import { CallError, Caller } from '../app/caller.ts';
import type { Second } from '../app/other.ts';
import { stateOfLink } from '../model/link.ts';
import type { TapePlace } from '../worker/jobs/open.ts';
import { origin } from './origin.ts';
import { Page } from './page.tsx';

function say(root: HTMLElement, error: unknown): void {
  const hint = error instanceof CallError ? (error.failure.hint ?? '') : '';
  render(
    <p class="failed" role="alert">
      {error instanceof Error ? error.message : String(error)} {hint}
    </p>,
    root,
  );
}

async function opened(caller: Caller, place: TapePlace): Promise<Second> {
  return { tape: await caller.call('open', place).answer, caller, place };
}

async function start(root: HTMLElement): Promise<void> {
  try {
    const { newWorker, places, link } = origin();
    const [caller, scout] = [new Caller(newWorker()), new Caller(newWorker())];
    if (location.hash === '' && link !== '') history.replaceState(null, '', link);
    const all = await places();
    const swapped = all.length > 1 && stateOfLink(location.hash, 0).swapped;
    const [place, other] = swapped ? [...all].reverse() : all;
    if (place === undefined) throw new Error('the tape in this page is not whole');
    const [tape, , second] = await Promise.all([
      caller.call('open', place).answer,
      scout.call('open', place).answer,
      other === undefined ? null : opened(new Caller(newWorker()), other),
    ]);
    document.title = `${tape.name} – heaptape`;
    const app = new App(tape, caller, scout, second);
    root.replaceChildren();
    render(<Page app={app} />, root);
    app.start();
  } catch (error) {
    say(root, error);
  }
}

const root = document.getElementById('root');
if (root !== null) void start(root);
