/**
 * Scopes: what is seen from a frame. The event of the frame; then the state as it is here: the roots on
 * the goroutine's stack, globals and other roots, the heap by type and object by object, the collector
 * with the pacer and its queues, and MemStats.
 */
import { graphOfWorld, NAME_GROUPS, type Travel, type WorldGraph } from '@heaptape/replay';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { finalizerRows } from '../debug/info.ts';
import type { Session } from '../debug/session.ts';
import { valueText } from '../debug/text.ts';
import { clean } from '../report/table.ts';
import { count, size } from '../report/units.ts';
import type { Context } from './context.ts';
import { many, objectItem } from './objects.ts';
import { type Item, list, type Node, paged } from './values.ts';

/** A frame, as far as its scopes need it. */
export interface FramePlace {
  /** The event that it shows; 0 is none. */
  readonly event: number;
  /** The goroutine whose stack it is on; 0 is none. */
  readonly goroutine: number;
}

interface Named {
  readonly name: string;
  readonly node: Node;
  readonly hint?: string;
  readonly expensive?: boolean;
}

export function scopesOf(context: Context, frame: FramePlace): DebugProtocol.Scope[] {
  const { session, travel } = context;
  const roots = rootsHere(travel);
  const own = `goroutine ${frame.goroutine} `;
  const scopes: Named[] = [
    ...(frame.event === 0
      ? []
      : [{ name: 'Event', node: eventNode(travel, frame.event), hint: 'arguments' }]),
    {
      name: 'Stack roots',
      node: rootsNode(
        travel,
        roots.filter(({ name }) => name.startsWith(own)),
      ),
      hint: 'locals',
    },
    {
      name: 'Globals',
      node: rootsNode(
        travel,
        roots.filter(({ name }) => !/^goroutine \d+ /.test(name)),
      ),
      hint: 'globals',
    },
    { name: 'Heap', node: heapNode(session), expensive: true },
    { name: 'Collector', node: collectorNode(session) },
    { name: 'MemStats', node: figuresNode(session, 'memstats'), expensive: true },
    ...(session.bookmarks.size + session.displays.length === 0
      ? []
      : [{ name: 'Session', node: sessionNode(session) }]),
  ];
  return scopes.map(({ name, node, hint, expensive }) => ({
    name,
    variablesReference: context.values.keep(node),
    expensive: expensive ?? false,
    ...(hint === undefined ? {} : { presentationHint: hint }),
    ...(node.named === 0 ? {} : { namedVariables: node.named }),
    ...(node.indexed === 0 ? {} : { indexedVariables: node.indexed }),
  }));
}

/** The fields of an event, those that name an object as that object. */
function eventNode(travel: Travel, event: number): Node {
  return list(() => {
    const { seq, event: kind, ...fields } = travel.eventAt(event);
    const here = event === travel.position.event && travel.position.inside === 0;
    return [
      { name: 'event', value: String(seq), ...(here ? { expression: 'event' } : {}) },
      { name: 'kind', value: kind, ...(here ? { expression: 'kind' } : {}) },
      ...Object.entries(fields).map(([name, value]): Item => {
        const named = { ...(here ? { expression: `event.${name}` } : {}) };
        const isObject = name === 'object' || name === 'target' || name === 'arg';
        if (isObject && typeof value === 'number' && value > 0) {
          return { ...objectItem(travel, value, name), ...named };
        }
        return { name, value: clean(String(value)), ...named };
      }),
    ];
  }, 0);
}

interface Root {
  readonly index: number;
  readonly name: string;
}

/** Roots that hold something, by name where they have one. */
function rootsHere({ world: w, facts, position }: Travel): Root[] {
  const names = facts.rootNamesAt(position.event);
  const roots: Root[] = [];
  for (let index = 0; index < w.rootCount; index += 1) {
    const name = names.get(index);
    if (w.roots[index] === 0 && name === undefined) continue;
    roots.push({ index, name: name ?? `root ${index}` });
  }
  return roots;
}

function rootsNode(travel: Travel, roots: readonly Root[]): Node {
  return paged(roots.length, (start, count) =>
    many(travel, count, () =>
      roots.slice(start, start + count).map(({ index, name }) => rootItem(travel, index, name)),
    ),
  );
}

function rootItem(travel: Travel, index: number, name: string): Item {
  const { world, facts } = travel;
  // A name says more than a number, where it can be written without quotes.
  const global = /^global ([A-Za-z_]\w*)$/.exec(name)?.[1];
  const expression = global === undefined ? `root[${index}]` : `global.${global}`;
  const shown = clean(name.replace(/^global /, ''));
  const target = facts.owners.target(world, world.roots[index]);
  if (target !== 0) return objectItem(travel, target, shown, expression);
  return { name: shown, value: world.roots[index] === 0 ? 'nil' : 'nothing alive', expression };
}

function figureItem({ travel }: Session, group: string, name: string): Item {
  const { type, doc, read } = NAME_GROUPS[group][name];
  const value = read(travel.world);
  if (type.of === 'object' && typeof value === 'number') {
    return objectItem(travel, value, name, name);
  }
  return { name, value: valueText(travel, type, value), type: doc, expression: name };
}

function figuresNode(session: Session, group: string): Node {
  const names = Object.keys(NAME_GROUPS[group]);
  return list(() => names.map((name) => figureItem(session, group, name)), names.length);
}

function collectorNode(session: Session): Node {
  const cycle = Object.keys(NAME_GROUPS['cycle']);
  return list(
    () => [
      ...cycle.map((name) => figureItem(session, 'cycle', name)),
      { name: 'pacer', value: '', open: figuresNode(session, 'pacer') },
      { name: 'run', value: '', open: figuresNode(session, 'run') },
      { name: 'finalizers and cleanups', value: '', open: specialsNode(session) },
    ],
    cycle.length + 3,
  );
}

const MOST_SPECIALS = 1000;

function specialsNode({ travel }: Session): Node {
  return list(
    () =>
      many(travel, MOST_SPECIALS, () =>
        finalizerRows(travel.world, MOST_SPECIALS).map(({ special, kind, state, object }) => {
          const item = objectItem(travel, object, `${kind} ${special}`);
          return { ...item, value: `${state}: ${item.value}` };
        }),
      ),
    0,
  );
}

function heapNode(session: Session): Node {
  const { travel } = session;
  const sizes = ['heapLive', 'HeapAlloc', 'HeapInuse', 'HeapIdle', 'HeapReleased', 'HeapObjects'];
  let graph: WorldGraph | null = null;
  const alive = (): WorldGraph => {
    graph ??= graphOfWorld(travel.world);
    return graph;
  };
  const figure = (name: string): Item =>
    figureItem(session, Object.hasOwn(NAME_GROUPS['pacer'], name) ? 'pacer' : 'memstats', name);
  return list(
    () => [
      ...sizes.map(figure),
      figureItem(session, 'run', 'spans'),
      figureItem(session, 'run', 'newest'),
      {
        name: 'objects',
        value: `${count(alive().count)} alive`,
        open: objectsNode(travel, alive().ordinals),
      },
      { name: 'by type', value: '', open: typesNode(travel, alive) },
    ],
    sizes.length + 4,
  );
}

function objectsNode(travel: Travel, objects: ArrayLike<number>): Node {
  return paged(objects.length, (start, wanted) => {
    const page = Array.from(objects).slice(start, start + wanted);
    return many(travel, page.length, () =>
      page.map((object) => objectItem(travel, object, `#${object}`)),
    );
  });
}

/** Live objects by type, those that take most first; each type can be opened. */
function typesNode(travel: Travel, alive: () => WorldGraph): Node {
  return list(() => {
    const { count: all, groups, sizes, ordinals } = alive();
    const byType = new Map<number, { bytes: number; readonly objects: number[] }>();
    for (let i = 0; i < all; i += 1) {
      const sum = byType.get(groups[i]) ?? { bytes: 0, objects: [] };
      sum.bytes += sizes[i];
      sum.objects.push(ordinals[i]);
      byType.set(groups[i], sum);
    }
    return [...byType]
      .sort(([, a], [, b]) => b.bytes - a.bytes)
      .map(([site, { bytes, objects }]) => ({
        name: clean(travel.world.siteNames[site] || '(unknown)'),
        value: `${count(objects.length)} objects, ${size(bytes)}`,
        open: objectsNode(travel, objects),
      }));
  }, 0);
}

function sessionNode(session: Session): Node {
  return list(
    () => [
      ...session.displays.map(({ text }) => ({
        name: text,
        value: session.valueOf(text),
        expression: text,
      })),
      ...[...session.bookmarks].map(([name, { event, inside }]) => ({
        name: `bookmark ${name}`,
        value: `event ${event}${inside === 0 ? '' : `.${inside}`}`,
      })),
    ],
    session.displays.length + session.bookmarks.size,
  );
}
