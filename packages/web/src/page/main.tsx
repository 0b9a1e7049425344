/** The page's entry: opens the tape in two workers, then draws. */
import { render } from 'preact';
import { App } from '../app/app.ts';
import { CallError, Caller } from '../app/caller.ts';
import { Page } from './page.tsx';

const newCaller = (): Caller => new Caller(new Worker('worker.js'));

function say(root: HTMLElement, error: unknown): void {
  const hint = error instanceof CallError ? (error.failure.hint ?? '') : '';
  render(
    <p class="failed" role="alert">
      {error instanceof Error ? error.message : String(error)} {hint}
    </p>,
    root,
  );
}

async function start(root: HTMLElement): Promise<void> {
  const [caller, scout] = [newCaller(), newCaller()];
  const args = { tape: 0, base: document.baseURI };
  try {
    const [tape] = await Promise.all([
      caller.call('open', args).answer,
      scout.call('open', args).answer,
    ]);
    document.title = `${tape.name} – heaptape`;
    const app = new App(tape, caller, scout);
    root.replaceChildren();
    render(<Page app={app} />, root);
    app.start();
  } catch (error) {
    say(root, error);
  }
}

const root = document.getElementById('root');
if (root !== null) void start(root);
