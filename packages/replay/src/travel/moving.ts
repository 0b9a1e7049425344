/** A moment that moves along: what triggers and conditions read while a search folds. */
import type { World } from '@heaptape/core';
import { CELLS, EventBatch } from '@heaptape/schema';
import type { Colour } from '../colour.ts';
import type { Moment } from '../lang/values.ts';
import type { TapeFacts } from '../tapefacts.ts';
import type { Timeline } from '../timeline.ts';

const EMPTY: EventBatch = new EventBatch(1);

export class MovingMoment implements Moment {
  readonly facts: TapeFacts;
  world: World;
  seq = 0;
  kind = -1;
  batch: EventBatch = EMPTY;
  at = 0;
  ahead: ReadonlyMap<number, Colour> | null = null;

  constructor(world: World, facts: TapeFacts) {
    this.world = world;
    this.facts = facts;
  }

  /** Goes to where a timeline stands. */
  take(timeline: Timeline): this {
    this.world = timeline.world;
    this.ahead = null;
    const { seq } = timeline;
    if (seq === timeline.begin) this.event(-1, EMPTY, 0, seq);
    else {
      const batch = timeline.segmentAt(seq);
      const index = seq - batch.firstSeq;
      this.event(batch.kinds[index], batch, offsetOf(batch, index), seq);
    }
    return this;
  }

  event(kind: number, batch: EventBatch, at: number, seq: number): void {
    this.kind = kind;
    this.batch = batch;
    this.at = at;
    this.seq = seq;
  }
}

/** Where the arguments of event `index` of a batch begin. */
export function offsetOf(batch: EventBatch, index: number): number {
  let at = 0;
  for (let i = 0; i < index; i += 1) at += CELLS[batch.kinds[i]];
  return at;
}
