/** Keeps a run: its tape as a file that every verb can open. */
import { openTapeWriter } from '@heaptape/log';
import { EventBatch, type TapeReader } from '@heaptape/schema';

/** Writes a tape to `path`, replacing what is there. */
export function saveTape(tape: TapeReader, path: string): void {
  const writer = openTapeWriter(path);
  try {
    const batch = new EventBatch();
    for (const [i, { stateHash, endTimeNs }] of tape.segments.entries()) {
      tape.readSegment(i, batch);
      writer.append(batch, stateHash, endTimeNs);
    }
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}
