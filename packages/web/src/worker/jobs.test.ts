import { readMemStats, SCALAR } from '@heaptape/core';
import { configs, programs } from '@heaptape/core/testkit';
import { cyclesOf, STEP_UNITS, Timeline, Travel } from '@heaptape/replay';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_OVERVIEW, withPart } from '../model/overview.ts';
import { SourceReader } from '../wire/source.ts';
import { type CyclesPart, cyclesJob } from './jobs/cycles.ts';
import { matchesJob } from './jobs/matches.ts';
import { type OverviewPart, overviewJob } from './jobs/overview.ts';
import { visitJob } from './jobs/visit.ts';
import type { Move } from './move.ts';
import type { Task } from './serve.ts';
import { Session, SessionHolder } from './session.ts';
import { programSource } from './source.testkit.ts';

/** A task that keeps the parts. */
function keeping(): { task: Task; parts: unknown[] } {
  const parts: unknown[] = [];
  const task: Task = {
    onProgress: () => undefined,
    part: (part) => parts.push(part),
    breathe: () => Promise.resolve(),
  };
  return { task, parts };
}

const sources = fc
  .tuple(configs(), programs(60))
  .map(([config, operations]) => programSource(config, operations));

function holding(source: ReturnType<typeof programSource>): SessionHolder {
  const holder = new SessionHolder();
  holder.set(new Session(source));
  return holder;
}

const moves = (events: number): fc.Arbitrary<Move> =>
  fc.oneof(
    fc
      .integer({ min: 0, max: events })
      .map((event): Move => ({ go: 'at', position: { event, inside: 0 } })),
    fc
      .tuple(fc.constantFrom(...STEP_UNITS), fc.integer({ min: 1, max: 20 }), fc.boolean())
      .map(([unit, count, back]): Move => ({ go: 'step', unit, count, back })),
    fc.constantFrom('start', 'end', '+7', '-3').map((text): Move => ({ go: 'place', text })),
    fc.boolean().map((back): Move => ({ go: 'until', condition: 'event.kind == GCStarted', back })),
  );

describe('a visit', () => {
  test('leads where travelling leads, and answers what is so there', () => {
    fc.assert(
      fc.property(sources, fc.infiniteStream(fc.nat()), (source, picks) => {
        const visit = visitJob(holding(source));
        const travel = new Travel(new SourceReader(source));
        const { events } = travel.reader;
        const [{ value: seed }] = [picks.next()];
        for (const to of fc.sample(moves(events), { seed: seed as number, numRuns: 6 })) {
          const found = visit(
            {
              to: [to],
              wants: [
                { name: 'memstats', args: null },
                { name: 'place', args: null },
              ],
            },
            keeping().task,
          );
          expect(found.position).toEqual(walked(travel, to));
          const { PauseNs: _, PauseEnd: __, ...stats } = readMemStats(travel.world);
          expect(found.answers[0]).toEqual({ value: stats });
          expect(found.answers[1]).toMatchObject({
            value: { event: travel.position.event, timeNs: travel.timeNs },
          });
        }
      }),
      { seed: 42, numRuns: 40 },
    );
  });

  test('answers with event rows of any place, without moving', () => {
    const source = programSource(...someRun());
    const visit = visitJob(holding(source));
    const ask = (args: { from: number; count: number } | { seqs: number[] }) =>
      visit({ to: [], wants: [{ name: 'events', args }] }, keeping().task);
    const rows = ask({ from: 5, count: 4 });
    expect(rows.position).toEqual({ event: 0, inside: 0 });
    expect(rows.answers).toMatchObject([
      { value: [{ seq: 5 }, { seq: 6 }, { seq: 7 }, { seq: 8 }] },
    ]);
    expect(ask({ seqs: [9, 3] }).answers).toMatchObject([{ value: [{ seq: 9 }, { seq: 3 }] }]);
    expect(ask({ from: -4, count: 2 }).answers).toMatchObject([
      { value: [{ seq: 1 }, { seq: 2 }] },
    ]);
  });

  test.each([
    ['nonsense', 'bad-usage'],
    ['99999999', 'not-found'],
    ['born #0', 'not-found'],
    ['cycle:99', 'not-found'],
    ['1.99999', 'not-found'],
  ])('to %s is refused', (text, code) => {
    const visit = visitJob(holding(programSource(...someRun())));
    const to: Move = { go: 'place', text };
    expect(() => visit({ to: [to], wants: [] }, keeping().task)).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });
});

function someRun(): Parameters<typeof programSource> {
  const [run] = fc.sample(fc.tuple(configs(), programs(60)), { seed: 7, numRuns: 1 });
  return run;
}

function walked(travel: Travel, to: Move): Travel['position'] {
  const { event } = travel.position;
  if (to.go === 'at') return travel.at(to.position);
  if (to.go === 'step') {
    return (to.back ? travel.stepBack(to.unit, to.count) : travel.step(to.unit, to.count)).position;
  }
  if (to.go === 'until') {
    return (to.back ? travel.runBackUntil(to.condition) : travel.runUntil(to.condition)).position;
  }
  const { events } = travel.reader;
  const places: Readonly<Record<string, number>> = {
    start: 0,
    end: events,
    '+7': Math.min(events, event + 7),
    '-3': Math.max(0, event - 3),
  };
  return travel.at({ event: places[to.text], inside: 0 });
}

describe('matches', () => {
  test.each([
    'event.kind == ObjectAllocated',
    'heapLive > 64KiB',
    'phase == "_GCmark" and event.kind == SpanMarked',
    'true',
  ])('of %s are the events after which it holds', async (condition) => {
    await fc.assert(
      fc.asyncProperty(sources, async (source) => {
        const { task, parts } = keeping();
        const found = await matchesJob(holding(source))({ condition, most: 1e9 }, task);
        expect(found).toEqual({ whole: true });
        const travel = new Travel(new SourceReader(source));
        const holds: number[] = [];
        for (let event = 1; event <= travel.reader.events; event += 1) {
          travel.at({ event, inside: 0 });
          if (travel.evaluate(condition).value === true) holds.push(event);
        }
        const seqs = (parts as { seqs: Float64Array }[]).flatMap((part) => [...part.seqs]);
        expect(seqs).toEqual(holds);
      }),
      { seed: 42, numRuns: 12 },
    );
  });
});

describe('a long tape', () => {
  test('is entered by its snapshots, and the states are the same', () => {
    fc.assert(
      fc.property(sources, fc.nat(), (source, pick) => {
        const asked = { segments: 0, snapshots: 0 };
        const counting: typeof source = {
          ...source,
          segment: (index) => {
            asked.segments += 1;
            return source.segment(index);
          },
          snapshot: (seq) => {
            asked.snapshots += 1;
            return source.snapshot(seq);
          },
        };
        const [long, short] = [new Session(counting, 0), new Session(source)];
        expect([long.keepDead, short.keepDead]).toEqual([false, true]);
        const { events, snapshots } = long.reader;
        const position = { event: pick % (events + 1), inside: 0 };
        long.travel.at(position);
        short.travel.at(position);
        expect(long.travel.hash()).toBe(short.travel.hash());
        const entered = snapshots.some((seq) => seq <= position.event);
        expect(asked.snapshots).toBe(entered ? 1 : 0);
        if (!entered) return;
        const from = snapshots.findLast((seq) => seq <= position.event) ?? 0;
        const between = long.reader.segments.filter(
          ({ firstSeq, count }) => firstSeq + count > from + 1 && firstSeq <= position.event,
        );
        expect(asked.segments).toBe(between.length);
      }),
      { seed: 42, numRuns: 40 },
    );
  });
});

describe('the overview', () => {
  test('has the curves of the states, and the phases of the cycles', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async (source) => {
        const { task, parts } = keeping();
        const holder = holding(source);
        await overviewJob(holder)(null, task);
        const { reader } = holder.get();
        const { points, bands, fine } = (parts as OverviewPart[]).reduce(withPart, NO_OVERVIEW);
        expect(fine).toBe(reader.events);
        const timeline = new Timeline(reader);
        points.seq.forEach((seq, i) => {
          const { scalars, control } = timeline.seek(seq);
          expect([points.timeNs[i], points.heapLive[i], points.heapGoal[i]]).toEqual([
            scalars[SCALAR.timeNs],
            scalars[SCALAR.heapLive],
            control.pacer.heapGoal,
          ]);
        });
        expect([...points.seq]).toEqual([...points.seq].sort((a, b) => a - b));
        const { simulated } = cyclesOf(reader);
        const ended = bands.filter(({ kind, to }) => kind === 'mark' && to < reader.events);
        expect(
          ended
            .slice(0, simulated.length)
            .map(({ cycle, from, to, fromNs, toNs }) => [cycle, from, to, fromNs, toNs]),
        ).toEqual(
          simulated
            .filter(({ endSeq }) => endSeq < reader.events)
            .map(({ n, startSeq, endSeq, startNs, endNs }) => [
              n,
              startSeq,
              endSeq,
              startNs,
              endNs,
            ]),
        );
      }),
      { seed: 42, numRuns: 25 },
    );
  });
});

test('cycles are those of the tape, with every try in vain to end their marking', async () => {
  await fc.assert(
    fc.asyncProperty(sources, async (source) => {
      const { task, parts } = keeping();
      const holder = holding(source);
      await cyclesJob(holder)(null, task);
      const { reader, travel } = holder.get();
      const cycles = (parts as CyclesPart[]).flatMap((part) => part.cycles);
      expect(cycles.map(({ restarts: _, ...cycle }) => cycle)).toEqual(cyclesOf(reader).simulated);
      for (const { startSeq, endSeq, restarts } of cycles) {
        let found = 0;
        for (let seq = startSeq; seq < endSeq; seq += 1) {
          if (travel.eventAt(seq).event === 'MarkRestarted') found += 1;
        }
        expect(restarts).toBe(found);
      }
    }),
    { seed: 42, numRuns: 20 },
  );
});
