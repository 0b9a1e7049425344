/** A heap dump onto a tape: its objects, pointers, roots and finalizers, then one collection. */
import { configWith, Decider } from '@heaptape/core';
import { describeRoot, type HeapDump, HeapDumpReader, ROOT_KINDS } from '@heaptape/formats';
import {
  type DumpNames,
  playDump,
  recordRun,
  SITE_STACKS,
  type SiteFrame,
  type SiteStacks,
} from '@heaptape/replay';
import type { TapeWriter } from '@heaptape/schema';
import { inFileLater } from '../failure.ts';
import type { Source } from '../input/source.ts';
import type { Io } from '../io.ts';
import { startTask } from '../report/progress.ts';
import type { Imported, Warning } from './imported.ts';

const MIB = 1024 * 1024;
const FRAME_WORD = ROOT_KINDS.indexOf('frame-word');
const FINALIZER = ROOT_KINDS.indexOf('finalizer');

/** Reads the dump and puts it onto the tape. `asked` is `--progress`. */
export async function importHeapDump(
  io: Io,
  source: Source,
  writer: TapeWriter,
  asked: boolean | undefined,
): Promise<Imported> {
  const dump = withoutFrameWords(await readHeapDump(io, source, asked));
  const { params, objects, memstats } = dump;
  const classic =
    params.version.includes('nogreenteagc') || !/go1\.(2[6-9]|[3-9]\d)/.test(params.version);
  const config = configWith({
    gcPercent: -1,
    procs: Math.max(1, params.cpus),
    collector: classic ? 'classic' : 'greentea',
    layout: classic ? 'go1.22' : 'go1.26',
  });
  const task = startTask(io, asked, 'placing', objects.count, 'objects');
  const names = namesOf(dump);
  let firsts: readonly number[] = [];
  const { events } = recordRun(writer, (sink, started) => {
    const decider = new Decider(config, sink);
    started(decider);
    firsts = playDump(decider, dump, names, (done) => task.update(done));
    decider.end();
    return decider;
  });
  task.end();
  writer.putDocument('recorded-memstats', memstats);
  writer.putDocument(SITE_STACKS, stacksOf(dump, names, firsts));
  return {
    report: {
      format: 'heapdump',
      goVersion: params.version,
      objects: objects.count,
      bytes: objects.bytes.reduce((sum, bytes) => sum + bytes, 0),
      events,
      goroutines: dump.goroutines.length,
      durationNs: 0,
      cycles: [],
      warnings: warningsOf(dump),
      settings: null,
      inputBytes: dump.counts.bytes,
    },
    simulated: [],
  };
}

function readHeapDump(io: Io, source: Source, asked: boolean | undefined): Promise<HeapDump> {
  const task = startTask(io, asked, 'reading', source.fileBytes / MIB, 'MiB');
  return inFileLater(source.name, async () => {
    const reader = new HeapDumpReader();
    for await (const chunk of source.chunks()) {
      reader.push(chunk);
      task.update(source.bytesRead() / MIB);
    }
    return reader.finish();
  }).finally(() => {
    task.end();
    source.close();
  });
}

/**
 * Words of stack frames beyond the compiler's maps are roots only perhaps, and mostly stale; Go's own
 * mark does not follow them.
 */
function withoutFrameWords(dump: HeapDump): HeapDump {
  const { roots } = dump;
  const target = roots.target.map((object, root) =>
    roots.kind[root] === FRAME_WORD ? -1 : object,
  );
  return { ...dump, roots: { ...roots, target } };
}

interface NamesOfDump extends DumpNames {
  readonly types: ReadonlyMap<number, string>;
}

/**
 * The type of an object is known where it has a finalizer. Of others the call that allocated them is, if
 * the memory profile sampled them.
 */
function namesOf(dump: HeapDump): NamesOfDump {
  const types = new Map<number, string>();
  for (const { object, ot } of dump.finalizers) {
    const type = dump.types.get(ot)?.name;
    if (type !== undefined) types.set(object, type);
  }
  const siteName = (site: number): string => {
    const [call] = site < 0 ? [] : dump.sites[site].stack.filter(({ func }) => !isRuntime(func));
    return call === undefined ? '' : `${call.func} ${baseName(call.file)}:${call.line}`;
  };
  return {
    types,
    object: (object) => types.get(object) ?? siteName(dump.objects.site[object]),
    stack: (object) => dump.objects.site[object],
    root: (root) => describeRoot(dump, root),
    isFinalizer: (root) => dump.roots.kind[root] === FINALIZER,
  };
}

/** Stacks of the sites on the tape, whose first objects these are; from the program's own caller on. */
function stacksOf(
  { objects, sites }: HeapDump,
  { types }: NamesOfDump,
  firsts: readonly number[],
): SiteStacks {
  const frames: SiteFrame[] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ func, file, line }: SiteFrame): number => {
    const key = `${func}\n${file}\n${line}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, frames.length);
    return frames.push({ func, file, line }) - 1;
  };
  const stacks = firsts.flatMap((object, i) => {
    const stack = objects.site[object] < 0 ? [] : sites[objects.site[object]].stack;
    if (stack.length === 0) return [];
    const callers = stack.findIndex(({ func }) => !isRuntime(func));
    const known = stack.slice(Math.max(0, callers)).map(numberOf);
    return [{ site: i + 1, frames: known, type: types.get(object) ?? '' }];
  });
  return { frames, stacks };
}

/** Allocation functions of the runtime say nothing about who allocated. */
const isRuntime = (func: string): boolean => /^(runtime|internal\/runtime\/\w+)\./.test(func);

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

function warningsOf({ counts }: HeapDump): Warning[] {
  const all: [string, number][] = [
    ["object records were the runtime's own bits at the end of a span", counts.phantoms],
    ['pointer offsets lie outside their stack frame', counts.fieldsOutside],
    ['samples of the memory profile belong to no object', counts.samplesLost],
    ['bytes follow the end of the dump', counts.trailingBytes],
  ];
  return all.filter(([, count]) => count > 0).map(([message, count]) => ({ message, count }));
}
