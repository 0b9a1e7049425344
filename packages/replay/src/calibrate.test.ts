import { configWith, DEFAULT_COSTS, parseConfig } from '@heaptape/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrate } from './calibrate.ts';
import { recordingFor, specs, steadySpec } from './recording.testkit.ts';
import type { Recording } from './recording.ts';
import { survey } from './survey.ts';
import { configFor, whatIf } from './whatif.ts';
import { recordedWorkload } from './workload.ts';

/** Every number in a value, with its path. */
function numbersIn(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${path}.${key}`));
}

/** Finite, and not negative but where -1 is a setting. */
function expectSane(value: unknown): void {
  for (const [path, number] of numbersIn(value)) {
    expect(Number.isFinite(number), `${path} is ${number}`).toBe(true);
    if (!/gogc|gcPercent/.test(path)) expect(number, path).toBeGreaterThanOrEqual(0);
  }
}

/** Takes away from a recording what a bad one may lack. */
type Spoil = (recording: Recording) => Recording;
const cyclesLike =
  (change: (c: Recording['cycles'][number]) => object): Spoil =>
  (r) => ({ ...r, cycles: r.cycles.map((c) => ({ ...c, ...change(c) })) });

const SPOILS: Readonly<Record<string, Spoil>> = {
  whole: (r) => r,
  'no Ps': (r) => ({ ...r, gomaxprocs: 0 }),
  'no time': (r) => ({ ...r, durationNs: 0 }),
  'zero-length cycles': cyclesLike((c) => ({ endNs: c.startNs, stwSweepTermNs: 0 })),
  'pauses longer than cycles': cyclesLike((c) => ({
    stwSweepTermNs: (c.endNs - c.startNs) * 2 + 1,
  })),
  'no workers': cyclesLike(() => ({ workerNs: { dedicated: 0, fractional: 0, idle: 0 } })),
  'assists only': cyclesLike((c) => ({
    workerNs: { dedicated: 0, fractional: 0, idle: 0 },
    assistNs: (c.endNs - c.startNs) * 8,
  })),
  'workers beyond all Ps': cyclesLike((c) => ({
    workerNs: { dedicated: (c.endNs - c.startNs) * 99, fractional: 1, idle: 1 },
  })),
  'no goals': cyclesLike(() => ({ heapGoal: 0, nextGoal: 0 })),
  'no heap sizes': cyclesLike(() => ({ heapAtStart: 0, heapAtMarkEnd: 0, heapMarked: 0 })),
  'nothing at all': cyclesLike(() => ({
    heapAtStart: 0,
    heapAtMarkEnd: 0,
    heapMarked: 0,
    heapGoal: 0,
    nextGoal: 0,
    startNs: 0,
    endNs: 0,
    assistNs: 0,
    stwSweepTermNs: 0,
    stwMarkTermNs: 0,
    workerNs: { dedicated: 0, fractional: 0, idle: 0 },
  })),
};

describe('calibration', () => {
  test('of a whole recording: GOGC, Ps and costs as they were', () => {
    const { recording } = recordingFor({ ...steadySpec(60_000, 30_000, 6000), procs: 2 });
    const { config, markCosts, heapMarkedBefore, warnings } = calibrate(
      recording,
      survey(recording),
      {},
    );
    expect(config).toMatchObject({ gcPercent: 100, procs: 2, memoryLimit: 0, layout: 'go1.26' });
    expect(Math.abs(config.stackBytes + config.globalsBytes - 65536)).toBeLessThanOrEqual(2);
    expect(heapMarkedBefore).toBe(0);
    expect(warnings).toEqual([]);
    // The testkit's cycles keep half a P and an eighth marking, and a tenth assisting.
    expect(markCosts).toHaveLength(recording.cycles.length);
    for (const { markProcs } of markCosts) expect(markProcs).toBeCloseTo(0.625 / 0.98, 1);
    const rows = markCosts.map((c) => c.fromRow);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });

  test('given settings win over inferred ones', () => {
    const { recording } = recordingFor(steadySpec(60_000, 30_000, 6000));
    const given = { gcPercent: 250, memoryLimit: 77_000_000 };
    expect(calibrate(recording, survey(recording), given).config).toMatchObject(given);
  });

  test('without a cycle: off, default costs, and a warning', () => {
    const { recording } = recordingFor({ ...steadySpec(100, 10, 50), cycles: [] });
    const { config, markCosts, warnings } = calibrate(recording, survey(recording), {});
    expect(config.gcPercent).toBe(-1);
    expect(config.costs.markNsPerByte).toBe(DEFAULT_COSTS.markNsPerByte);
    expect(markCosts).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  test('cycles without goals mean GOGC=off under a memory limit, and a warning says so', () => {
    const { recording } = recordingFor(steadySpec(20_000, 3000, 2000));
    const cycles = recording.cycles.map((c) => ({ ...c, heapGoal: 0, nextGoal: 0 }));
    const limited = { ...recording, cycles };
    const { config, warnings } = calibrate(limited, survey(limited), {});
    const peak = Math.max(...cycles.map((c) => c.heapAtMarkEnd));
    expect(config.gcPercent).toBe(-1);
    expect(config.memoryLimit - config.nonHeapBytes).toBeGreaterThan(peak);
    expect(config.memoryLimit - config.nonHeapBytes).toBeLessThan(1.1 * peak + 2 ** 20);
    expect(warnings.join()).toContain('memory limit');
  });

  test.each(Object.entries(SPOILS))('%s: configuration and answers stay sane', (_, spoil) => {
    fc.assert(
      fc.property(specs(150, 5), (spec) => {
        const recording = spoil(recordingFor(spec).recording);
        const calibration = calibrate(recording, survey(recording), {});
        expectSane({ ...calibration, warnings: [] });
        for (const { nsPerUnit, markProcs } of calibration.markCosts) {
          expect(Math.min(nsPerUnit, markProcs)).toBeGreaterThan(0);
        }
        const { config } = calibration;
        expect(parseConfig(JSON.stringify(config))).toEqual(configWith(config));
        const workload = recordedWorkload(recording);
        const scenarios = [-1, 0, 100].map((gogc) => ({
          gogc,
          memoryLimit: gogc === 0 ? 2 ** 23 : 0,
          procs: 1 + (config.procs % 3),
          collector: config.collector,
        }));
        expect(configFor(config, scenarios[0])).toMatchObject({ gcPercent: -1 });
        const answer = whatIf(workload, scenarios, { quick: true });
        expectSane(answer);
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
      }),
      { seed: 42, numRuns: 8, endOnFailure: true },
    );
  });
});
