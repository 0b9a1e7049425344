/**
 * Importing as the command line does it: the file streamed in chunks of a mebibyte, read, surveyed,
 * calibrated, simulated under the recording's own settings and recorded on a tape that is then closed.
 */
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ExecTraceReader } from '@heaptape/formats';
import { openTapeWriter } from '@heaptape/log';
import { calibrate, recordRun, simulate, survey } from '@heaptape/replay';

const SHIPPED = fileURLToPath(
  new URL('../fixtures/traces/compile-regexp.trace.gz', import.meta.url),
);
const CHUNK_BYTES = 1 << 20;

/** Imports an uncompressed trace to a closed tape. */
export async function importFile(file, path) {
  const reader = new ExecTraceReader();
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    reader.push(chunk);
  }
  const recording = reader.finish();
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, {});
  const writer = openTapeWriter(path);
  const { events } = recordRun(writer, (sink, started) =>
    simulate(recording, surveyed, calibration, {
      assumption: 'middle',
      config: calibration.config,
      sink,
      onStart: started,
    }),
  );
  writer.close();
  return { events, traceEvents: recording.counts.events };
}

/** Unpacks a gzipped trace into `folder`, once, so that nobody's time includes inflating. */
export function unpacked(file, name, folder) {
  const target = join(folder, name);
  if (!existsSync(target)) writeFileSync(target, gunzipSync(readFileSync(file)));
  return target;
}

/** The recording that ships with the project, unpacked. */
export const shippedTrace = (folder) => unpacked(SHIPPED, 'shipped.trace', folder);
