/**
 * `heaptape export`: a tape's run in formats that other tools read.
 *
 * - `gctrace`  the simulated cycles as `GODEBUG=gctrace=1` would print them;
 * - `gcpacertrace`, `scavtrace`  what pacer and scavenger would print under these settings;
 * - `jsonl`    an event a line, as JSON;
 * - `html`     the time-travel page with the tape inside, one file;
 * - `memstats` what `runtime.ReadMemStats` would say at a position, as JSON.
 */
import { formatGctraceLine } from '@heaptape/formats';
import type { FileTapeReader } from '@heaptape/log';
import { cyclesOf, notesOf, type RuntimeNote } from '@heaptape/replay';
import { argOffsets, EventBatch, eventRow, HeaptapeError } from '@heaptape/schema';
import { type Command, Option } from 'commander';
import { gctraceRows } from '../export/gctrace.ts';
import { exportHtml } from '../export/html.ts';
import { gcpacertraceLines, scavtraceLines } from '../export/tracelines.ts';
import { withTape } from '../input/tape.ts';
import type { Io } from '../io.ts';
import { type Write, writeOutput } from '../output/file.ts';
import { startTask } from '../report/progress.ts';
import { type CommonOptions, withExample, withProgress } from './common.ts';
import { stateAt } from './state.ts';

type Format = 'gctrace' | 'gcpacertrace' | 'scavtrace' | 'jsonl' | 'memstats' | 'html';

interface ExportOptions extends CommonOptions {
  readonly format: Format;
  readonly output: string;
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly compare?: string;
}

const FORMATS: readonly Format[] = [
  'gctrace',
  'gcpacertrace',
  'scavtrace',
  'jsonl',
  'memstats',
  'html',
];

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Writes the run on a tape in another format.')
    .argument('<T.tape>', 'the tape')
    .addOption(
      new Option('--format <FORMAT>', 'what to write').choices(FORMATS).makeOptionMandatory(),
    )
    .option('-o, --output <F>', "where to write it; '-' is stdout", '-')
    .option('--at <POSITION>', 'memstats, html: an event number, end, or cycle:K')
    .option('--from <POSITION>', 'html: leave out what is before')
    .option('--to <POSITION>', 'html: leave out what is after')
    .option('--compare <B.tape>', 'html: a second tape, on the same axis');
  withProgress(command);
  withExample(command, 'heaptape export app.tape --format gctrace -o app.gctrace.log').action(
    async (file: string, options: ExportOptions) => {
      checkUse(options);
      const produce = PRODUCERS[options.format];
      await writeOutput(io, options.output, (write) => produce(io, file, options, write));
      finish(0);
    },
  );
}

function checkUse({ format, at, from, to, compare }: ExportOptions): void {
  if (at !== undefined && format !== 'memstats' && format !== 'html') {
    throw new HeaptapeError('bad-usage', `--at is for memstats and html, not for ${format}`);
  }
  const given = Object.entries({ from, to, compare }).find(([, value]) => value !== undefined);
  if (given !== undefined && format !== 'html') {
    throw new HeaptapeError('bad-usage', `--${given[0]} is for html, not for ${format}`);
  }
}

type Producer = (io: Io, file: string, options: ExportOptions, write: Write) => Promise<void>;

const PRODUCERS: Readonly<Record<Format, Producer>> = {
  memstats: async (io, file, { at, progress }, write) => {
    const { memstats } = await stateAt(io, file, at ?? 'end', progress);
    await write(`${JSON.stringify(memstats, null, 2)}\n`);
  },
  html: (io, file, options, write) =>
    exportHtml({ ...options, io, file, progress: options.progress }, write),
  gctrace: (_io, file, _options, write) =>
    withTape(file, async (reader) => {
      const { simulated } = cyclesOf(reader);
      if (simulated.length === 0 && cyclesOf(reader).recorded.length > 0) throw onlyRecorded();
      for (const row of gctraceRows(simulated)) {
        await write(`${formatGctraceLine(row)}\n`);
      }
    }),
  gcpacertrace: (_io, file, _options, write) => writeNotes(file, gcpacertraceLines, write),
  scavtrace: (_io, file, _options, write) => writeNotes(file, scavtraceLines, write),
  jsonl: (io, file, { progress }, write) =>
    withTape(file, (reader) => writeEvents(io, reader, progress, write)),
};

function writeNotes(
  file: string,
  lines: (notes: readonly RuntimeNote[]) => readonly string[],
  write: Write,
): Promise<void> {
  return withTape(file, async (reader) => {
    if (cyclesOf(reader).simulated.length === 0 && cyclesOf(reader).recorded.length > 0) {
      throw onlyRecorded();
    }
    for (const line of lines(notesOf(reader))) await write(`${line}\n`);
  });
}

function onlyRecorded(): HeaptapeError {
  return new HeaptapeError(
    'missing-data',
    'no simulated cycle on this tape, only recorded ones',
    'the table cycles of `heaptape sql` has the recorded ones',
  );
}

async function writeEvents(
  io: Io,
  reader: FileTapeReader,
  asked: boolean | undefined,
  write: Write,
): Promise<void> {
  const task = startTask(io, asked, 'exporting', reader.events, 'events');
  const batch = new EventBatch();
  try {
    for (let segment = 0; segment < reader.segments.length; segment += 1) {
      reader.readSegment(segment, batch);
      const offsets = argOffsets(batch);
      for (let i = 0; i < batch.count; i += 1) {
        await write(`${JSON.stringify(eventRow(batch, i, offsets[i]))}\n`);
      }
      task.update(batch.firstSeq + batch.count - 1);
    }
  } finally {
    task.end();
  }
}
