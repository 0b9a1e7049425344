/** What components reach the page's one object by, and ask queries with. */
import { createContext } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { QueryAnswer, QueryArgs, QueryName, Want } from '../worker/queries.ts';
import type { App } from './app.ts';
import type { AnswerView } from './traveller.ts';

const AppContext = createContext<App | null>(null);

export const AppProvider: typeof AppContext.Provider = AppContext.Provider;

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('outside of the page');
  return app;
}

/**
 * Asks a query as long as the component is there: its answer follows the position. When the arguments change,
 * the last answer to the old ones stays until there is one to the new.
 */
export function useAnswer<N extends QueryName>(name: N, args: QueryArgs<N>): AnswerView<N> {
  const { traveller } = useApp();
  const key = `${name} ${JSON.stringify(args)}`;
  const want: Want = { name, args };
  const shown = useRef<QueryAnswer<N> | undefined>(undefined);
  // The key stands for the arguments.
  useEffect(() => traveller.want(key, want), [traveller, key]);
  const view = traveller.view(key, want).value as AnswerView<N>;
  if (view.value !== undefined) shown.current = view.value;
  return { value: shown.current, failure: view.failure };
}
