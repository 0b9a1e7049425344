/** A heap dump of a real Go program: what it had is what the tape has, and what keeps it alive. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type HeapDump, HeapDumpReader, reachableObjects } from '@heaptape/formats';
import {
  type DumpColumns,
  dominatorsOf,
  graphOfDump,
  retainedSizes,
  reverseOf,
} from '@heaptape/replay';
import { beforeAll, describe, expect, test } from 'vitest';
import { heaptape, TRACE, temporaryFolder } from './heaptape.testkit.ts';

const DUMP = fileURLToPath(new URL('../fixtures/heapdump/graph.heapdump.gz', import.meta.url));
const TRUTH = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../fixtures/heapdump/graph.truth.json', import.meta.url)),
    'utf8',
  ),
) as {
  readonly Counts: Readonly<Record<string, number>>;
  readonly Places: Readonly<Record<string, number>>;
  readonly Before: Readonly<Record<string, number>>;
};

interface Shown {
  readonly id: number;
  readonly color: string;
  readonly root: string | null;
  readonly retainers: readonly { readonly id: number }[];
  readonly retainedBytes: number;
  readonly born: number;
  readonly died: number | null;
  readonly history: readonly { readonly what: string }[];
}

const TAPE = join(temporaryFolder(), 'graph.tape');
let dump: HeapDump;

async function json<T>(...args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await heaptape([...args, '--json']);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as T;
}

beforeAll(() => {
  const reader = new HeapDumpReader();
  reader.push(gunzipSync(readFileSync(DUMP)));
  dump = reader.finish();
});

describe('a heap dump', () => {
  test("has the program's own counts, and one collection keeps what its roots reach", async () => {
    const report = await json<{ objects: number; bytes: number; format: string }>(
      'import',
      DUMP,
      '-o',
      TAPE,
    );
    expect(report.format).toBe('heapdump');
    expect(report.objects).toBe(TRUTH.Before['HeapObjects']);
    expect(report.bytes).toBe(TRUTH.Before['HeapAlloc']);
    const reached = reachableObjects(dump, false).reduce((sum, one) => sum + one, 0);
    const state = await json<{ memstats: { HeapObjects: number } }>('state', TAPE);
    expect(state.memstats.HeapObjects).toBe(reached);
    expect(reached).toBeLessThan(report.objects);
    const { verified } = await json<{ verified: boolean }>('replay', TAPE, '--verify');
    expect(verified).toBe(true);
  });

  test('marks exactly the objects that its own reachability gives', async () => {
    const reached = reachableObjects(dump, false);
    const { rows } = await json<{ rows: [number, number | null][] }>(
      'sql',
      TAPE,
      'SELECT id, died FROM objects ORDER BY id',
    );
    expect(rows.map(([, died]) => (died === null ? 1 : 0))).toEqual(Array.from(reached));
  });

  test('tells who keeps an object alive, and what hangs on it', async () => {
    const head = await json<Shown>('object', TAPE, hex(TRUTH.Places['ListHead']));
    expect(head.color).toBe('white');
    expect(head.root).toMatch(/^global at 0x[0-9a-f]+ \((data|bss)\)$/);
    expect(head.retainers.map(({ id }) => id)).toEqual([head.id]);
    expect(head.retainedBytes).toBe(TRUTH.Counts['ListLinks'] * 16);
    expect(head.history.map(({ what }) => what)).toContain('marked');
    const cache = await json<Shown>('object', TAPE, hex(TRUTH.Places['Cache']));
    expect(cache.retainedBytes).toBeGreaterThan(TRUTH.Counts['CacheEntries'] * 16);
  });

  test('agrees with the graph of the dump itself', async () => {
    const columns: DumpColumns = dump;
    const graph = graphOfDump(columns, [9]);
    const retained = retainedSizes(graph, dominatorsOf(graph, reverseOf(graph)));
    for (const name of ['TreeRoot', 'Cache', 'Resource', 'Large', 'LargePointerful']) {
      const object = dump.objects.address.indexOf(TRUTH.Places[name]);
      const shown = await json<Shown>('object', TAPE, `#${object + 1}`);
      expect([name, shown.retainedBytes]).toEqual([name, retained[object]]);
    }
  });

  test('compares what both collectors touch on it', async () => {
    const args = ['whatif', TAPE, '--caches', '--collector', 'classic,greentea', '--gogc', 'off'];
    const { scenarios } = await json<{
      scenarios: { collector: string; touches: { marked: number; lines: number; pages: number } }[];
    }>(...args);
    expect(scenarios.map(({ collector }) => collector)).toEqual(['classic', 'greentea']);
    const [classic, greentea] = scenarios.map(({ touches }) => touches);
    expect(greentea.marked).toBe(classic.marked);
    for (const { marked, lines, pages } of [classic, greentea]) {
      expect(lines * 64).toBeGreaterThan(marked / 4);
      expect(pages * 8192).toBeGreaterThan(marked / 4);
    }
    const { status, stderr } = await heaptape(['whatif', TRACE, '--caches']);
    expect(status).toBe(2);
    expect(stderr).toContain('a recording knows no pointers');
  });

  test('is no workload for a what-if', async () => {
    for (const file of [DUMP, TAPE]) {
      const { status, stderr } = await heaptape(['whatif', file]);
      expect(status).toBe(2);
      expect(stderr).toContain('a heap dump holds objects but not when they were allocated');
    }
  });
});

const hex = (address: number): string => `0x${address.toString(16)}`;
