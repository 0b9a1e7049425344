/** Every claim of the five documents this project started from, by name: docs/SEEDS.md has the list. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALLOCATING } from './seeds/allocating.ts';
import { type Claims, PROGRAMS } from './seeds/claims.ts';
import { COLLECTING } from './seeds/collecting.ts';
import { FINALIZERS } from './seeds/finalizers.ts';
import { FINALIZER_USE } from './seeds/finalizeruse.ts';
import { MARKING } from './seeds/marking.ts';
import { MEMSTATS_RUNTIME } from './seeds/memfigures.ts';
import { MEMSTATS } from './seeds/memstats.ts';
import { TUNING } from './seeds/tuning.ts';

/** By the section of docs/SEEDS.md that lists them. */
const CLAIMS: Readonly<Record<string, readonly Claims[]>> = {
  'Collecting garbage': [COLLECTING],
  'Marking and sweeping': [MARKING],
  Allocating: [ALLOCATING],
  'GOGC and compaction': [TUNING],
  MemStats: [MEMSTATS, MEMSTATS_RUNTIME],
  Finalizers: [FINALIZERS, FINALIZER_USE],
};

const inSection = (claims: readonly Claims[]): [string, Claims[string]][] =>
  claims.flatMap((some) => Object.entries(some));

describe.each(Object.entries(CLAIMS))('%s', (_, claims) => {
  test.for(inSection(claims))('%s', async ([_name, claim], context) => {
    await claim(context);
  });
});

interface Row {
  readonly section: string;
  readonly sources: string;
  readonly verdict: string;
  readonly test: string;
  readonly command: string;
}

/** The rows of the tables that name tests. */
function rowsOf(document: string): Row[] {
  return document.split(/^## /m).flatMap((text) => {
    const [section = '', ...lines] = text.split('\n');
    const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.split(' | '));
    const [header, _rule, ...body] = rows.map((cells) => cells.map((cell) => cell.trim()));
    if (header?.[3] !== 'test') return [];
    return body.map(([_claim, sources = '', verdict = '', name = '', command = '']) => {
      return { section, sources, verdict, test: name, command: command.replace(/ *\|$/, '') };
    });
  });
}

/** What is wrong with a row. */
function problemsOf({ sources, verdict, test: name, command }: Row): string[] {
  const wrong = (what: string, right: boolean): string[] => (right ? [] : [`${name}: ${what}`]);
  const named = / -t '(.*)'/.exec(command)?.[1] ?? name;
  const program = /conformance .*\.\/([\w-]+)/.exec(command)?.[1];
  const main = program === undefined ? [] : [`test/conformance/${program}/main.go`];
  const paths = [...main, ...(command.match(/\btest\/[\w./-]*\w/g) ?? [])];
  return [
    ...wrong('no document and quote', /^[0-4](?:[,–] ?[0-4])*: ./.test(sources)),
    ...wrong('no verdict', /^(?:yes|loosely|no|that depends)\b/.test(verdict)),
    ...wrong('vitest reads its name as a pattern', /^[\w ,.]+$/.test(name)),
    ...wrong('no command', /^`.*`$/.test(command)),
    ...wrong('the command is of another test', named === name),
    ...paths.flatMap((path) => wrong(`no ${path}`, existsSync(join(PROGRAMS, '../..', path)))),
  ];
}

describe('docs/SEEDS.md', () => {
  const rows = rowsOf(readFileSync(join(PROGRAMS, '../../docs/SEEDS.md'), 'utf8'));

  test('has a row for every test, and a test for every row', () => {
    const names = Object.entries(CLAIMS).flatMap(([section, claims]) =>
      inSection(claims).map(([name]) => `${section}: ${name}`),
    );
    expect(rows.map((row) => `${row.section}: ${row.test}`).sort()).toEqual(names.sort());
    expect(new Set(names).size).toBe(names.length);
  });

  test('says of each where it stands, what is true, and how to see it', () => {
    expect(rows.flatMap(problemsOf)).toEqual([]);
    const [row] = rows;
    const bad = {
      sources: '5: x',
      verdict: 'perhaps',
      command: "`go run ./conformance ./gone -t 'x'`",
    };
    expect(row && problemsOf({ ...row, ...bad })).toHaveLength(4);
  });
});
