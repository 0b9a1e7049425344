/** A run as a Perfetto trace, written segment by segment: memory is that of the heap, not of the tape. */
import { basename } from 'node:path';
import { PerfettoWriter } from '@heaptape/formats/write';
import { TimelineTrace } from '@heaptape/replay';
import { withTape } from '../input/tape.ts';
import { startTask } from '../report/progress.ts';
import type { Exporter } from './source.ts';

export const exportPerfetto: Exporter = ({ io, file, progress }, write) =>
  withTape(file, async (reader) => {
    const task = startTask(io, progress, 'exporting', reader.events, 'events');
    const writer = new PerfettoWriter();
    const trace = new TimelineTrace(reader, writer, basename(file, '.tape'));
    try {
      for (const [index, { firstSeq, count }] of reader.segments.entries()) {
        trace.segment(index);
        await write(writer.take());
        task.update(firstSeq + count - 1);
      }
      trace.finish();
      await write(writer.take());
    } finally {
      task.end();
    }
  });
