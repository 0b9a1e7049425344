import { heapProblems, SCALAR, World, WorldHasher } from '@heaptape/core';
import { createMemoryTape } from '@heaptape/log';
import {
  CELLS,
  EVENT_NAMES,
  EventBatch,
  HeaptapeError,
  specOfTag,
  type TapeReader,
} from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS } from './deaths.ts';
import { foldBatch, foldTape } from './fold.ts';
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

  test('a beginning of a run says where it ends, a tape without a beginning is refused', () => {
    const tape = programTape(CONFIG, [
      ['list', 1, 9],
      ['flush', 0, 0],
      ['run', 4000, 0],
      ['list', 2, 20],
    ]);
    const last = tape.segments[0].count;
    // The time of the last allocations was on the part that is gone.
    const { verified, events, firstMismatch, cut } = verifyTape(beginningOf(tape, last));
    expect([verified, events, firstMismatch]).toEqual([true, last, null]);
    expect(cut?.undecided).toBe(0);
    expect(roleOf(eventsOf(tape)[(cut?.command ?? 0) - 1].event)).toBe('mutator');
    const open = altered(tape, (index, batch) => {
      if (index === 0) batch.kinds[0] = 1;
    });
    expect(() => configOf(open)).toThrow('does not begin with RunStarted');
  });
});

/** The events up to `last` as a tape of their own, cut anywhere. */
function beginningOf(tape: TapeReader, last: number): TapeReader {
  const world = new World();
  const cut = createMemoryTape();
  const batch = new EventBatch();
  for (let index = 0; cut.events < last; index += 1) {
    tape.readSegment(index, batch);
    const count = Math.min(batch.count, last - cut.events);
    let cells = 0;
    for (let i = 0; i < count; i += 1) cells += CELLS[batch.kinds[i]];
    batch.count = count;
    batch.argCount = cells;
    foldBatch(world, batch, 0, count);
    cut.append(batch, new WorldHasher().hash(world), world.scalars[SCALAR.timeNs]);
  }
  return cut;
}

describe('the beginning of a run, cut after any event', () => {
  test('is verified as far as its commands decide it, whatever follows', () => {
    const seen = { inside: 0, before: 0, whole: 0 };
    fc.assert(
      fc.property(configs(), steps(60), fc.nat(), (config, program, at) => {
        const tape = programTape(config, [...program, ['gc', 0, 0], ['list', at, 23]]);
        const last = 1 + (at % tape.events);
        const beginning = beginningOf(tape, last);
        const { verified, events, cut } = verifyTape(beginning, undefined, true);
        expect([verified, events]).toEqual([true, last]);
        const commands = eventsOf(beginning).filter(({ event }) => COMMANDS.has(roleOf(event)));
        if (cut !== null) {
          const command = commands.at(-1)?.seq ?? 0;
          expect(cut.command).toBe(command);
          // What is not decided comes after the last command.
          expect(cut.undecided).toBeLessThanOrEqual(last - command);
          // A tape that claims to be whole may end early, but not with events that nobody decides.
          expect(verifyTape(beginning).verified).toBe(cut.undecided === 0);
        }
        seen[cut === null ? 'whole' : cut.undecided > 0 ? 'before' : 'inside'] += 1;
      }),
      { seed: 47, numRuns: 100, endOnFailure: true },
    );
    expect(
      Object.values(seen).every((count) => count > 0),
      JSON.stringify(seen),
    ).toBe(true);
  });

  test('with any decided argument of the collector altered, it is not', () => {
    fc.assert(
      fc.property(configs(), steps(60), fc.nat(), fc.nat(), (config, program, at, pick) => {
        const tape = programTape(config, [...program, ['gc', 0, 0], ['list', at, 23]]);
        const beginning = beginningOf(tape, Math.max(1, at % tape.events));
        const undecided = verifyTape(beginning, undefined, true).cut?.undecided ?? 0;
        const collectors = eventsOf(beginning).filter(({ event }) => roleOf(event) === 'collector');
        const [chosen] = collectors.slice(pick % Math.max(1, collectors.length));
        if (chosen === undefined || chosen.seq > beginning.events - undecided) return;
        const { reader, tag } = alter(beginning, chosen.seq, pick);
        // A command that was decided from pending time can be one that precedes a lost command.
        const commands = eventsOf(beginning).filter(({ event }) => COMMANDS.has(roleOf(event)));
        if (specOfTag(tag)?.fields.length === 0 || chosen.seq > (commands.at(-1)?.seq ?? 0)) return;
        expect(outcomeOf(reader).verified).toBe(false);
      }),
      { seed: 48, numRuns: 60, endOnFailure: true },
    );
  });
});

const COMMANDS: ReadonlySet<string | undefined> = new Set(['mutator', 'annotation']);
const roleOf = (event: string): string | undefined => specOfTag(EVENT_NAMES.indexOf(event))?.role;
