import { Decider, evolve, slotBytes, World } from '@heaptape/core';
import { EVENTS, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompactionGatherer, type CompactionReport } from './compaction.ts';
import { modelTape, type Run, runs } from './modeltape.testkit.ts';
import { OutcomeGatherer } from './outcome.ts';
import { eventsOf, programTape } from './tape.testkit.ts';
import { configOf, playCommands } from './verify.ts';
import { eachEvent } from './walk.ts';

const PAGE_SIZE = 8192;
const SPAN_IN_USE = 1;

/** Pages of spans in use, and bytes of their slots that hold an object, counted span by span. */
function filling(w: World): { pages: number; bytes: number } {
  let pages = 0;
  let bytes = 0;
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_IN_USE) continue;
    pages += w.spanPages[page];
    bytes += w.allocCount[page] * slotBytes(w, page);
  }
  return { pages, bytes };
}

const share = ({ pages, bytes }: { pages: number; bytes: number }): number =>
  pages === 0 ? 0 : 1 - bytes / (pages * PAGE_SIZE);

/** The report, from the events' fields and from looking at every span before and after. */
function naiveReport(tape: TapeReader): CompactionReport | null {
  const w = new World();
  const moved = eventsOf(tape).filter(({ event }) => event === 'HeapCompacted');
  const befores: { pages: number; bytes: number }[] = [];
  const afters: { pages: number; bytes: number }[] = [];
  eachEvent(tape, (kind, batch, at) => {
    const before = kind === EVENTS.HeapCompacted.tag ? filling(w) : null;
    evolve(w, kind, batch, at);
    if (before === null) return;
    befores.push(before);
    afters.push(filling(w));
  });
  if (moved.length === 0) return null;
  const sum = (field: string): number =>
    moved.reduce((total, row) => total + Number(row[field]), 0);
  const mean = (all: readonly { pages: number; bytes: number }[]): number =>
    all.reduce((total, one) => total + share(one), 0) / all.length;
  return {
    runs: moved.length,
    objectsMoved: sum('objects'),
    bytesMoved: sum('bytes'),
    pointersUpdated: sum('pointers'),
    pauseNs: sum('pauseNs'),
    maxPauseNs: Math.max(...moved.map((row) => Number(row['pauseNs']))),
    pagesFreed: befores.reduce((total, { pages }, i) => total + pages - afters[i].pages, 0),
    fragmentationBefore: mean(befores),
    fragmentationAfter: mean(afters),
  };
}

/** The report of a tape that is decided again. */
function gathered(tape: TapeReader): CompactionReport | null {
  const gatherer = new OutcomeGatherer();
  const decider = new Decider(configOf(tape), null, gatherer.watcher());
  playCommands(tape, decider);
  return gatherer.outcome(decider.world).compaction;
}

const compacting = (run: Run): Run => ({ ...run, config: { ...run.config, compact: 1 } });

test('what compaction did is what its events and the spans say', () => {
  let reports = 0;
  let freed = 0;
  fc.assert(
    fc.property(runs(80), (run) => {
      const tape = modelTape(compacting(run));
      const wanted = naiveReport(tape);
      const found = gathered(tape);
      if (wanted === null || found === null) {
        expect(found).toBe(wanted);
        return;
      }
      const { fragmentationBefore, fragmentationAfter, ...figures } = found;
      expect(wanted).toMatchObject(figures);
      expect(fragmentationBefore).toBeCloseTo(wanted.fragmentationBefore, 9);
      expect(fragmentationAfter).toBeCloseTo(wanted.fragmentationAfter, 9);
      expect(fragmentationAfter).toBeLessThanOrEqual(fragmentationBefore);
      reports += 1;
      freed += found.pagesFreed;
    }),
    { seed: 42, numRuns: 60 },
  );
  expect(reports).toBeGreaterThan(10);
  expect(freed).toBeGreaterThan(0);
});

test('where nothing moved there is no report', () => {
  expect(new CompactionGatherer().report()).toBeNull();
  const [{ config }] = fc.sample(runs(1), { seed: 2, numRuns: 1 });
  const still = { ...config, compact: 0 };
  expect(
    gathered(
      programTape(still, [
        ['list', 1, 20],
        ['gc', 0, 0],
      ]),
    ),
  ).toBeNull();
});
