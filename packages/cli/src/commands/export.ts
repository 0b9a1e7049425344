/**
 * `heaptape export`: a tape's run in formats that other tools read; each is a file of `export/`.
 *
 * - `pprof`       allocations by site at a position, for `go tool pprof`;
 * - `perfetto`    cycles, pauses, workers, assists and heap sizes over time, for ui.perfetto.dev;
 * - `openmetrics` the metrics of a Go program at a position, or a series, for Prometheus and Grafana;
 * - `memstats`    what `runtime.ReadMemStats` would say at a position, and `expvar`, the page that has it;
 * - `gctrace`     the simulated cycles as `GODEBUG=gctrace=1` would print them;
 * - `gcpacertrace`, `scavtrace`  what pacer and scavenger would print under these settings;
 * - `jsonl`       an event a line, as JSON;
 * - `html`        the time-travel page with the tape inside, one file.
 */
import { HeaptapeError } from '@heaptape/schema';
import { type Command, Option } from 'commander';
import type { Exporter } from '../export/source.ts';
import type { Io } from '../io.ts';
import { writeOutput } from '../output/file.ts';
import { type CommonOptions, withExample, withProgress } from './common.ts';

interface Format {
  readonly load: () => Promise<Exporter>;
  /** Is of a state, so `--at` says which. */
  readonly atPosition?: true;
  /** Its points can have a time, so `--epoch` says when the run began. */
  readonly timed?: true;
  /** Can carry a part of the tape, and a second tape: `--from`, `--to`, `--compare`. */
  readonly carries?: true;
  /** No text: not for a terminal. */
  readonly binary?: true;
}

const FORMATS = {
  pprof: {
    load: async () => (await import('../export/pprof.ts')).exportPprof,
    atPosition: true,
    binary: true,
  },
  perfetto: {
    load: async () => (await import('../export/perfetto.ts')).exportPerfetto,
    binary: true,
  },
  openmetrics: {
    load: async () => (await import('../export/openmetrics.ts')).exportOpenMetrics,
    atPosition: true,
    timed: true,
  },
  memstats: {
    load: async () => (await import('../export/memstats.ts')).exportMemStats,
    atPosition: true,
  },
  expvar: {
    load: async () => (await import('../export/memstats.ts')).exportExpvar,
    atPosition: true,
  },
  gctrace: { load: async () => (await import('../export/gctrace.ts')).exportGctrace },
  gcpacertrace: {
    load: async () => (await import('../export/tracelines.ts')).exportGcpacertrace,
  },
  scavtrace: { load: async () => (await import('../export/tracelines.ts')).exportScavtrace },
  jsonl: { load: async () => (await import('../export/jsonl.ts')).exportJsonl },
  html: {
    load: async () => (await import('../export/html.ts')).exportHtml,
    atPosition: true,
    carries: true,
  },
} as const satisfies Readonly<Record<string, Format>>;

interface ExportOptions extends CommonOptions {
  readonly format: keyof typeof FORMATS;
  readonly output: string;
  readonly at?: string;
  readonly epoch?: number;
  readonly from?: string;
  readonly to?: string;
  readonly compare?: string;
}

const namesWhere = (has: (format: Format) => boolean): string =>
  Object.entries<Format>(FORMATS)
    .filter(([, format]) => has(format))
    .map(([name]) => name)
    .join(', ');

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Writes the run on a tape in another format.')
    .argument('<T.tape>', 'the tape')
    .addOption(
      new Option('--format <FORMAT>', 'what to write')
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .option('-o, --output <F>', "where to write it; '-' is stdout", '-')
    .option('--at <POSITION>', 'of a state: an event number, end, or cycle:K (default: end)')
    .option(
      '--epoch <SECONDS>',
      'openmetrics: when the run began, Unix seconds; --at cycles is a series',
      secondsOf,
    )
    .option('--from <POSITION>', 'html: leave out what is before')
    .option('--to <POSITION>', 'html: leave out what is after')
    .option('--compare <B.tape>', 'html: a second tape, on the same axis');
  withProgress(command);
  withExample(command, 'heaptape export app.tape --format pprof --at cycle:3 -o heap.pb.gz').action(
    async (file: string, options: ExportOptions) => {
      const { output, at, epoch, from, to, compare, progress } = options;
      checkUse(io, options);
      const produce = await FORMATS[options.format].load();
      const request = { io, file, at, epoch, from, to, compare, progress };
      await writeOutput(io, output, (write) => produce(request, write));
      finish(0);
    },
  );
}

function checkUse(io: Io, options: ExportOptions): void {
  const { format, output, at, epoch, from, to, compare } = options;
  const { atPosition, timed, carries, binary }: Format = FORMATS[format];
  if (at !== undefined && !atPosition) {
    const those = namesWhere((other) => other.atPosition === true);
    throw new HeaptapeError('bad-usage', `--at is for ${those}, not for ${format}`);
  }
  if (epoch !== undefined && !timed) {
    const those = namesWhere((other) => other.timed === true);
    throw new HeaptapeError('bad-usage', `--epoch is for ${those}, not for ${format}`);
  }
  const part = Object.entries({ from, to, compare }).find(([, value]) => value !== undefined);
  if (part !== undefined && !carries) {
    throw new HeaptapeError('bad-usage', `--${part[0]} is for html, not for ${format}`);
  }
  if (binary && output === '-' && Number.isFinite(io.width)) {
    const hint = 'name a file with -o, or send stdout to one';
    throw new HeaptapeError('bad-usage', `${format} is no text for a terminal`, hint);
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds <= MOST_SECONDS) return seconds;
  throw new HeaptapeError('bad-usage', `--epoch ${text}: not a time in Unix seconds`);
}

/** The year 9999. */
const MOST_SECONDS = 253_402_300_799;
