/** Every event of a tape as a line of JSON. */
import { argOffsets, EventBatch, eventRow } from '@heaptape/schema';
import { withTape } from '../input/tape.ts';
import { startTask } from '../report/progress.ts';
import type { Exporter } from './source.ts';

export const exportJsonl: Exporter = ({ io, file, progress }, write) =>
  withTape(file, async (reader) => {
    const task = startTask(io, progress, 'exporting', reader.events, 'events');
    const batch = new EventBatch();
    try {
      for (let segment = 0; segment < reader.segments.length; segment += 1) {
        reader.readSegment(segment, batch);
        const offsets = argOffsets(batch);
        for (let i = 0; i < batch.count; i += 1) {
          await write(`${JSON.stringify(eventRow(batch, i, offsets[i]))}\n`);
        }
        task.update(batch.firstSeq + batch.count - 1);
      }
    } finally {
      task.end();
    }
  });
