/**
 * Programs by hand, in which what random ones reach only now and then happens for certain: lies about them
 * have to be noticed whatever the generators come to draw.
 */
import { type CostModel, configWith, DEFAULT_COSTS } from '@heaptape/core';
import type { Operation, Program } from './index.ts';

type Settings = Parameters<typeof configWith>[0];

function scene(
  settings: Settings,
  costs: Partial<CostModel>,
  operations: readonly Operation[],
): Program {
  const config = configWith({ ...settings, costs: { ...DEFAULT_COSTS, ...costs } });
  return { api: 'decider', config, features: [], fine: true, single: false, operations };
}

const lists = (count: number): Operation[] =>
  Array.from({ length: count }, (_, i) => ['list', 9, 4 * i + 1, 63]);

const times = (count: number, operation: Operation): Operation[] =>
  Array.from({ length: count }, () => operation);

const forget: Operation[] = Array.from({ length: 41 }, (_, i) => ['dropRoot', i, 0, 0]);

export const SCENES: readonly Program[] = [
  // Marking so slow that assists fill the CPU limiter's bucket.
  scene({ gcPercent: 1, procs: 1 }, { markNsPerByte: 1000 }, [
    ...lists(40),
    ['begin', 0, 0, 0],
    ...lists(90),
    ['sleep', 100, 0, 0],
    ...lists(30),
  ]),
  // Settings change while a cycle marks, and after it.
  scene({ gcPercent: 100, procs: 2 }, { markNsPerByte: 20 }, [
    ...lists(20),
    ['percent', 3, 0, 0],
    ['gc', 0, 0, 0],
    ['percent', 2, 0, 0],
    ...lists(5),
    ['begin', 0, 0, 0],
    ['percent', 3, 0, 0],
    ...lists(5),
  ]),
  // Weak loads are all that keeps these objects, and come while a cycle marks.
  scene({ gcPercent: 1, procs: 1 }, { markNsPerByte: 200 }, [
    ...lists(10),
    ['weakOnly', 11, 0, 0],
    ['begin', 0, 0, 0],
    ...Array.from({ length: 7 }, (_, i): Operation => ['load', i, 1, 5]),
    ['endMark', 4000, 0, 0],
    ['gc', 0, 0, 0],
  ]),
  // Much memory comes free and goes back bit by bit.
  scene({ gcPercent: 100, procs: 1 }, { scavengeNsPerPage: 20_000 }, [
    ...Array.from({ length: 12 }, (_, i): Operation => ['large', 4, 4 * i + 1, 3]),
    ...forget,
    ...times(2, ['gc', 0, 0, 0]),
    ...times(12, ['sleep', 8, 0, 0]),
  ]),
  // More cleanups than a block holds, of two Ps, and finalizers that bring their objects back.
  scene({ gcPercent: 100, procs: 2 }, {}, [
    ...times(2, ['loseCleanup', 29, 0, 0]),
    ['chain', 1, 0, 0],
    ['all', 1, 2, 0],
    ['lose', 5, 0, 0],
    ['gc', 0, 0, 0],
    ...Array.from(
      { length: 12 },
      (_, i): Operation => [i % 2 ? 'endCleanup' : 'startCleanup', 0, 0, 0],
    ),
    ...Array.from({ length: 8 }, (_, i): Operation => ['finalize', 3 * i, i, 3]),
    ...times(2, ['gc', 0, 0, 0]),
  ]),
  // Goroutines with stacks that grow, shrink and are left behind.
  scene({ gcPercent: 100, procs: 2 }, {}, [
    ['go', 23, 0, 0],
    ...Array.from({ length: 12 }, (_, i): Operation => ['stack', i, 500 * i, 0]),
    ['gc', 0, 0, 0],
    ...Array.from({ length: 12 }, (_, i): Operation => ['stack', i, 1, 0]),
    ...times(3, ['gc', 0, 0, 0]),
    ['exit', 2, 15, 0],
    ['go', 5, 0, 0],
    ['gc', 0, 0, 0],
  ]),
  // Objects slide together, and pools are emptied.
  scene({ gcPercent: 100, procs: 1, compact: 1 }, {}, [
    ['pool', 0, 0, 0],
    ...lists(9),
    ['poolPut', 0, 3, 0],
    ...Array.from({ length: 9 }, (_, i): Operation => ['dropRoot', 3 * i, 0, 0]),
    ...lists(2),
    ['gc', 0, 0, 0],
    ...forget.slice(10, 30),
    ...times(2, ['gc', 0, 0, 0]),
  ]),
];
