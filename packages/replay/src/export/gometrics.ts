/**
 * A state as the metrics that Go programs export to Prometheus: names, types and units of client_golang's
 * default Go collector (1.25), values of `readMemStats`, `readGCStats` and `readMetrics`.
 *
 * 1. A metric here is a family: a name without its sample's suffix, and samples that can be read of a
 *    state. So one state gives one point of every sample, and several states give a series.
 * 2. OpenMetrics wants one family a name. The collector has a gauge `go_memstats_alloc_bytes` and a counter
 *    `go_memstats_alloc_bytes_total`, whose family would have the same name. So that one is a family
 *    of its sample's name and of unknown type; the sample is called as always.
 * 3. Times are virtual, from the start of the run: also that of the last cycle.
 */
import {
  type GCStats,
  type MemStats,
  readGCStats,
  readMemStats,
  readMetrics,
  type World,
} from '@heaptape/core';

/** What a figure is read of. */
interface Basis {
  readonly memory: MemStats;
  readonly gc: GCStats;
  /** Values of the metrics in `READ`. */
  readonly metrics: Readonly<Record<ReadMetric, number>>;
}

export interface GoMetricSample {
  readonly suffix: '' | '_total' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
}

/** A family; the values of its samples come from `goMetricValues`, in the same order. */
export interface GoMetric {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'summary' | 'unknown';
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly GoMetricSample[];
}

type Read = (basis: Basis) => number;
type Spec = Omit<GoMetric, 'samples'> & {
  readonly samples: readonly (GoMetricSample & { readonly read: Read })[];
};

const READ = {
  gogc: '/gc/gogc:percent',
  memoryLimit: '/gc/gomemlimit:bytes',
  goroutines: '/sched/goroutines:goroutines',
  threads: '/sched/threads/total:threads',
  procs: '/sched/gomaxprocs:threads',
} as const;
type ReadMetric = keyof typeof READ;

/** Quantiles as OpenMetrics writes them, and the index of each among five. */
const QUANTILES = ['0.0', '0.25', '0.5', '0.75', '1.0'] as const;
const NS = 1e9;

/** Units that a name says it is in. */
const UNIT = /_(bytes|seconds|percent)$/;

const gauge = (name: string, help: string, read: Read): Spec => ({
  name: `go_${name}`,
  type: 'gauge',
  unit: UNIT.exec(name)?.[1] ?? '',
  help,
  samples: [{ suffix: '', labels: {}, read }],
});

const counter = (name: string, help: string, read: Read): Spec => ({
  name: `go_${name}`,
  type: 'counter',
  unit: '',
  help,
  samples: [{ suffix: '_total', labels: {}, read }],
});

/** A figure of MemStats that is a number. */
type Figure = {
  [K in keyof MemStats]: MemStats[K] extends number ? K : never;
}[keyof MemStats];

const memory = (name: string, figure: Figure, help: string): Spec =>
  gauge(`memstats_${name}`, help, (basis) => basis.memory[figure]);

const metric =
  (name: ReadMetric): Read =>
  ({ metrics }) =>
    metrics[name];

const PAUSES: Spec = {
  name: 'go_gc_duration_seconds',
  type: 'summary',
  unit: 'seconds',
  help: 'Stop-the-world time of a cycle: both its pauses, over the last 256 cycles.',
  samples: [
    ...QUANTILES.map((quantile, i) => ({
      suffix: '' as const,
      labels: { quantile },
      read: ({ gc }: Basis) => gc.PauseQuantiles[i] / NS,
    })),
    { suffix: '_sum', labels: {}, read: ({ gc }) => gc.PauseTotal / NS },
    { suffix: '_count', labels: {}, read: ({ gc }) => gc.NumGC },
  ],
};

const ALLOC_TOTAL: Spec = {
  name: 'go_memstats_alloc_bytes_total',
  type: 'unknown',
  unit: '',
  help: 'A counter: bytes of all objects ever allocated, freed ones included.',
  samples: [{ suffix: '', labels: {}, read: (basis) => basis.memory.TotalAlloc }],
};

const info = (version: string): Spec => ({
  name: 'go_info',
  type: 'gauge',
  unit: '',
  help: 'The Go release whose memory manager this is.',
  samples: [{ suffix: '', labels: { version }, read: () => 1 }],
});

/** All of them, by name. */
const specs = (version: string): readonly Spec[] => [
  PAUSES,
  gauge('gc_gogc_percent', 'GOGC in force; 2^64 is off.', metric('gogc')),
  gauge('gc_gomemlimit_bytes', 'Memory limit; 2^63 is none.', metric('memoryLimit')),
  gauge('goroutines', 'Goroutines that there are.', metric('goroutines')),
  info(version),
  memory('alloc_bytes', 'Alloc', 'Bytes of objects, unswept garbage included.'),
  ALLOC_TOTAL,
  memory('buck_hash_sys_bytes', 'BuckHashSys', "Bytes of the profiler's bucket table."),
  counter('memstats_frees', 'Objects freed, tiny ones included.', (basis) => basis.memory.Frees),
  memory('gc_sys_bytes', 'GCSys', 'Bytes of what the collector keeps for itself.'),
  memory('heap_alloc_bytes', 'HeapAlloc', 'The same as go_memstats_alloc_bytes.'),
  memory('heap_idle_bytes', 'HeapIdle', 'Bytes of spans that are free.'),
  memory('heap_inuse_bytes', 'HeapInuse', 'Bytes of spans with an object in them.'),
  memory('heap_objects', 'HeapObjects', 'Objects, unswept garbage included.'),
  memory('heap_released_bytes', 'HeapReleased', 'Bytes of free spans that the system has back.'),
  memory('heap_sys_bytes', 'HeapSys', 'Bytes of address space that the heap has.'),
  gauge(
    'memstats_last_gc_time_seconds',
    'When the last cycle ended, in seconds since the run began.',
    (basis) => basis.memory.LastGC / NS,
  ),
  counter(
    'memstats_mallocs',
    'Objects allocated, tiny ones included.',
    (basis) => basis.memory.Mallocs,
  ),
  memory('mcache_inuse_bytes', 'MCacheInuse', 'Bytes of mcache structs in use.'),
  memory('mcache_sys_bytes', 'MCacheSys', 'Bytes got from the system for mcache structs.'),
  memory('mspan_inuse_bytes', 'MSpanInuse', 'Bytes of mspan structs in use.'),
  memory('mspan_sys_bytes', 'MSpanSys', 'Bytes got from the system for mspan structs.'),
  memory('next_gc_bytes', 'NextGC', 'The heap goal; 2^53 - 1 is none.'),
  memory('other_sys_bytes', 'OtherSys', "Other bytes of the runtime's own."),
  memory('stack_inuse_bytes', 'StackInuse', 'Bytes of spans of stacks.'),
  memory('stack_sys_bytes', 'StackSys', 'Bytes got from the system for stacks.'),
  memory('sys_bytes', 'Sys', 'Bytes got from the system in all.'),
  gauge('sched_gomaxprocs_threads', 'GOMAXPROCS in force.', metric('procs')),
  gauge('threads', 'Threads of the process.', metric('threads')),
];

/** The families; `version` is that of Go, such as `go1.26`. */
export function goMetrics(version: string): readonly GoMetric[] {
  return specs(version).map(({ samples, ...family }) => ({
    ...family,
    samples: samples.map(({ suffix, labels }) => ({ suffix, labels })),
  }));
}

/** The values of all samples of all families at a state, in order. */
export function goMetricValues(world: World): number[] {
  const names = Object.keys(READ) as ReadMetric[];
  const read = readMetrics(
    world,
    names.map((name) => READ[name]),
  );
  const values = read.map(({ Value }) =>
    Value.kind === 'uint64' || Value.kind === 'float64' ? Value.value : 0,
  );
  const basis: Basis = {
    memory: readMemStats(world),
    gc: readGCStats(world, QUANTILES.length),
    metrics: Object.fromEntries(names.map((name, i) => [name, values[i]])) as Basis['metrics'],
  };
  return specs('').flatMap(({ samples }) => samples.map((sample) => sample.read(basis)));
}
