import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrate } from './calibrate.ts';
import { cyclesOf } from './cycles.ts';
import { ASSUMPTIONS } from './deaths.ts';
import { recordingOf } from './fromtape.ts';
import { columnOf, recordingFor, scenarioOf, specs } from './recording.testkit.ts';
import { FREED_BEFORE, type Recording } from './recording.ts';
import { survey } from './survey.ts';
import { configs, programTape, recordingTape, steps } from './tape.testkit.ts';
import { whatIf } from './whatif.ts';
import { recordedWorkload, tapeWorkload } from './workload.ts';

/** Rows as text, without site numbers: a tape numbers sites in the order of their first use. */
function rowsOf({ allocs, sites, types }: Recording): string[] {
  return Array.from({ length: allocs.count }, (_, row) => {
    const site = allocs.site.get(row);
    const name = types.name[sites.type[site]];
    if (sites.kind[site] === 2) return `part ${name}`;
    const scan = sites.scanBytes[site];
    return [sites.spanClass[site], sites.slotBytes[site], sites.bytes[site], scan, name].join(' ');
  });
}

const freedBy = ({ allocs }: Recording): number[] =>
  Array.from({ length: allocs.count }, (_, row) => allocs.freedBy.get(row));

/** Some objects of the start as garbage from before. */
function withOldGarbage(recording: Recording): Recording {
  const { sites, allocs, startCount } = recording;
  const values = freedBy(recording).map((cycle, row) => {
    const object = sites.kind[allocs.site.get(row)] !== 2;
    return object && row < startCount && row % 3 === 0 ? FREED_BEFORE : cycle;
  });
  return { ...recording, allocs: { ...allocs, freedBy: columnOf(values) } };
}

describe('a recording from its tape', () => {
  test('rows, deaths, cycles, start and calibration come back', () => {
    fc.assert(
      fc.property(specs(), fc.constantFrom(...ASSUMPTIONS), (spec, assumption) => {
        const recording = withOldGarbage(recordingFor(spec).recording);
        const calibration = calibrate(recording, survey(recording), {});
        const found = recordingOf(recordingTape(recording, assumption));
        const objects = spec.rows.some((row) => recording.sites.kind[row.site] !== 2);
        if (!objects) {
          expect(found).toBeNull();
          return;
        }
        expect(found?.recording && rowsOf(found.recording)).toEqual(rowsOf(recording));
        // Garbage from before the first cycle is found by it; without a cycle no death is known.
        const cycles = recording.cycles.length;
        const want = freedBy(recording).map((n) => (n === FREED_BEFORE ? Math.min(1, cycles) : n));
        expect(found?.recording && freedBy(found.recording)).toEqual(want);
        expect(found?.recording.startCount).toBe(recording.startCount);
        expect(found?.recording.cycles).toHaveLength(cycles);
        recording.cycles.forEach((cycle, i) => {
          // Pauses, assists and workers are in the tape's costs, not in its cycles.
          const {
            stwSweepTermNs: _s,
            stwMarkTermNs: _m,
            assistNs: _a,
            workerNs: _w,
            ...kept
          } = cycle;
          expect(found?.recording.cycles[i]).toMatchObject(kept);
        });
        expect(found?.calibration.config).toEqual(calibration.config);
        expect(found?.calibration.heapMarkedBefore).toBe(calibration.heapMarkedBefore);
        expect(found?.calibration.markCosts).toEqual(
          calibration.markCosts
            .filter(({ fromRow }) => fromRow < recording.allocs.count)
            .map((cost) => ({ ...cost, fromRow: expect.any(Number) })),
        );
      }),
      { seed: 42, numRuns: 60, endOnFailure: true },
    );
  });

  test('a what-if from the tape is exactly the one from the recording', () => {
    fc.assert(
      fc.property(specs(250, 6), fc.constantFrom(...ASSUMPTIONS), (spec, assumption) => {
        const recording = withOldGarbage(recordingFor(spec).recording);
        const tape = recordingTape(recording, assumption);
        fc.pre(recordingOf(tape) !== null);
        const direct = recordedWorkload(recording);
        const stored = tapeWorkload(tape);
        expect(stored.exact).toBe(false);
        expect(stored.costFactors).toEqual(direct.costFactors);
        const scenarios = [-1, 2, direct.config.gcPercent, 100].map((gogc) =>
          scenarioOf(direct.config, gogc),
        );
        expect(whatIf(stored, scenarios).scenarios).toEqual(whatIf(direct, scenarios).scenarios);
      }),
      { seed: 43, numRuns: 25, endOnFailure: true },
    );
  });

  test('the recorded cycles that a tape notes are those of the recording', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const { recording } = recordingFor(spec);
        const { recorded } = cyclesOf(recordingTape(recording, 'middle'));
        expect(recorded).toEqual(
          recording.cycles.map((c) => ({
            n: c.n,
            startNs: c.startNs,
            endNs: c.endNs,
            heapAtStart: c.heapAtStart,
            heapAtMarkEnd: c.heapAtMarkEnd,
            heapMarked: c.heapMarked,
            heapGoal: c.heapGoal,
            nextGoal: c.nextGoal,
            forced: c.trigger === 'forced',
            pauseNs: c.stwSweepTermNs + c.stwMarkTermNs,
            assistNs: c.assistNs,
          })),
        );
      }),
      { seed: 44, numRuns: 60, endOnFailure: true },
    );
  });

  test('the tape of a program without held objects is none of a recording; it runs exactly', () => {
    fc.assert(
      fc.property(configs(), steps(60), (config, program) => {
        const graph = program.filter(([kind]) => kind !== 'held' && kind !== 'release');
        const tape = programTape(config, graph);
        expect(recordingOf(tape)).toBeNull();
        const workload = tapeWorkload(tape);
        expect(workload.exact).toBe(true);
        const [same] = whatIf(workload, [
          { ...scenarioOf(config, config.gcPercent), memoryLimit: config.memoryLimit },
        ]).scenarios;
        expect(same.cycles.mid).toBe(cyclesOf(tape).simulated.length);
        expect(same.cycles.low).toBe(same.cycles.high);
      }),
      { seed: 45, numRuns: 30, endOnFailure: true },
    );
  });
});
