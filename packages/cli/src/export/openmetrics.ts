/**
 * MemStats and their kin as the metrics of a Go program, in OpenMetrics text.
 *
 * One state is one point of each metric, without a time: what a scrape would have got. `--at cycles` is a
 * series, a point at the end of each cycle's marking and one at the end of the tape, each with its time.
 */

import { SCALAR } from '@heaptape/core';
import { openMetricsText } from '@heaptape/formats/write';
import type { FileTapeReader } from '@heaptape/log';
import { cyclesOf, goMetrics, goMetricValues } from '@heaptape/replay';
import { withTape } from '../input/tape.ts';
import { atEvents, type Exporter, type ExportRequest, withEvent } from './source.ts';

/** The position that stands for a series. */
const SERIES = 'cycles';
const NS = 1e9;
/** Times in OpenMetrics text: Prometheus keeps milliseconds. */
const MS = 1000;

interface Point {
  /** Unix seconds. */
  readonly timestamp?: number;
  readonly values: readonly number[];
}

export const exportOpenMetrics: Exporter = async (request, write) => {
  const produce = async (reader: FileTapeReader, events: readonly number[]): Promise<void> => {
    const points: Point[] = [];
    await atEvents(request, reader, events, (world) => {
      const seconds = world.scalars[SCALAR.timeNs] / NS;
      points.push({ ...timeOf(request, seconds), values: goMetricValues(world) });
    });
    await write(openMetricsText(familiesOf(versionOf(reader), points)));
  };
  if (request.at !== SERIES) {
    await withEvent(request, (reader, event) => produce(reader, [event]));
    return;
  }
  await withTape(request.file, (reader) => {
    const ends = cyclesOf(reader).simulated.map(({ endSeq }) => endSeq);
    return produce(reader, [...new Set([...ends, reader.events])]);
  });
};

/** A single point has a time only if it was said when the run began. */
function timeOf({ at, epoch }: ExportRequest, seconds: number): { timestamp?: number } {
  if (at !== SERIES && epoch === undefined) return {};
  return { timestamp: Math.round(((epoch ?? 0) + seconds) * MS) / MS };
}

function familiesOf(
  version: string,
  points: readonly Point[],
): Parameters<typeof openMetricsText>[0] {
  let next = 0;
  return goMetrics(version).map(({ samples, ...family }) => {
    const first = next;
    next += samples.length;
    return {
      ...family,
      samples: points.flatMap(({ values, ...time }) =>
        samples.map((sample, i) => ({ ...sample, ...time, value: values[first + i] })),
      ),
    };
  });
}

/** The release that was recorded, else the one that is modelled. */
function versionOf(reader: FileTapeReader): string {
  const { goVersion } = (reader.document('import') ?? {}) as { goVersion?: unknown };
  return typeof goVersion === 'string' ? goVersion : 'go1.26';
}
