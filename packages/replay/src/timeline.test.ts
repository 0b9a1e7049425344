import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Snapshotter, snapshotDifference } from '@heaptape/core';
import { openTape, openTapeWriter } from '@heaptape/log';
import { EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from './fold.ts';
import { recordingFor, specs, steadySpec } from './recording.testkit.ts';
import { snapshotChecker } from './snapshots.ts';
import { positionOf, stateView } from './state.ts';
import { altered, configs, programTape, recordingTape, type Step, steps } from './tape.testkit.ts';
import { Timeline } from './timeline.ts';

const positions = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });

/** A tape that counts how many events are read from it. */
function counting(tape: TapeReader): { reader: TapeReader; read: () => number } {
  let read = 0;
  const reader = altered(tape, (_, batch) => {
    read += batch.count;
  });
  return { reader, read: () => read };
}

/** The timeline stands at `seq`, in the state that folding from the start leads to. */
function expectAt(timeline: Timeline, tape: TapeReader, seq: number): void {
  expect(timeline.seq).toBe(seq);
  expect(timeline.hash()).toBe(foldTape(tape, seq).hash);
}

/** As `expectAt`, column by column. A snapshot takes the world away from the timeline: the last thing. */
function expectFinallyAt(timeline: Timeline, tape: TapeReader, seq: number): void {
  expectAt(timeline, tape, seq);
  const folded = new Snapshotter().take(foldTape(tape, seq).world);
  expect(snapshotDifference(new Snapshotter().take(timeline.world), folded)).toBeUndefined();
}

test('a timeline starts from the snapshots that are stored in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-timeline-'));
  try {
    const program = Array.from({ length: 60 }, (_, i): Step => {
      return i % 10 === 9 ? ['flush', 0, 0] : ['list', i * 7, 20];
    });
    const config = fc.sample(configs(), { seed: 3, numRuns: 1 })[0];
    const tape = programTape(config, program, 300);
    const writer = openTapeWriter(join(folder, 'x.tape'));
    const batch = new EventBatch();
    tape.segments.forEach(({ firstSeq, count, stateHash, endTimeNs }, index) => {
      tape.readSegment(index, batch);
      writer.append(batch, stateHash, endTimeNs);
      const seq = firstSeq + count - 1;
      if (tape.snapshots.includes(seq)) writer.putSnapshot(tape.readSnapshot(seq));
    });
    writer.close();
    const stored = openTape(join(folder, 'x.tape'));
    const { reader, read } = counting(stored);
    const timeline = new Timeline(reader);
    expect(stored.snapshots.length).toBeGreaterThan(2);
    for (const seq of [...stored.snapshots].reverse()) {
      timeline.seek(seq);
      expectAt(timeline, tape, seq);
    }
    expect(read()).toBe(0);
    stored.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('timeline', () => {
  test.each([
    ['ample', 1 << 30],
    ['tight', 2000],
    ['none', 0],
  ])('with %s room, seeking anywhere in any order is folding from the start', (_, budgetBytes) => {
    fc.assert(
      fc.property(
        configs(),
        steps(100),
        positions,
        fc.constantFrom(50, 500, Infinity),
        (config, program, targets, every) => {
          const tape = programTape(config, program, every);
          const timeline = new Timeline(tape, { budgetBytes });
          for (const target of targets) {
            const seq = target % (tape.events + 1);
            expect(timeline.seek(seq)).toBe(timeline.world);
            expectAt(timeline, tape, seq);
          }
          expectFinallyAt(timeline, tape, timeline.seq);
        },
      ),
      { seed: 42, numRuns: 12, endOnFailure: true },
    );
  });

  test('of a recording, too', () => {
    fc.assert(
      fc.property(specs(200, 4), positions, (spec, targets) => {
        const tape = recordingTape(recordingFor(spec).recording, 'middle', { gcPercent: 2 });
        const timeline = new Timeline(tape, { budgetBytes: 100_000 });
        for (const target of targets) {
          timeline.seek(target % (tape.events + 1));
          expectAt(timeline, tape, timeline.seq);
        }
        expectFinallyAt(timeline, tape, timeline.seq);
      }),
      { seed: 43, numRuns: 12, endOnFailure: true },
    );
  });

  test('back one by one meets the same states as forward one by one', () => {
    const program = fc.sample(steps(60), { seed: 7, numRuns: 1 })[0];
    const tape = programTape(fc.sample(configs(), { seed: 7, numRuns: 1 })[0], [
      ...program,
      ['gc', 0, 0],
    ]);
    const timeline = new Timeline(tape, { budgetBytes: 50_000 });
    const hashes: string[] = [];
    for (let seq = 0; seq <= tape.events; seq += 1) {
      timeline.seek(seq);
      hashes.push(timeline.hash());
    }
    for (let seq = tape.events; seq >= 0; seq -= 1) {
      timeline.seek(seq);
      expect(timeline.hash()).toBe(hashes[seq]);
    }
    // An event that notes something leaves the state as it was.
    expect(new Set(hashes).size).toBeGreaterThan(hashes.length / 2);
  });

  test('what was passed is near: stepping back folds a part of the tape, not all of it', () => {
    const spec = steadySpec(150_000, 3000, 5000, 2);
    const tape = recordingTape(recordingFor(spec).recording, 'earliest', { gcPercent: 20 });
    expect(tape.segments.length).toBeGreaterThan(10);
    const { reader, read } = counting(tape);
    const timeline = new Timeline(reader);
    timeline.seek(tape.events);
    const through = read();
    for (let back = 1; back <= 5; back += 1) timeline.seek(tape.events - back);
    expect(read() - through).toBeLessThan(through / 2);
  });

  test.each([
    ['all kept', 1 << 30],
    ['thinned again and again', 3_000_000],
    ['none kept', 0],
  ])(
    'over a long tape with its snapshots %s, every segment ends in its state',
    (_, budgetBytes) => {
      const spec = steadySpec(150_000, 3000, 5000, 2);
      const tape = recordingTape(recordingFor(spec).recording, 'earliest', { gcPercent: 20 });
      const timeline = new Timeline(tape, { budgetBytes });
      const { length } = tape.segments;
      for (let i = 0; i < length; i += 1) {
        // Far ahead and back again, in an order that visits all when 5 and the length have no divisor.
        const segment = tape.segments[(i * (length % 5 === 0 ? 7 : 5) + 3) % length];
        timeline.seek(segment.firstSeq + segment.count - 1);
        expect(timeline.hash()).toBe(segment.stateHash);
      }
    },
  );

  test('snapshots on the tape are used, and a seek beyond the tape is refused', () => {
    const spec = steadySpec(60_000, 3000, 5000, 2);
    const made = recordingTape(recordingFor(spec).recording, 'earliest', { gcPercent: 20 });
    const { world } = foldTape(made, made.segments[2].firstSeq + made.segments[2].count - 1);
    const stored = new Snapshotter().take(world);
    const { reader, read } = counting(made);
    const withSnapshot: TapeReader = {
      ...reader,
      snapshots: [stored.seq],
      readSnapshot: () => stored,
    };
    const timeline = new Timeline(withSnapshot);
    timeline.seek(stored.seq + 1);
    expect(read()).toBe(made.segments[3].count);
    expectFinallyAt(timeline, made, stored.seq + 1);
    for (const beyond of [made.events + 1, -1, 0.5, Number.NaN]) {
      expect(() => timeline.seek(beyond)).toThrow(HeaptapeError);
    }
  });

  test('stored snapshots agree with the events; an altered one is told by its part', () => {
    fc.assert(
      fc.property(configs(), steps(100), (config, program) => {
        const tape = programTape(config, program, 20);
        const check = snapshotChecker(tape);
        for (const seq of tape.snapshots) expect(check(tape.readSnapshot(seq))).toBeUndefined();
        const seq = tape.snapshots.at(-1);
        if (seq === undefined) return;
        const bad = tape.readSnapshot(seq);
        bad.columns['small'][0][8] ^= 1;
        expect(snapshotChecker(tape)(bad)).toBe('small');
      }),
      { seed: 44, numRuns: 12, endOnFailure: true },
    );
  });
});

describe('positions', () => {
  const tape = programTape(fc.sample(configs(), { seed: 3, numRuns: 1 })[0], [
    ['list', 4, 20],
    ['gc', 0, 0],
    ['list', 4, 20],
    ['gc', 0, 0],
  ]);

  test('a number, end, or the end of a cycle’s marking', () => {
    expect(positionOf(tape, 'end')).toBe(tape.events);
    expect(positionOf(tape, '0')).toBe(0);
    expect(positionOf(tape, '7')).toBe(7);
    for (const n of [1, 2]) {
      const { world, hash } = foldTape(tape, positionOf(tape, `cycle:${n}`));
      expect(stateView(world, hash)).toMatchObject({
        hash,
        phase: '_GCoff',
        memstats: { NumGC: n },
      });
    }
    const { world } = foldTape(tape, positionOf(tape, 'cycle:2') - 1);
    expect(stateView(world, '')).toMatchObject({ phase: '_GCmark', memstats: { NumGC: 1 } });
  });

  test.each([
    ['cycle:3', 'not-found'],
    ['cycle:0', 'not-found'],
    ['999999', 'not-found'],
    ['-1', 'bad-usage'],
    ['1.5', 'bad-usage'],
    ['cycle:', 'bad-usage'],
    ['', 'bad-usage'],
    ['END', 'bad-usage'],
  ])('%s is refused as %s', (text, code) => {
    expect(() => positionOf(tape, text)).toThrow(expect.objectContaining({ code }));
  });
});
