/**
 * `heaptape sql`: questions about a tape in SQL. A terminal gets a table, a pipe tab-separated lines
 * with tab, line feed and backslash escaped, so that every row is one line.
 */
import type { FileTapeReader, SqlResult } from '@heaptape/log';
import { cycleTable, objectTable } from '@heaptape/replay';
import type { Command } from 'commander';
import { withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { tableText } from '../report/table.ts';
import { counted } from '../report/units.ts';
import { type CommonOptions, withExample, withJson } from './common.ts';

/** Rows of a table on a terminal; a pipe gets all of them. */
const MOST_ROWS = 1000;

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Runs one read-only query. Table events has a row an event, cycles a row a GC cycle, objects a row an
object. On a terminal the answer is a table; elsewhere it is tab-separated lines, a header first.`,
    )
    .argument('<T.tape>', 'the tape')
    .argument('<QUERY>', 'a SELECT, VALUES or WITH statement');
  withJson(command);
  withExample(
    command,
    "heaptape sql app.tape 'SELECT event, count(*) FROM events GROUP BY event'",
  ).action(async (file: string, query: string, options: CommonOptions) => {
    const result = await withTape(file, (reader) => {
      registerTables(reader);
      return reader.sql(query);
    });
    if (options.json) await printJson(io, result);
    else if (Number.isFinite(io.width)) await print(io.stdout, resultTable(result, io.width));
    else await printLines(io, result);
    finish(0);
  });
}

function registerTables(reader: FileTapeReader): void {
  const tables = { cycles: cycleTable(reader), objects: objectTable(reader) };
  for (const [name, { columns, rows }] of Object.entries(tables)) {
    reader.registerTable(name, columns, rows);
  }
}

function resultTable({ columns, rows }: SqlResult, width: number): string {
  const numeric = columns.map((_, i) => rows.every((row) => typeof row[i] !== 'string'));
  const specs = columns.map((title, i) => ({
    title,
    rank: 0,
    align: numeric[i] ? ('right' as const) : ('left' as const),
  }));
  const shown = rows.slice(0, MOST_ROWS).map((row) => row.map((value) => String(value ?? '')));
  const more = rows.length - shown.length;
  const end =
    more > 0 ? `${counted(more, 'more row')}; add a LIMIT, or use --json or a pipe\n` : '';
  return tableText(specs, shown, width) + end;
}

/** A value in a tab-separated line. */
const field = (value: unknown): string =>
  String(value ?? '').replace(/[\t\n\r\\]/g, (c) => {
    return { '\t': '\\t', '\n': '\\n', '\r': '\\r' }[c] ?? '\\\\';
  });

async function printLines(io: Io, { columns, rows }: SqlResult): Promise<void> {
  await print(io.stdout, `${columns.map(field).join('\t')}\n`);
  for (const row of rows) await print(io.stdout, `${row.map(field).join('\t')}\n`);
}
