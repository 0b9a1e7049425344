/**
 * Panels: what a part of the page is. Each is one file in `panels` and one row in `panels.ts`.
 */
import type { ComponentType } from 'preact';
import type { Action } from './actions.ts';
import type { App } from './app.ts';

/** Where a panel lives: each dock shows one of its panels, chosen by tabs. */
export type Dock = 'left' | 'middle' | 'right';

export const DOCKS: readonly Dock[] = ['left', 'middle', 'right'];

export interface Panel {
  /** In the address. */
  readonly id: string;
  readonly title: string;
  readonly dock: Dock;
  /** Opens the panel and puts the focus there; shown by `?`. */
  readonly keys: readonly string[];
  readonly Component: ComponentType;
  /** What only this panel does, with keys that work wherever the focus is. */
  readonly actions?: readonly Action[];
  /** Whether there is anything to show; always, where it is left out. */
  readonly when?: (app: App) => boolean;
}
