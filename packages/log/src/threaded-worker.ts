/**
 * The other thread of `threaded.ts`: takes requests from its port and carries them out on a tape.
 *
 * Every request, carried out or not, lowers the count of pending ones and wakes whoever waits. After a
 * failure the tape is given up and later requests are dropped.
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { EventBatch, HeaptapeError } from '@heaptape/schema';
import { openTapeWriter, type TapeWriterOptions } from './open.ts';
import {
  DONE,
  FAILED,
  PENDING,
  type Request,
  type SentBatch,
  type Slot,
  STARTED,
  STATE,
  WORKING,
} from './threaded.ts';
import type { FileTapeWriter } from './writer.ts';

const { path, options, shared, port } = workerData as {
  path: string;
  options: TapeWriterOptions;
  shared: Int32Array;
  port: MessagePort;
};

const batch = new EventBatch(1);
const slots: Slot[] = [];
let writer: FileTapeWriter | null = null;

function fill(sent: SentBatch): EventBatch {
  batch.firstSeq = sent.firstSeq;
  batch.firstOrdinal = sent.firstOrdinal;
  if (sent.made !== undefined) slots[sent.slot] = sent.made;
  const { kinds, args, blob } = slots[sent.slot];
  batch.kinds = kinds;
  batch.args = args;
  batch.blob = blob;
  batch.count = sent.count;
  batch.argCount = sent.argCount;
  batch.blobLength = sent.blobLength;
  return batch;
}

function carryOut(request: Request): void {
  writer ??= openTapeWriter(path, options);
  if (request.kind === 'append') {
    writer.append(fill(request.batch), request.hash, request.endTimeNs);
  } else if (request.kind === 'snapshot') writer.putSnapshot(request.snapshot);
  else if (request.kind === 'document') writer.putDocument(request.name, JSON.parse(request.json));
  else if (request.kind === 'close') writer.close();
  else writer.abort();
  if (request.kind === 'close' || request.kind === 'abort') end(DONE);
}

function end(state: number): void {
  Atomics.store(shared, STATE, state);
  port.close();
}

/** The caller waits for the state to change, so it must, whatever else goes wrong. */
function failed(error: unknown): void {
  try {
    writer?.abort();
  } catch {
    // On a failing disk giving up may fail as well; why it was given up is what the user has to know.
  }
  const known = error instanceof HeaptapeError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  port.postMessage({ code: known?.code ?? null, message, hint: known?.hint });
  end(FAILED);
}

Atomics.store(shared, STARTED, 1);
port.on('message', (request: Request) => {
  if (Atomics.load(shared, STATE) === WORKING) {
    try {
      carryOut(request);
    } catch (error) {
      failed(error);
    }
  }
  Atomics.sub(shared, PENDING, 1);
  Atomics.notify(shared, PENDING);
});
