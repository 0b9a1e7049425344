/**
 * `heaptape import`: one of Go's own files becomes a tape.
 *
 * 1. The format is told from the content.
 * 2. An execution trace is read whole; the settings it was recorded under are inferred from it, and
 *    its workload is run under them on the simulated heap, straight onto the tape.
 * 3. A gctrace log has no workload: its cycles go onto the tape as annotations.
 * 4. The tape appears under its final name when it is whole, or not at all.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { sniffFormat } from '@heaptape/formats';
import { type ClosableTapeWriter, openFastTapeWriter } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import { type Command, Option } from 'commander';
import { about } from '../failure.ts';
import { importGctrace } from '../import/gctrace.ts';
import { importHeapDump } from '../import/heapdump.ts';
import type { Imported } from '../import/imported.ts';
import { importTrace } from '../import/trace.ts';
import { firstBytes, openSource, type Source } from '../input/source.ts';
import { notImportable } from '../input/trace.ts';
import { type Io, print, printJson } from '../io.ts';
import {
  type Collector,
  type GivenSettings,
  parseCollector,
  parseGogc,
  parseMemoryLimit,
  parseProcs,
  withEnvironment,
} from '../settings.ts';
import {
  type CommonOptions,
  ENVIRONMENT_HELP,
  withExample,
  withJson,
  withProgress,
} from './common.ts';

interface ImportOptions extends CommonOptions {
  readonly output: string;
  readonly format: 'auto' | 'exectrace' | 'gctrace' | 'heapdump';
  readonly gogc?: number;
  readonly memlimit?: number;
  readonly procs?: number;
  readonly collector?: Collector;
}

const FORMATS = ['auto', 'exectrace', 'gctrace', 'heapdump'];

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Reads a Go execution trace with allocation events (GODEBUG=traceallocfree=1, Go 1.23 or later), a
gctrace log or a heap dump (debug.WriteHeapDump), and writes a tape. A trace's workload runs on the simulated heap under the settings
it was recorded under, which are inferred from it.`,
    )
    .argument('<FILE>', "trace, log or dump, perhaps compressed with gzip; '-' is standard input")
    .requiredOption('-o, --output <T.tape>', 'the tape to write')
    .addOption(new Option('--format <FORMAT>', 'what the file is').choices(FORMATS).default('auto'))
    .option('--gogc <N|off>', 'GOGC to run under', parseGogc)
    .option('--memlimit <SIZE|off>', 'GOMEMLIMIT to run under', parseMemoryLimit)
    .option('--procs <N>', 'GOMAXPROCS to run under', parseProcs)
    .option('--collector <NAME>', 'classic (to Go 1.25) or greentea (Go 1.26)', parseCollector);
  withProgress(withJson(command)).addHelpText('after', ENVIRONMENT_HELP);
  withExample(command, 'heaptape import app.trace -o app.tape').action(
    async (file: string, options: ImportOptions) => {
      await runImport(io, file, options);
      finish(0);
    },
  );
}

async function runImport(io: Io, file: string, options: ImportOptions): Promise<void> {
  const flags = flagsOf(options);
  const given = withEnvironment(flags, io.env);
  const source = await openSource(io, file);
  try {
    const kind = kindOf(source, options.format);
    if (kind !== 'exectrace' && Object.keys(flags).length > 0) throw noWorkload(source.name, kind);
    refuseOverwriting(file, options.output);
    const imported = await toTape(source.name, options.output, (writer) => {
      if (kind === 'gctrace') return importGctrace(source, writer);
      if (kind === 'heapdump') return importHeapDump(io, source, writer, options.progress);
      return importTrace(io, source, writer, given, options.progress);
    });
    if (options.json) await printJson(io, imported.report);
    else {
      const { importText } = await import('../report/imported.ts');
      await print(io.stdout, importText(imported, source.name, options.output, io.width));
    }
  } finally {
    source.close();
  }
}

function flagsOf({ gogc, memlimit, procs, collector }: ImportOptions): GivenSettings {
  return {
    ...(gogc === undefined ? {} : { gcPercent: gogc }),
    ...(memlimit === undefined ? {} : { memoryLimit: memlimit }),
    ...(procs === undefined ? {} : { procs }),
    ...(collector === undefined ? {} : { collector }),
  };
}

type Kind = Imported['report']['format'];

function kindOf(source: Source, asked: ImportOptions['format']): Kind {
  const kind = asked === 'auto' || source.head.length === 0 ? source.format : asked;
  if (kind === 'exectrace' || kind === 'gctrace' || kind === 'heapdump') return kind;
  throw notImportable(source);
}

const KIND_TEXT = { gctrace: 'gctrace log', heapdump: 'heap dump', exectrace: 'trace' } as const;

function noWorkload(name: string, kind: Kind): HeaptapeError {
  return new HeaptapeError(
    'bad-usage',
    `${name}: a ${KIND_TEXT[kind]} has no workload to run under other settings`,
    'leave --gogc, --memlimit, --procs and --collector out, or import an execution trace',
  );
}

/** A tape may be replaced; any other file under its name is somebody's data. */
function refuseOverwriting(input: string, output: string): void {
  if (output === '-') {
    throw new HeaptapeError('bad-usage', 'a tape cannot be written to stdout: it is a database');
  }
  if (input !== '-' && resolve(input) === resolve(output)) {
    throw new HeaptapeError('bad-usage', `${output}: input and output are the same file`);
  }
  const existing = statSync(output, { throwIfNoEntry: false });
  if (!existing?.isFile() || existing.size === 0) return;
  if (sniffFormat(firstBytes(output)) === 'tape') return;
  throw new HeaptapeError(
    'bad-usage',
    `${output}: exists and is no tape; it is left as it is`,
    'choose another name, or remove it first',
  );
}

/** Opens the tape, fills it and gives it its name; whatever goes wrong removes it. */
async function toTape(
  input: string,
  path: string,
  fill: (writer: ClosableTapeWriter) => Promise<Imported>,
): Promise<Imported> {
  let writer: ClosableTapeWriter | undefined;
  try {
    writer = openFastTapeWriter(path, availableParallelism());
    const imported = await fill(writer);
    writer.putDocument('import', imported.report);
    writer.close();
    return imported;
  } catch (error) {
    giveUp(writer);
    throw about(input, error, path);
  }
}

/** On a failing disk this may fail as well; the error that led here is the one to tell. */
function giveUp(writer: ClosableTapeWriter | undefined): void {
  try {
    writer?.abort();
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
  }
}
