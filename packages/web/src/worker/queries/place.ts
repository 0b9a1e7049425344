/** Where the page stands, in words and figures: the event, the phase, and the pacer's view of the heap. */
import { PHASES, SCALAR } from '@heaptape/core';
import type { Query } from '../query.ts';

export interface PlaceView {
  /** Events that are over. */
  readonly event: number;
  readonly timeNs: number;
  /** Name of the event that led here; empty at the beginning of the tape. */
  readonly kind: string;
  /** Go's gcphase, and whether spans of the last cycle are still to be swept. */
  readonly phase: string;
  readonly sweeping: boolean;
  readonly cycle: number;
  readonly heapLive: number;
  readonly heapGoal: number;
  readonly trigger: number;
  readonly heapMarked: number;
  readonly limit: number;
  /** The object whose turn it has just been, inside a coarse event; 0 is none. */
  readonly turn: number;
  /** How many objects the next event is about, where it is a coarse one. */
  readonly inside: number;
}

export const place: Query<null, PlaceView> = ({ travel }) => {
  const { world, position } = travel;
  const { scalars, control } = world;
  const changes = position.inside > 0 ? travel.inside() : [];
  return {
    event: position.event,
    timeNs: scalars[SCALAR.timeNs],
    kind: position.event === travel.begin ? '' : travel.eventAt(position.event).event,
    phase: PHASES[scalars[SCALAR.gcphase]] ?? '',
    sweeping: scalars[SCALAR.sweeping] === 1,
    cycle: control.cycle.n,
    heapLive: scalars[SCALAR.heapLive],
    heapGoal: control.pacer.heapGoal,
    trigger: control.pacer.trigger,
    heapMarked: scalars[SCALAR.heapMarked],
    limit: control.pacer.memoryLimit,
    turn: changes[position.inside - 1]?.object ?? 0,
    inside: changes.length,
  };
};
