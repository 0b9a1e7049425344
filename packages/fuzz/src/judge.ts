/** The judge: shows a run's events to checkers and returns the first promise that is broken. */
import { CELLS, EventBatch } from '@heaptape/schema';
import type { Checker, CheckerKind } from './checkers/checker.ts';
import { CHECKERS } from './checkers/list.ts';
import { Model } from './model/model.ts';
import { READINGS, type Run } from './run.ts';
import { StreamEvent, Violation } from './stream.ts';

/** The first violation in a run, or null. */
export function judge(run: Run, kinds: readonly CheckerKind[] = CHECKERS): Violation | null {
  const checkers = kinds.map(({ make }) => make());
  const model = new Model();
  try {
    showEvents(run, checkers, model);
    const { broken, claims, events } = run;
    if (broken !== null) return broken;
    if (claims !== null) for (const checker of checkers) checker.finish?.(model, claims, events);
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  }
  return null;
}

function showEvents({ tape, readings }: Run, checkers: readonly Checker[], model: Model): void {
  const batch = new EventBatch();
  const event = new StreamEvent(batch);
  let reading = 0;
  for (let segment = 0; segment < tape.segments.length; segment += 1) {
    tape.readSegment(segment, batch);
    event.at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      event.seq = batch.firstSeq + i;
      event.tag = batch.kinds[i];
      event.memStats = READINGS.has(event.tag) ? (readings[reading++] ?? null) : null;
      for (const checker of checkers) checker.before?.(event, model);
      model.fold(event);
      for (const checker of checkers) checker.after?.(event, model);
      event.at += CELLS[event.tag];
    }
  }
}
