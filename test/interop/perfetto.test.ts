/**
 * Our Perfetto traces under a schema that another library decodes, and the rules that the viewer needs. Where
 * Python has the `perfetto` package its own schema decodes them too; where trace_processor_shell is on
 * PATH it is asked. What is absent is skipped by name.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerOf, heaptape } from '../e2e/heaptape.testkit.ts';
import { exported, hasTool, memstatsOf, tapesOf } from './tapes.testkit.ts';

const SCHEMA = fileURLToPath(new URL('perfetto.proto', import.meta.url));
const READER = fileURLToPath(new URL('read_perfetto.py', import.meta.url));
const HAS_PYTHON = hasTool(
  'python3',
  ['-c', 'import perfetto.protos.perfetto.trace.perfetto_trace_pb2'],
  'with perfetto: traces are not decoded by its own schema',
);
const HAS_SHELL = hasTool('trace_processor_shell', ['--version'], 'traces are not queried');
const tapes = tapesOf();

interface Packet {
  readonly timestamp?: number;
  readonly trustedPacketSequenceId: number;
  readonly sequenceFlags: number;
  readonly firstPacketOnSequence?: boolean;
  readonly internedData?: {
    readonly eventNames?: { iid: number; name: string }[];
    readonly debugAnnotationNames?: { iid: number; name: string }[];
  };
  readonly trackDescriptor?: {
    readonly uuid: number;
    readonly name?: string;
    readonly parentUuid?: number;
    readonly process?: { pid: number; processName: string };
    readonly counter?: object;
  };
  readonly trackEvent?: {
    readonly type: number;
    readonly trackUuid: number;
    readonly nameIid?: number;
    readonly name?: string;
    readonly counterValue?: number;
    readonly doubleCounterValue?: number;
    readonly debugAnnotations?: { nameIid?: number; name?: string }[];
  };
}

const [BEGIN, END, COUNTER] = [1, 2, 4];

/** The packets of a trace. Every byte must be of a field that the schema has. */
async function packetsOf(bytes: Uint8Array): Promise<Packet[]> {
  const Trace = (await protobuf.load(SCHEMA)).lookupType('heaptape.Trace');
  const trace = Trace.decode(bytes);
  expect(Trace.encode(trace).finish().length).toBe(bytes.length);
  return (Trace.toObject(trace, { longs: Number }) as { packet: Packet[] }).packet;
}

interface Page {
  /** Slices and instants by track and name. */
  readonly counts: ReadonlyMap<string, number>;
  /** The last value of each counter. */
  readonly counters: ReadonlyMap<string, number>;
  readonly lengths: ReadonlyMap<string, number>;
}

/** What a trace shows, once it keeps the rules of a viewer. */
function pageOf(packets: readonly Packet[]): Page {
  const tracks = new Map<number, NonNullable<Packet['trackDescriptor']>>();
  const names = new Map<number, string>();
  const args = new Map<number, string>();
  const last = new Map<number, number>();
  const open = new Map<number, [string, number][]>();
  const counts = new Map<string, number>();
  const counters = new Map<string, number>();
  const lengths = new Map<string, number>();
  expect(packets[0]).toMatchObject({ sequenceFlags: 1, firstPacketOnSequence: true });
  for (const [i, packet] of packets.entries()) {
    expect([packet.trustedPacketSequenceId, packet.sequenceFlags]).toEqual([1, i === 0 ? 1 : 2]);
    for (const { iid, name } of packet.internedData?.eventNames ?? []) names.set(iid, name);
    for (const { iid, name } of packet.internedData?.debugAnnotationNames ?? [])
      args.set(iid, name);
    const described = packet.trackDescriptor;
    if (described !== undefined) {
      if (described.process === undefined) {
        expect(tracks.has(described.parentUuid ?? -1)).toBe(true);
      }
      tracks.set(described.uuid, described);
    }
    const event = packet.trackEvent;
    if (event === undefined) continue;
    const id = event.trackUuid;
    const track = tracks.get(id) ?? expect.fail(`track ${id} is not described`);
    const ns = packet.timestamp ?? 0;
    expect(ns).toBeGreaterThanOrEqual(last.get(id) ?? 0);
    last.set(id, ns);
    for (const arg of event.debugAnnotations ?? []) {
      expect(arg.name ?? args.get(arg.nameIid ?? 0)).toMatch(/\w/);
    }
    if (event.type === COUNTER) {
      expect(track.counter).toBeDefined();
      counters.set(track.name ?? '', event.counterValue ?? event.doubleCounterValue ?? Number.NaN);
      continue;
    }
    expect(track.counter).toBeUndefined();
    if (event.type === END) {
      const [key, from] = open.get(id)?.pop() ?? expect.fail('nothing is open');
      lengths.set(key, (lengths.get(key) ?? 0) + ns - from);
      continue;
    }
    const name = event.name ?? names.get(event.nameIid ?? 0) ?? expect.fail('no name');
    const key = `${track.name}: ${name.replace(/\d+$/, '#')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (event.type === BEGIN) open.set(id, [...(open.get(id) ?? []), [key, ns]]);
  }
  for (const slices of open.values()) expect(slices).toEqual([]);
  return { counts, counters, lengths };
}

beforeAll(() => tapes.make());

describe('a Perfetto trace', () => {
  test('of a recording shows its cycles, pauses, workers, assists and what was recorded', async () => {
    const bytes = readFileSync(await exported(tapes, tapes.trace, 'perfetto'));
    const { counts, counters, lengths } = pageOf(await packetsOf(bytes));
    const m = await memstatsOf(tapes.trace, 'end');
    const shown = [
      ['GC: GC #', m['NumGC']],
      ['GC: mark', m['NumGC']],
      ['Stop the world: GC sweep termination', m['NumGC']],
      ['Stop the world: GC mark termination', m['NumGC']],
      ['Sweep: sweep of GC #', m['NumGC']],
      ['GC as recorded: GC #', 24],
    ] as const;
    for (const [key, count] of shown) expect([key, counts.get(key)]).toEqual([key, count]);
    const keys = [...counts.keys()];
    expect(keys.some((key) => /^P \d: (dedicated|fractional|idle)$/.test(key))).toBe(true);
    expect(keys.some((key) => /^goroutine \d+: mark assist$/.test(key))).toBe(true);
    const pauses = [...lengths].filter(([key]) => key.startsWith('Stop the world: '));
    expect(pauses.reduce((sum, [, ns]) => sum + ns, 0)).toBe(m['PauseTotalNs']);
    const { pacer } = await answerOf<{ pacer: Record<string, number> }>(['state', tapes.trace]);
    expect(counters.get('Heap live')).toBe(pacer['heapLive']);
    expect(counters.get('Heap goal')).toBe(pacer['heapGoal']);
    expect(counters.get('GC trigger')).toBe(pacer['trigger']);
    expect(counters.get('Memory mapped')).toBe(m['Sys'] - m['HeapReleased']);
    expect(counters.get('GC CPU')).toBeCloseTo(m['GCCPUFraction'] * 100, 1);
  });

  test('of a program shows its calls and its finalizer', async () => {
    const bytes = readFileSync(await exported(tapes, tapes.program, 'perfetto'));
    const { counts, counters } = pageOf(await packetsOf(bytes));
    expect(counts.get('Calls of the runtime: runtime.GC')).toBe(3);
    expect(counts.get('Finalizer and cleanup queues: finalizer queued')).toBe(1);
    expect(counters.get('Goroutines')).toBeGreaterThan(0);
  });

  test('is the same on stdout, and whole at every packet', async () => {
    const bytes = readFileSync(await exported(tapes, tapes.program, 'perfetto'));
    const file = join(tapes.folder, 'stdout.pftrace');
    const script = '"$@" > "$0"';
    const bin = fileURLToPath(new URL('../../packages/cli/bin/heaptape.js', import.meta.url));
    const words = [
      process.execPath,
      bin,
      'export',
      tapes.program,
      '--format',
      'perfetto',
      '-o',
      '-',
    ];
    execFileSync('bash', ['-c', script, file, ...words]);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    const packets = await packetsOf(bytes);
    const [first] = packets;
    expect(first.trackDescriptor?.process).toEqual({ pid: 1, processName: 'program' });
  });

  test('of a log shows what was recorded, though nothing was simulated', async () => {
    const log = fileURLToPath(
      new URL('../fixtures/traces/compile-regexp.gctrace.log', import.meta.url),
    );
    const tape = join(tapes.folder, 'log.tape');
    expect((await heaptape(['import', log, '-o', tape])).status).toBe(0);
    const { counts } = pageOf(
      await packetsOf(readFileSync(await exported(tapes, tape, 'perfetto'))),
    );
    expect([...counts.keys()]).toEqual(['GC as recorded: GC #']);
  });

  test.skipIf(!HAS_PYTHON)("is what Perfetto's own schema says", async () => {
    for (const tape of [tapes.trace, tapes.program, tapes.dump]) {
      const path = await exported(tapes, tape, 'perfetto');
      const packets = await packetsOf(readFileSync(path));
      const printed = execFileSync('python3', [READER, path], { encoding: 'utf8' });
      const events = packets.filter(({ trackEvent }) => trackEvent !== undefined).length;
      expect(JSON.parse(printed)).toEqual({ packets: packets.length, events, unknown: 0 });
    }
  });

  test.skipIf(!HAS_SHELL)('is queried by trace_processor', async () => {
    const path = await exported(tapes, tapes.trace, 'perfetto');
    const query = join(tapes.folder, 'query.sql');
    writeFileSync(query, "select count(*) as n from slice where name glob 'GC [0-9]*';");
    const printed = execFileSync('trace_processor_shell', ['-q', query, path], {
      encoding: 'utf8',
    });
    const { NumGC } = await memstatsOf(tapes.trace, 'end');
    expect(printed).toMatch(new RegExp(`^${NumGC + 24}$`, 'm'));
  });
});
