/** What every exporter is given: the tape by name, and what was asked of it. */

import type { World } from '@heaptape/core';
import type { FileTapeReader } from '@heaptape/log';
import { positionOf, Timeline } from '@heaptape/replay';
import { isEventNumber, requireEvents, withTape } from '../input/tape.ts';
import type { Io } from '../io.ts';
import type { Write } from '../output/file.ts';
import { startTask } from '../report/progress.ts';

export interface ExportRequest {
  readonly io: Io;
  /** The tape, as it was typed. */
  readonly file: string;
  /** The position asked for, if one was. */
  readonly at: string | undefined;
  /** When the run began, Unix seconds; for formats whose points have a time. */
  readonly epoch: number | undefined;
  /** What part of the tape to carry, positions, and a second tape to compare with; for a format that carries tapes. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly compare: string | undefined;
  readonly progress: boolean | undefined;
}

/** Writes one format. */
export type Exporter = (request: ExportRequest, write: Write) => Promise<void>;

/** Runs `task` with the tape and the event that was asked for; the end where none was. */
export function withEvent(
  { file, at = 'end' }: ExportRequest,
  task: (reader: FileTapeReader, event: number) => Promise<void>,
): Promise<void> {
  return withTape(
    file,
    (reader) => {
      requireEvents(reader, at);
      return task(reader, positionOf(reader, at));
    },
    { allowDamaged: isEventNumber(at) },
  );
}

/** Runs `task` with the state at each of some events, in their order. */
export async function atEvents(
  { io, progress }: ExportRequest,
  reader: FileTapeReader,
  events: readonly number[],
  task: (world: World) => void,
): Promise<void> {
  const timeline = new Timeline(reader);
  const work = startTask(io, progress, 'replaying', events.at(-1) ?? 0, 'events');
  try {
    for (const event of events) task(timeline.seek(event, (done) => work.update(done)));
  } finally {
    work.end();
  }
}
