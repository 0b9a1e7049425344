/**
 * docs/TAPE.md is enough to read a tape: a reader in Python, written from it, agrees with ours.
 * Skipped where there is no python3.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTape, openTapeWriter } from '@heaptape/log';
import { argOffsets, EVENT_NAMES, EventBatch, specOfTag, type TapeReader } from '@heaptape/schema';
import { batchesArbitrary } from '@heaptape/schema/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('read_tape.py', import.meta.url));
const eventDocs = fileURLToPath(new URL('../../docs/EVENTS.md', import.meta.url));

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.log('skipped: no python3, the independent tape reader is not compared');

function f64Digits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

/** What read_tape.py prints, from our own reader. */
function summary(tape: TapeReader) {
  const counts: Record<string, number> = {};
  const digest = createHash('sha256');
  const batch = new EventBatch();
  for (let index = 0; index < tape.segments.length; index += 1) {
    tape.readSegment(index, batch);
    const offsets = argOffsets(batch);
    for (let i = 0; i < batch.count; i += 1) {
      const name = EVENT_NAMES[batch.kinds[i]];
      counts[name] = (counts[name] ?? 0) + 1;
      const words = [name];
      let at = offsets[i];
      for (const { wire } of specOfTag(batch.kinds[i])?.fields ?? []) {
        const value = batch.args[at];
        if (wire === 'bytes') {
          const bytes = batch.blob.subarray(value, value + batch.args[at + 1]);
          words.push(Buffer.from(bytes).toString('hex'));
          at += 1;
        } else words.push(wire === 'f64' ? f64Digits(value) : String(value));
        at += 1;
      }
      digest.update(`${words.join(' ')}\n`);
    }
  }
  return { events: tape.events, counts, cells: digest.digest('hex') };
}

it.skipIf(!hasPython)('a Python reader written from the documentation agrees with ours', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-interop-'));
  const path = join(folder, 'x.tape');
  try {
    fc.assert(
      fc.property(batchesArbitrary(4, 300), fc.boolean(), (batches, compressed) => {
        const writer = openTapeWriter(path, { compress: compressed ? 'deflate' : 'none' });
        for (const batch of batches) {
          writer.append(batch, '0123456789abcdef', batch.firstSeq);
          const chunk = new Uint8Array(3000).fill(batch.count);
          const columns = { mark: [chunk, new Uint8Array(10)], späns: [chunk], none: [] };
          const control = new TextEncoder().encode(
            JSON.stringify({ pad: 'x'.repeat(batch.count) }),
          );
          writer.putSnapshot({ seq: writer.events, control, columns });
        }
        writer.putDocument('run', { text: 'größer', list: [1, 2.5, null] });
        writer.putDocument('Ä', 'x');
        writer.close();
        const { stdout, stderr } = spawnSync('python3', [script, path, eventDocs]);
        expect(stderr.toString()).toBe('');
        const tape = openTape(path);
        expect(JSON.parse(stdout.toString())).toEqual(summary(tape));
        tape.close();
      }),
      { seed: 42, numRuns: 12 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
