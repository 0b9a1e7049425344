/** Every panel of the docks, in the order of their tabs. A new one is a file in `panels` and a row here. */
import { ACTIONS, type Action, focusOn } from './app/actions.ts';
import type { Panel } from './app/panel.ts';
import { COMPARE_ACTIONS, ComparePanel } from './panels/compare.tsx';
import { CyclesPanel } from './panels/cycles.tsx';
import { EventList } from './panels/events.tsx';
import { GoroutinesPanel } from './panels/goroutines.tsx';
import { HEAP_MAP_ACTIONS, HeapMapPanel } from './panels/heapmap/heapmap.tsx';
import { MemStatsPanel } from './panels/memstats.tsx';
import { OBJECT_ACTIONS, ObjectPanel } from './panels/object.tsx';
import { PacerPanel } from './panels/pacer.tsx';
import { QueuesPanel } from './panels/queues.tsx';

export const PANELS: readonly Panel[] = [
  { id: 'events', title: 'Events', dock: 'left', keys: ['e'], Component: EventList },
  {
    id: 'goroutines',
    title: 'Goroutines',
    dock: 'left',
    keys: ['G'],
    Component: GoroutinesPanel,
  },
  { id: 'pacer', title: 'Pacer', dock: 'left', keys: ['y'], Component: PacerPanel },
  {
    id: 'heapmap',
    title: 'Heap map',
    dock: 'middle',
    keys: ['H'],
    Component: HeapMapPanel,
    actions: HEAP_MAP_ACTIONS,
  },
  { id: 'cycles', title: 'Phases & pauses', dock: 'middle', keys: ['K'], Component: CyclesPanel },
  { id: 'memstats', title: 'MemStats', dock: 'right', keys: ['M'], Component: MemStatsPanel },
  {
    id: 'object',
    title: 'Object',
    dock: 'right',
    keys: ['i'],
    Component: ObjectPanel,
    actions: OBJECT_ACTIONS,
  },
  { id: 'queues', title: 'Queues', dock: 'right', keys: ['q'], Component: QueuesPanel },
  {
    id: 'compare',
    title: 'Compare',
    dock: 'right',
    keys: ['k'],
    Component: ComparePanel,
    actions: COMPARE_ACTIONS,
    when: ({ other }) => other !== null,
  },
];

/** Opens a panel and puts the focus there. */
function opening({ id, title, dock, keys }: Panel): Action {
  return {
    id: `panel-${id}`,
    group: 'Panels',
    keys,
    title: `Show ${title}`,
    run: (app) => {
      app.change({ open: { ...app.state.peek().open, [dock]: id } });
      focusOn(`panel-${id}`);
    },
  };
}

/** Every action of the page. */
export const ALL_ACTIONS: readonly Action[] = [
  ...ACTIONS,
  ...PANELS.flatMap((panel) => [opening(panel), ...(panel.actions ?? [])]),
];
