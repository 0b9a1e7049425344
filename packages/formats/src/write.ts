/**
 * Formats of other tools, from plain data to bytes: pprof, Perfetto, OpenMetrics.
 *
 * An entry of its own, because the protobuf library behind it takes longer to load than reading a small
 * trace does.
 */

export type { MetricFamily, MetricSample, MetricType } from './openmetrics/openmetrics.ts';
export { openMetricsText } from './openmetrics/openmetrics.ts';
export type { PerfettoArgs, PerfettoTrack } from './perfetto/perfetto.ts';
export { PerfettoWriter } from './perfetto/perfetto.ts';
export type {
  PprofFrame,
  PprofLabel,
  PprofProfile,
  PprofSample,
  PprofValueType,
} from './pprof/pprof.ts';
export { encodePprof } from './pprof/pprof.ts';
