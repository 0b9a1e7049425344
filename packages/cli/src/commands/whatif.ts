/**
 * `heaptape whatif`: one workload under every combination of the settings that are listed.
 *
 * A setting that is not listed has the value that the environment gives it, or else the recording's.
 * With nothing listed and nothing in the environment, four values of GOGC are tried.
 */
import { DEFAULT_CACHES } from '@heaptape/core';
import { type Scenario, tapeWorkload, type Workload, whatIf } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import type { Command } from 'commander';
import { limitOrNull } from '../import/imported.ts';
import { openSource } from '../input/source.ts';
import { withTape } from '../input/tape.ts';
import { notImportable, readWorkload } from '../input/trace.ts';
import { type Io, print, printJson } from '../io.ts';
import { writeOutput } from '../output/file.ts';
import { whatIfPage } from '../report/page.ts';
import { startTask } from '../report/progress.ts';
import type { Study } from '../report/study.ts';
import { whatIfText } from '../report/whatif.ts';
import {
  type Collector,
  environmentSettings,
  listOf,
  parseCollector,
  parseGogc,
  parseMemoryLimit,
  parseProcs,
  type SettingLists,
} from '../settings.ts';
import {
  type CommonOptions,
  ENVIRONMENT_HELP,
  withExample,
  withJson,
  withProgress,
} from './common.ts';

interface WhatIfFlags extends CommonOptions {
  readonly gogc?: readonly number[];
  readonly memlimit?: readonly number[];
  readonly procs?: readonly number[];
  readonly collector?: readonly Collector[];
  readonly compact?: boolean;
  readonly caches?: boolean;
  readonly quick?: boolean;
  readonly html?: string;
}

const DEFAULT_GOGC = [50, 100, 200, 400];
const MOST_SCENARIOS = 256;
const EXAMPLE =
  'heaptape whatif app.trace --gogc 50,100,200 --memlimit off,64MiB --html report.html';

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Runs the workload of a recording or a tape under each combination of the settings listed. When objects
died is known only within limits, and so is what marking cost; figures are the middle of what fits
the recording, with the least and the most of it.`,
    )
    .argument('<FILE>', "a Go execution trace or a tape; '-' is standard input")
    .option('--gogc <LIST>', 'values of GOGC, such as 50,100,off', listOf(parseGogc))
    .option(
      '--memlimit <LIST>',
      'values of GOMEMLIMIT, such as off,64MiB',
      listOf(parseMemoryLimit),
    )
    .option('--procs <LIST>', 'values of GOMAXPROCS', listOf(parseProcs))
    .option('--collector <LIST>', 'classic, greentea, or both', listOf(parseCollector))
    .option('--compact', 'the experiment: move objects together after every mark phase')
    .option(
      '--caches',
      'count the cache lines and pages that marking touches (tapes with pointers)',
    )
    .option('--quick', 'a third of the runs: leave the spread of marking costs out')
    .option('--html <F>', 'also write a page with charts, a single file');
  withProgress(withJson(command)).addHelpText('after', ENVIRONMENT_HELP);
  withExample(command, EXAMPLE).action(async (file: string, flags: WhatIfFlags) => {
    await runWhatIf(io, file, flags);
    finish(0);
  });
}

async function runWhatIf(io: Io, file: string, flags: WhatIfFlags): Promise<void> {
  if (flags.html === '-' && flags.json) {
    throw new HeaptapeError('bad-usage', '--html - and --json cannot share stdout');
  }
  const lists = listsOf(flags, io);
  const study = await studyFile(io, file, lists, flags);
  if (flags.html !== undefined) {
    const page = whatIfPage(study);
    await writeOutput(io, flags.html, (write) => write(page));
  }
  if (flags.json) await printJson(io, reportOf(study));
  else if (flags.html !== '-') await print(io.stdout, whatIfText(study, io.width));
}

/** Values to try: flags, then the environment, then GOGC's defaults if nothing at all was set. */
function listsOf(flags: WhatIfFlags, io: Io): SettingLists {
  const { gcPercent, memoryLimit, procs } = environmentSettings(io.env);
  const from = <T>(
    list: readonly T[] | undefined,
    value: T | undefined,
  ): readonly T[] | undefined => list ?? (value === undefined ? undefined : [value]);
  const gogc = from(flags.gogc, gcPercent);
  const limits = from(flags.memlimit, memoryLimit);
  const counts = from(flags.procs, procs);
  const nothing = [gogc, limits, counts, flags.collector].every((list) => list === undefined);
  return {
    ...(gogc === undefined ? {} : { gcPercent: gogc }),
    ...(nothing ? { gcPercent: DEFAULT_GOGC } : {}),
    ...(limits === undefined ? {} : { memoryLimit: limits }),
    ...(counts === undefined ? {} : { procs: counts }),
    ...(flags.collector === undefined ? {} : { collector: flags.collector }),
  };
}

async function studyFile(
  io: Io,
  file: string,
  lists: SettingLists,
  flags: WhatIfFlags,
): Promise<Study> {
  const source = await openSource(io, file);
  try {
    if (source.format === 'tape' && file !== '-') {
      source.close();
      return await withTape(file, (reader) => {
        const imported = reader.document('import');
        const format = formatOf(imported);
        const counted = format === 'heapdump' && flags.caches === true;
        if (format === 'gctrace' || (format === 'heapdump' && !counted)) {
          throw withoutAllocations(format);
        }
        return study(io, file, tapeWorkload(reader), lists, flags);
      });
    }
    if (source.format === 'gctrace' || source.format === 'heapdump') {
      throw withoutAllocations(source.format, `${source.name}: `);
    }
    if (source.format !== 'exectrace') throw notImportable(source);
    const { workload, curve } = await readWorkload(io, source, flags.progress);
    return { ...study(io, source.name, workload, lists, flags), recordedSeries: curve };
  } finally {
    source.close();
  }
}

function withoutPointers(name: string): HeaptapeError {
  return new HeaptapeError(
    'missing-data',
    `${name}: a recording knows no pointers, so what marking touches cannot be counted`,
    'use a tape of a heap dump (debug.WriteHeapDump), or of a program written against the library',
  );
}

/** What a tape was imported from; undefined where it was not. */
const formatOf = (imported: unknown): unknown =>
  typeof imported === 'object' && imported !== null && 'format' in imported
    ? imported.format
    : undefined;

const LACKING = {
  gctrace: 'a gctrace log holds cycles but no allocations to run again',
  heapdump: 'a heap dump holds objects but not when they were allocated',
} as const;

function withoutAllocations(format: keyof typeof LACKING, prefix = ''): HeaptapeError {
  return new HeaptapeError(
    'missing-data',
    `${prefix}${LACKING[format]}`,
    'record an execution trace with GODEBUG=traceallocfree=1 and Go 1.23 or later',
  );
}

function study(
  io: Io,
  name: string,
  workload: Workload,
  lists: SettingLists,
  flags: WhatIfFlags,
): Study {
  if (flags.caches && !workload.exact) throw withoutPointers(name);
  const scenarios = scenariosOf(workload, lists).map((scenario) =>
    flags.compact ? { ...scenario, compact: true } : scenario,
  );
  const task = startTask(io, flags.progress, 'simulating', scenarios.length, 'settings');
  try {
    const answer = whatIf(workload, scenarios, {
      quick: flags.quick ?? false,
      ...(flags.caches ? { caches: DEFAULT_CACHES } : {}),
      onProgress: (share) => task.update(share * scenarios.length),
    });
    const { gcPercent, memoryLimit, procs, collector } = workload.config;
    const own: Scenario = { gogc: gcPercent, memoryLimit, procs, collector };
    return { name, own, answer, warnings: workload.warnings, recordedSeries: [] };
  } finally {
    task.end();
  }
}

/** Every combination, GOGC varying fastest. */
function scenariosOf({ config }: Workload, lists: SettingLists): Scenario[] {
  const collectors = lists.collector ?? [config.collector];
  const counts = lists.procs ?? [config.procs];
  const limits = lists.memoryLimit ?? [config.memoryLimit];
  const percents = lists.gcPercent ?? [config.gcPercent];
  const total = collectors.length * counts.length * limits.length * percents.length;
  if (total > MOST_SCENARIOS) {
    throw new HeaptapeError(
      'bad-usage',
      `${total} combinations of settings; ${MOST_SCENARIOS} is the most`,
    );
  }
  return collectors.flatMap((collector) =>
    counts.flatMap((procs) =>
      limits.flatMap((memoryLimit) =>
        percents.map((gogc) => ({ gogc, memoryLimit, procs, collector })),
      ),
    ),
  );
}

/** The keys of `whatif --json`. A limit of null is none; GOGC -1 is off. */
function reportOf({ own, answer }: Study): unknown {
  const { recorded, scenarios } = answer;
  return {
    recorded: { ...own, memoryLimit: limitOrNull(own.memoryLimit), ...recorded },
    scenarios: scenarios.map(({ series: _s, cycleList: _c, ...figures }) => ({
      ...figures,
      memoryLimit: limitOrNull(figures.memoryLimit),
    })),
  };
}
