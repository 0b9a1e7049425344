/**
 * Questions about the graph of a large heap, anywhere on the tape: who keeps an object alive, what specials
 * wait for. The graph is made and looked through in steps, and kept for the next question.
 */
import type { Position } from '@heaptape/replay';
import { type Keepers, keepersOf } from '../heap/keepers.ts';
import { type Wait, waitsOf } from '../heap/waits.ts';
import type { Task } from '../serve.ts';
import type { SessionHolder } from '../session.ts';

export interface KeepersArgs {
  readonly position: Position;
  readonly object: number;
}

export interface WaitsArgs {
  readonly position: Position;
  readonly objects: readonly number[];
}

export const keepersJob =
  (holder: SessionHolder) =>
  async ({ position, object }: KeepersArgs, task: Task): Promise<Keepers> => {
    const { travel, heaps } = holder.get();
    travel.at({ event: position.event, inside: 0 }, task.onProgress);
    const facts = heaps.at(travel);
    // Each of these takes up to a second, and none needs the state any more.
    for (const part of ['reverse', 'paths', 'dominators', 'retained'] as const) {
      await task.breathe();
      void facts[part];
    }
    return keepersOf(facts, object);
  };

export const waitsJob =
  (holder: SessionHolder) =>
  async ({ position, objects }: WaitsArgs, task: Task): Promise<readonly Wait[]> => {
    const { travel, heaps } = holder.get();
    travel.at({ event: position.event, inside: 0 }, task.onProgress);
    const facts = heaps.at(travel);
    await task.breathe();
    return waitsOf(facts, objects);
  };
