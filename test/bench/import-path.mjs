/**
 * Importing, through the command line itself: `heaptape import FILE -o TAPE --json`, run as a function in this
 * process so that starting Node is not in anybody's time. The environment is left out: GOGC and its
 * kin would change what is simulated.
 */
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { processIo, runProgram } from '@heaptape/cli';
import { ExecTraceReader } from '@heaptape/formats';

const SHIPPED = fileURLToPath(
  new URL('../fixtures/traces/compile-regexp.trace.gz', import.meta.url),
);
const CHUNK_BYTES = 1 << 20;

/** Keeps what is written to it. */
class Kept extends Writable {
  text = '';

  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

/** Imports an uncompressed trace to a closed tape; returns what `--json` says. */
export async function importFile(file, path) {
  const stdout = new Kept();
  const stderr = new Kept();
  const io = { ...processIo(), env: {}, stdout, stderr, interactive: false };
  const status = await runProgram(['import', file, '-o', path, '--json'], io);
  if (status !== 0) throw new Error(`import ended with ${status}: ${stderr.text}`);
  return JSON.parse(stdout.text);
}

/** Number of events in a trace. */
export async function countTraceEvents(file) {
  const reader = new ExecTraceReader();
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    reader.push(chunk);
  }
  return reader.finish().counts.events;
}

/** Unpacks a gzipped trace into `folder`, once, so that nobody's time includes inflating. */
export function unpacked(file, name, folder) {
  const target = join(folder, name);
  if (!existsSync(target)) writeFileSync(target, gunzipSync(readFileSync(file)));
  return target;
}

/** The recording that ships with the project, unpacked. */
export const shippedTrace = (folder) => unpacked(SHIPPED, 'shipped.trace', folder);
