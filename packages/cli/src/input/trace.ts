/** Go's recordings as sources: an execution trace whole, a gctrace log line by line. */
import {
  ExecTraceReader,
  type GctraceRow,
  parseGctrace,
  type TraceRecording,
} from '@heaptape/formats';
import { type HeapPoint, recordedWorkload, type Workload } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { inFile, inFileLater } from '../failure.ts';
import type { Io } from '../io.ts';
import { startTask } from '../report/progress.ts';
import type { Source } from './source.ts';

/** What a gctrace log holds. */
export interface GctraceCycles {
  readonly rows: readonly GctraceRow[];
  /** Lines that begin like a cycle's and do not parse. */
  readonly damagedLines: number;
}

const MIB = 1024 * 1024;
/** Cycles of a log that are kept: at ten a second, a day's. */
const MOST_CYCLES = 1 << 20;
/** The longest line of a log that is looked at, characters. */
const MOST_LINE = 1 << 20;

/** Reads a whole execution trace. `asked` is `--progress`. */
export async function readTrace(
  io: Io,
  source: Source,
  asked: boolean | undefined,
): Promise<TraceRecording> {
  const task = startTask(io, asked, 'reading', source.fileBytes / MIB, 'MiB');
  try {
    return await inFileLater(source.name, async () => {
      const reader = new ExecTraceReader();
      for await (const chunk of source.chunks()) {
        reader.push(chunk);
        task.update(source.bytesRead() / MIB);
      }
      return reader.finish();
    });
  } finally {
    task.end();
    source.close();
  }
}

/** Reads a gctrace log: the standard error of a program, other lines included. */
export async function readGctrace(source: Source): Promise<GctraceCycles> {
  const rows: GctraceRow[] = [];
  let damagedLines = 0;
  const take = (text: string): void => {
    const log = parseGctrace(text);
    for (const row of log.rows) rows.push(row);
    damagedLines += log.damagedLines;
    if (rows.length > MOST_CYCLES) {
      throw new HeaptapeError('too-large', `${source.name}: more than ${MOST_CYCLES} cycles`);
    }
  };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source.chunks()) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    take(text.slice(0, end));
    rest = text.length - end > MOST_LINE ? '' : text.slice(end);
  }
  take(rest);
  source.close();
  if (rows.length > 0) return { rows, damagedLines };
  throw new HeaptapeError(
    'missing-data',
    `${source.name}: no gctrace line in it (read to the end)`,
    'run the program with GODEBUG=gctrace=1 and keep its standard error',
  );
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Why a source is neither a trace nor a log. */
export function notImportable({ name, format, head }: Source): HeaptapeError {
  if (head.length === 0) return new HeaptapeError('bad-format', `${name}: the file is empty`);
  if (format === 'tape') {
    return new HeaptapeError(
      'bad-format',
      `${name}: an SQLite database, perhaps a tape already (offset 0)`,
      'replay, state, whatif, sql and the other verbs read tapes directly',
    );
  }
  return new HeaptapeError(
    'bad-format',
    `${name}: no Go execution trace, gctrace log or heap dump (offset 0: ${hexOf(head)})`,
    'record with GODEBUG=traceallocfree=1 and runtime/trace, or with GODEBUG=gctrace=1',
  );
}

/** Reads an execution trace as a workload, and its recorded heap curve. */
export async function readWorkload(
  io: Io,
  source: Source,
  asked: boolean | undefined,
): Promise<{ readonly workload: Workload; readonly curve: readonly HeapPoint[] }> {
  const recording = await readTrace(io, source, asked);
  const { count, timeNs, heapLive, goal } = recording.heapSeries;
  const curve = Array.from({ length: count }, (_, i) => {
    return { timeNs: timeNs[i], heapLive: heapLive[i], heapGoal: goal[i] };
  });
  return { workload: inFile(source.name, () => recordedWorkload(recording)), curve };
}
