/** `go tool pprof` reads our heap profiles, and its totals are MemStats. Skipped where there is no go. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { HeapDumpReader } from '@heaptape/formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { exported, hasTool, memstatsOf, tapesOf } from './tapes.testkit.ts';

const HAS_GO = hasTool('go', ['version'], 'heap profiles are not shown to go tool pprof');
const tapes = tapesOf();
const DUMP = new URL('../fixtures/heapdump/graph.heapdump.gz', import.meta.url);

beforeAll(() => tapes.make());

const pprof = (profile: string, ...args: string[]): string =>
  execFileSync('go', ['tool', 'pprof', ...args, profile], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** What pprof sums up to under a sample type, to the byte. */
function total(profile: string, index: string): number {
  const text = pprof(profile, '-top', '-unit=B', `-sample_index=${index}`);
  return Number(/Total samples = (\d+)B?\s/.exec(text)?.[1] ?? Number.NaN);
}

describe.skipIf(!HAS_GO)('go tool pprof', () => {
  test.each([
    ['trace', 'end'],
    ['trace', 'cycle:3'],
    ['trace', '500000'],
    ['dump', 'end'],
    ['program', 'cycle:2'],
    ['program', 'end'],
  ] as const)('sums a %s at %s up to what MemStats says', async (name, at) => {
    const profile = await exported(tapes, tapes[name], 'pprof', '--at', at);
    const m = await memstatsOf(tapes[name], at);
    const found = {
      Mallocs: total(profile, 'alloc_objects'),
      TotalAlloc: total(profile, 'alloc_space'),
      HeapObjects: total(profile, 'inuse_objects'),
      HeapAlloc: total(profile, 'inuse_space'),
    };
    expect(m).toMatchObject(found);
    expect(m['Mallocs']).toBeGreaterThan(0);
  });

  test('shows bytes in use unless asked, types as frames, slots and types as labels', async () => {
    const profile = await exported(tapes, tapes.program, 'pprof');
    expect(pprof(profile, '-top')).toMatch(/^Type: inuse_space$/m);
    expect(pprof(profile, '-top')).toMatch(/^ *\d\S* .* main\.node$/m);
    expect(pprof(profile, '-top', '-sample_index=alloc_objects')).toMatch(/^ +5 .* main\.lost$/m);
    expect(pprof(profile, '-traces')).toMatch(/type: +main\.node[\s\S]* main\.node/);
    const raw = pprof(profile, '-raw');
    expect(raw).toMatch(/^Period: 1$/m);
    expect(raw).toMatch(/^PeriodType: space bytes$/m);
    expect(raw).toContain(
      'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes[dflt]',
    );
    expect(raw).toMatch(/^ +5 +560 +0 +0: \d+ *$/m);
    expect(raw).toMatch(/bytes:\[112 bytes\]/);
    expect(pprof(profile, '-top', '-tagfocus=type=main.lost', '-sample_index=1')).toMatch(
      /560B|0\.55kB/,
    );
  });

  test('one profile is the base of another', async () => {
    const before = await exported(tapes, tapes.trace, 'pprof', '--at', 'cycle:2');
    const after = await exported(tapes, tapes.trace, 'pprof', '--at', 'cycle:9');
    const [m2, m9] = await Promise.all([
      memstatsOf(tapes.trace, 'cycle:2'),
      memstatsOf(tapes.trace, 'cycle:9'),
    ]);
    const text = pprof(after, '-top', '-sample_index=alloc_objects', `-base=${before}`);
    expect(Number(/Total samples = (\d+)/.exec(text)?.[1])).toBe(m9['Mallocs'] - m2['Mallocs']);
  });

  test('stacks of a heap dump are those of the program that wrote it', async () => {
    const profile = await exported(tapes, tapes.dump, 'pprof');
    const reader = new HeapDumpReader();
    reader.push(gunzipSync(readFileSync(DUMP)));
    const { sites } = reader.finish();
    const callers = new Set(sites.flatMap(({ stack }) => stack.map(({ func }) => func)));
    const top = pprof(profile, '-top', '-cum', '-nodefraction=0', '-sample_index=alloc_objects');
    const shown = [...top.matchAll(/^.*% +\S+ +\S+% +(.+?)(?: \(inline\))?$/gm)].map(
      ([, name]) => name,
    );
    expect(shown).toContain('main.build');
    const strangers = shown.filter((name) => !callers.has(name) && name !== '(type unknown)');
    expect(strangers.filter((name) => !/^[\w./]+$/.test(name))).toEqual([]);
    expect(pprof(profile, '-peek=^main.buildTree$')).toMatch(/main\.build\b[\s\S]*main\.buildTree/);
    expect(pprof(profile, '-lines', '-top')).toMatch(/main\.buildTree \S+\.go:\d+/);
  });
});
