/** Tapes whose events or snapshots somebody forged, or that end early; found by test/hostile. */
import { Snapshotter, World } from '@heaptape/core';
import { CELLS, EVENTS, EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordingOf } from './fromtape.ts';
import { historyOf } from './history.ts';
import { objectsOf } from './objects.ts';
import { recordingFor, specs } from './recording.testkit.ts';
import { snapshotChecker } from './snapshots.ts';
import { recordingTape } from './tape.testkit.ts';
import { Timeline } from './timeline.ts';
import { tapeWorkload } from './workload.ts';

function codeOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error.code;
    throw error;
  }
  return 'none';
}

/** The first segment of a tape with other events. */
function altered(tape: TapeReader, alter: (batch: EventBatch) => void): TapeReader {
  const batch = new EventBatch();
  tape.readSegment(0, batch);
  alter(batch);
  const { firstSeq, firstOrdinal, count } = batch;
  const segment = { firstSeq, firstOrdinal, count, endTimeNs: 0, stateHash: '0'.repeat(16) };
  return {
    events: count,
    segments: [segment],
    snapshots: [],
    readSegment: (_, into) => Object.assign(into, batch),
    readSnapshot: (seq) => tape.readSnapshot(seq),
    document: () => undefined,
  };
}

const someTapes = fc.sample(specs(), { seed: 42, numRuns: 12 }).map((spec) => {
  return recordingTape(recordingFor(spec).recording, 'middle');
});

describe('a tape of a recording that ends early', () => {
  test('has the deaths of the cycles that it has', () => {
    let used = 0;
    for (const tape of someTapes) {
      for (const share of [0.3, 0.6, 0.9]) {
        const cut = altered(tape, (batch) => {
          batch.count = Math.max(1, Math.floor(batch.count * share));
        });
        const found = recordingOf(cut);
        if (found === null) continue;
        const { allocs, cycles } = found.recording;
        for (let row = 0; row < allocs.count; row += 1) {
          expect(allocs.freedBy.get(row)).toBeLessThanOrEqual(cycles.length);
        }
        expect(tapeWorkload(cut).exact).toBe(false);
        used += 1;
      }
    }
    expect(used).toBeGreaterThan(10);
  });
});

/** Every event of a kind gets another number in one of its cells. */
function forged(tape: TapeReader, tag: number, cell: number, value: number): TapeReader {
  return altered(tape, (batch) => {
    for (let i = 0, at = 0; i < batch.count; i += 1) {
      if (batch.kinds[i] === tag) batch.args[at + cell] = value;
      at += CELLS[batch.kinds[i]];
    }
  });
}

const LOOKS: Readonly<Record<string, (tape: TapeReader) => unknown>> = {
  objectsOf,
  historyOf: (tape) => historyOf(tape, 1),
  timeline: (tape) => new Timeline(tape).seek(tape.events),
  workload: tapeWorkload,
  check: (tape) => {
    const { columns, control } = { columns: {}, control: new Uint8Array(0) };
    return snapshotChecker(tape)({ seq: tape.events, columns, control });
  },
};

describe('events that cannot be', () => {
  test.each<[string, number, number, number]>([
    ['a span class of none', EVENTS.SiteDefined.tag, 3, 8191],
    ['a site of none', EVENTS.ObjectAllocated.tag, 0, 2 ** 31],
    ['a span somewhere', EVENTS.SpanAllocated.tag, 0, 2 ** 20],
    ['a heap without end', EVENTS.HeapGrown.tag, 0, 2 ** 48],
    ['a P of a million', EVENTS.ProcSwitched.tag, 0, 1e6],
    ['a sweep that frees too much', EVENTS.SpanSwept.tag, 1, 9999],
  ])('%s', (_, tag, cell, value) => {
    for (const tape of someTapes) {
      const lying = forged(tape, tag, cell, value);
      for (const [name, look] of Object.entries(LOOKS)) {
        const code = codeOf(() => look(lying));
        expect(['none', 'bad-data', 'limit'], name).toContain(code);
      }
    }
  });
});

test('a stored snapshot must be the state that the tape states there', () => {
  const [tape] = someTapes;
  const [{ stateHash }] = tape.segments;
  const end = tape.events;
  const snapshot = new Snapshotter().take(new Timeline(tape).seek(end));
  const other = { ...new Snapshotter().take(new World()), seq: end };
  const seek = (hash: string, stored: typeof snapshot): unknown => {
    const reader = altered(tape, () => undefined);
    Object.assign(reader.segments[0], { stateHash: hash });
    return new Timeline({ ...reader, snapshots: [end], readSnapshot: () => stored }).seek(end);
  };
  expect(tape.segments.length).toBe(1);
  expect(codeOf(() => seek(stateHash, snapshot))).toBe('none');
  expect(codeOf(() => seek('0'.repeat(16), snapshot))).toBe('bad-data');
  expect(codeOf(() => seek(stateHash, other))).toBe('bad-data');
  for (const text of ['{}', 'null', '{"pacer":{}}', '[', JSON.stringify({ pauseNs: 'x' })]) {
    const control = new TextEncoder().encode(text);
    expect(codeOf(() => seek(stateHash, { ...snapshot, control }))).toBe('bad-data');
  }
});
