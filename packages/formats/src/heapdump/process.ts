/**
 * The records about the whole process: params, memory statistics, and the sites of the memory profile.
 *
 * The params record must come first: it says how pointers are stored.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { HeapDumpCall, HeapDumpMemStats } from './dump.ts';
import { addRow } from './raw.ts';
import type { RecordSource } from './source.ts';

/** Most calls in a stack of the memory profile; Go's own limit is 1024. */
const MAX_CALLS = 65536;
/** Most calls in all stacks of the memory profile. */
const MAX_ALL_CALLS = 1 << 22;
const PAUSES = 256;

/** The counters of a memstats record before the pauses, in order. */
const COUNTERS = [
  'Alloc',
  'TotalAlloc',
  'Sys',
  'Lookups',
  'Mallocs',
  'Frees',
  'HeapAlloc',
  'HeapSys',
  'HeapIdle',
  'HeapInuse',
  'HeapReleased',
  'HeapObjects',
  'StackInuse',
  'StackSys',
  'MSpanInuse',
  'MSpanSys',
  'MCacheInuse',
  'MCacheSys',
  'BuckHashSys',
  'GCSys',
  'OtherSys',
  'NextGC',
  'LastGC',
  'PauseTotalNs',
] as const;

export function paramsRecord({ cursor, dump, fields }: RecordSource): void {
  const bigEndian = cursor.bool();
  const pointerBytes = cursor.uvarint();
  const arenaStart = cursor.address();
  const arenaEnd = cursor.address();
  const arch = cursor.name();
  const version = cursor.name();
  const cpus = cursor.uvarint();
  cursor.complete();
  if (dump.params !== undefined) cursor.fail('a second params record');
  if (pointerBytes !== 4 && pointerBytes !== 8) cursor.fail(`pointers of ${pointerBytes} bytes`);
  dump.params = { bigEndian, pointerBytes, arenaStart, arenaEnd, arch, version, cpus };
  cursor.setPointers(pointerBytes, bigEndian);
  fields.setPointerBytes(pointerBytes);
  dump.roots.low = arenaStart;
  dump.roots.high = arenaEnd;
}

export function memstatsRecord({ cursor, dump }: RecordSource): void {
  const values = COUNTERS.map(() => cursor.uvarint());
  cursor.complete();
  const PauseNs: number[] = [];
  for (let i = 0; i < PAUSES; i++) {
    PauseNs.push(cursor.uvarint());
    cursor.complete();
  }
  const NumGC = cursor.uvarint();
  cursor.complete();
  if (dump.memstats !== undefined) cursor.fail('a second memstats record');
  const counters = Object.fromEntries(COUNTERS.map((name, i) => [name, values[i]]));
  dump.memstats = { ...(counters as Counters), PauseNs, NumGC };
}

type Counters = Omit<HeapDumpMemStats, 'PauseNs' | 'NumGC'>;

export function siteRecord({ cursor, dump }: RecordSource): void {
  const address = cursor.address();
  const bytes = cursor.uvarint();
  const calls = cursor.uvarint();
  cursor.complete();
  if (calls > MAX_CALLS) cursor.fail(`a stack of ${calls} calls`);
  const stack: HeapDumpCall[] = [];
  for (let i = 0; i < calls; i++) {
    const func = dump.intern(cursor.name());
    const file = dump.intern(cursor.name());
    stack.push({ func, file, line: cursor.uvarint() });
  }
  const allocs = cursor.uvarint();
  const frees = cursor.uvarint();
  cursor.complete();
  dump.callCount += calls;
  if (dump.callCount > MAX_ALL_CALLS) {
    throw new HeaptapeError('too-large', `the memory profile has over ${MAX_ALL_CALLS} calls`);
  }
  addRow(dump.sites, { address, bytes, stack, allocs, frees }, 'allocation sites');
}
