import { heapProblems, SCALAR } from '@heaptape/core';
import { CELLS, EVENT_NAMES, HeaptapeError, specOfTag, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS } from './deaths.ts';
import { foldTape } from './fold.ts';
import { recordingFor, specs } from './recording.testkit.ts';
import { altered, configs, eventsOf, programTape, recordingTape, steps } from './tape.testkit.ts';
import { configOf, verifyTape } from './verify.ts';

/** What verification makes of a tape: verified, a mismatch at an event, or damage that folding met. */
function outcomeOf(tape: TapeReader): { readonly verified: boolean; readonly seq: number | null } {
  try {
    const { verified, firstMismatch } = verifyTape(tape);
    return { verified, seq: firstMismatch?.seq ?? null };
  } catch (error) {
    if (error instanceof HeaptapeError) return { verified: false, seq: null };
    throw error;
  }
}

/** Adds 1 to one argument cell of one event; the event's tag. */
function alter(tape: TapeReader, seq: number, pick: number): { reader: TapeReader; tag: number } {
  let tag = 0;
  const reader = altered(tape, (_, batch) => {
    if (seq < batch.firstSeq || seq >= batch.firstSeq + batch.count) return;
    let at = 0;
    for (let i = 0; i < seq - batch.firstSeq; i += 1) at += CELLS[batch.kinds[i]];
    tag = batch.kinds[seq - batch.firstSeq];
    const fields = specOfTag(tag)?.fields ?? [];
    const numeric = fields.filter((f) => f.wire !== 'bytes').length;
    if (numeric > 0) batch.args[at + (pick % numeric)] += 1;
  });
  // The tag is known once the segment has been read.
  eventsOf(reader);
  return { reader, tag };
}

describe('folding', () => {
  test('leads to the hashes on the tape, for programs and recordings, and to sound heaps', () => {
    fc.assert(
      fc.property(configs(), steps(), specs(150), (config, program, spec) => {
        const ofRecording = recordingTape(recordingFor(spec).recording, 'middle', { gcPercent: 3 });
        for (const tape of [programTape(config, program), ofRecording]) {
          const { world, hash } = foldTape(tape);
          expect(hash).toBe(tape.segments.at(-1)?.stateHash);
          expect(world.scalars[SCALAR.seq]).toBe(tape.events);
          expect(heapProblems(world)).toEqual([]);
        }
      }),
      { seed: 42, numRuns: 30, endOnFailure: true },
    );
  });

  test('up to an event is the same as up to the end of a tape that ends there', () => {
    fc.assert(
      fc.property(configs(), steps(60), fc.nat(), (config, program, at) => {
        const tape = programTape(config, program);
        const to = at % (tape.events + 1);
        const { world } = foldTape(tape, to);
        expect(world.scalars[SCALAR.seq]).toBe(to);
        const segment = tape.segments.find((s) => s.firstSeq + s.count - 1 === to);
        if (segment !== undefined) expect(foldTape(tape, to).hash).toBe(segment.stateHash);
      }),
      { seed: 43, numRuns: 30, endOnFailure: true },
    );
  });

  test('a wrong hash on the tape is named by its segment', () => {
    const tape = programTape(configOf(programTape({ ...CONFIG }, [])), [
      ['list', 1, 9],
      ['flush', 0, 0],
      ['list', 2, 9],
    ]);
    const segments = tape.segments.map((s, i) =>
      i === 1 ? { ...s, stateHash: '0'.repeat(16) } : s,
    );
    const reader = { ...altered(tape, () => undefined), segments };
    const { firstSeq } = segments[1];
    expect(() => foldTape(reader)).toThrow(
      new RegExp(`^events ${firstSeq} to ${tape.events} lead to`),
    );
  });
});

const CONFIG = fc.sample(configs(), { seed: 1, numRuns: 1 })[0];

describe('verification', () => {
  test('what was recorded is what is decided', () => {
    fc.assert(
      fc.property(
        configs(),
        steps(),
        specs(150),
        fc.constantFrom(...ASSUMPTIONS),
        (config, program, spec, assumption) => {
          const ofRecording = recordingTape(recordingFor(spec).recording, assumption, {
            gcPercent: 3,
          });
          for (const tape of [programTape(config, program), ofRecording]) {
            const verification = verifyTape(tape);
            expect(verification.firstMismatch).toBeNull();
            expect(verification).toMatchObject({ verified: true, events: tape.events });
            expect(verification.hash).toBe(tape.segments.at(-1)?.stateHash);
          }
        },
      ),
      { seed: 44, numRuns: 30, endOnFailure: true },
    );
  });

  test('a collector’s event with any argument altered is never verified', () => {
    const told = new Set<string>();
    fc.assert(
      fc.property(configs(), steps(80), fc.nat(), fc.nat(), (config, program, at, pick) => {
        const tape = programTape(config, [...program, ['gc', 0, 0]]);
        const events = eventsOf(tape);
        const collectors = events.filter(({ event }) => roleOf(event) === 'collector');
        const seq = collectors[at % collectors.length].seq;
        const { reader, tag } = alter(tape, seq, pick);
        if (specOfTag(tag)?.fields.length === 0) return;
        const { verified, seq: mismatch } = outcomeOf(reader);
        expect(verified, `event ${seq} ${EVENT_NAMES[tag]}`).toBe(false);
        if (mismatch !== null) {
          expect(mismatch).toBe(seq);
          told.add(EVENT_NAMES[tag]);
        }
      }),
      { seed: 45, numRuns: 150, endOnFailure: true },
    );
    expect(told.size).toBeGreaterThan(0);
  });

  test('an altered command is refused, a mismatch, damage, or another tape that holds together', () => {
    let untold = 0;
    fc.assert(
      fc.property(configs(), steps(80), fc.nat(), fc.nat(), (config, program, at, pick) => {
        const tape = programTape(config, [...program, ['list', 0, 1]]);
        const commands = eventsOf(tape).filter(({ event }) => roleOf(event) === 'mutator');
        const { seq } = commands[at % commands.length];
        // What another command changes can be overwritten before anybody looks; no assertion may break.
        const { verified, seq: mismatch } = outcomeOf(alter(tape, seq, pick).reader);
        if (verified) expect(mismatch).toBeNull();
        else if (mismatch !== null) {
          expect(mismatch).toBeGreaterThanOrEqual(1);
          expect(mismatch).toBeLessThanOrEqual(tape.events + 1);
        } else untold += 1;
      }),
      { seed: 46, numRuns: 150, endOnFailure: true },
    );
    expect(untold).toBeLessThan(150);
  });

  test('a tape that ends too early is told by its length, one without a beginning by that', () => {
    const tape = programTape(CONFIG, [
      ['list', 1, 9],
      ['flush', 0, 0],
      ['run', 4000, 0],
      ['list', 2, 20],
    ]);
    const last = tape.segments[0].count;
    const cut: TapeReader = {
      ...altered(tape, () => undefined),
      events: last,
      segments: tape.segments.slice(0, 1),
    };
    // The time of the last allocations was on the part that is gone.
    expect(verifyTape(cut)).toMatchObject({
      verified: false,
      events: last,
      firstMismatch: { seq: last + 1, what: 'length', want: 'the end of the tape' },
    });
    const open = altered(tape, (index, batch) => {
      if (index === 0) batch.kinds[0] = 1;
    });
    expect(() => configOf(open)).toThrow('does not begin with RunStarted');
  });
});

const roleOf = (event: string): string | undefined => specOfTag(EVENT_NAMES.indexOf(event))?.role;
