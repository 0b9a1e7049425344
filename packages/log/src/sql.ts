/**
 * SQL over a tape, for people: `events` has a row an event, decoded from the segments as the query
 * asks for them, so that `LIMIT` stops early. Others add tables that a replay computes.
 *
 * A connection of its own, read-only in three ways: the file is opened so, `query_only` is set, and
 * only queries are let through (`PRAGMA`, `ATTACH` and the like would not harm the tape, but are
 * nobody's question about it). Whole numbers stay whole: they cross into SQL as 64-bit integers and
 * come back as numbers, or as decimal digits when they are beyond 2^53. Bytes come back as
 * hexadecimal digits. So a result is always valid JSON.
 */
import {
  cellsOf,
  EVENT_NAMES,
  EventBatch,
  fieldNames,
  fieldText,
  HeaptapeError,
  specOfTag,
  type TapeReader,
} from '@heaptape/schema';
import type { Database as Db, Statement } from 'better-sqlite3';
import { openReadOnly } from './connection.ts';
import { failure } from './failure.ts';

export interface SqlOptions {
  /** More rows than this are a `too-large` error. Default 1,000,000. */
  readonly maxRows?: number;
}

export type SqlValue = number | string | null;

export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

const DEFAULT_MAX_ROWS = 1_000_000;
const OWN_COLUMNS = ['seq', 'event', 'role'];

function toSql(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'undefined':
      return null;
    default:
      return value;
  }
}

function fromSql(value: unknown): SqlValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

/** Where each field of each event stands in a row of `events`. */
interface Cell {
  readonly column: number;
  readonly name: string;
  readonly bytes: boolean;
  readonly float: boolean;
}

function cellsOfTag(tag: number, columns: readonly string[]): Cell[] {
  return (specOfTag(tag)?.fields ?? []).map(({ name, wire }) => ({
    column: columns.indexOf(name),
    name,
    bytes: cellsOf(wire) === 2,
    float: wire === 'f64',
  }));
}

/** One row an event, of all segments; always the same array, which the driver copies. */
function* eventRows(tape: TapeReader, columns: readonly string[]): Generator<unknown[]> {
  const layout = EVENT_NAMES.map((_, tag) => cellsOfTag(tag, columns));
  const batch = new EventBatch();
  const row: unknown[] = new Array(columns.length).fill(null);
  for (let index = 0; index < tape.segments.length; index += 1) {
    tape.readSegment(index, batch);
    const { args, blob } = batch;
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      const tag = batch.kinds[i];
      row.fill(null);
      row[0] = BigInt(batch.firstSeq + i);
      row[1] = EVENT_NAMES[tag];
      row[2] = specOfTag(tag)?.role;
      for (const { column, name, bytes, float } of layout[tag]) {
        if (bytes) {
          row[column] = fieldText(name, blob.subarray(args[at], args[at] + args[at + 1]));
          at += 2;
        } else {
          row[column] = float ? args[at] : BigInt(args[at]);
          at += 1;
        }
      }
      yield row;
    }
  }
}

/** A tape that has a file. */
export interface FiledTape extends TapeReader {
  readonly path: string;
}

export class SqlSession {
  readonly #db: Db;
  readonly #path: string;

  constructor(tape: FiledTape) {
    this.#path = tape.path;
    this.#db = openReadOnly(tape.path, false);
    const columns = [...OWN_COLUMNS, ...fieldNames()];
    this.#define('events', columns, () => eventRows(tape, columns));
  }

  #define(name: string, columns: readonly string[], rows: () => Iterable<unknown[]>): void {
    this.#db.table(name, {
      columns: [...columns],
      rows: function* () {
        yield* rows();
      },
    });
  }

  register(
    name: string,
    columns: readonly string[],
    rows: () => Iterable<readonly unknown[]>,
  ): void {
    this.#define(name, columns, function* () {
      for (const row of rows()) yield row.map(toSql);
    });
  }

  run(query: string, options: SqlOptions): SqlResult {
    const statement = this.#prepare(query);
    const limit = options.maxRows ?? DEFAULT_MAX_ROWS;
    const rows: SqlValue[][] = [];
    try {
      for (const row of statement.iterate()) {
        if (rows.length === limit) {
          throw new HeaptapeError(
            'too-large',
            `the query has more than ${limit} rows`,
            'add a LIMIT, or let SQL do the counting',
          );
        }
        rows.push(row.map(fromSql));
      }
    } catch (error) {
      throw queryFailure(error, this.#path);
    }
    return { columns: statement.columns().map(({ name }) => name), rows };
  }

  #prepare(query: string): Statement<[], unknown[]> {
    let statement: Statement<[], unknown[]>;
    try {
      statement = this.#db.prepare<[], unknown[]>(query);
    } catch (error) {
      if (error instanceof RangeError) {
        throw new HeaptapeError('bad-usage', `sql: one statement is expected: ${error.message}`);
      }
      throw queryFailure(error, this.#path);
    }
    if (!statement.readonly || !isQuery(query)) {
      throw new HeaptapeError('bad-usage', 'sql: only queries are allowed (SELECT, VALUES, WITH)');
    }
    return statement.raw(true).safeIntegers(true);
  }

  close(): void {
    this.#db.close();
  }
}

/** Whether the statement begins as a query does, after comments. */
function isQuery(query: string): boolean {
  const bare = query.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
  return /^(?:select|values|with|explain)\b/i.test(bare);
}

/** A query may be wrong (`SQLITE_ERROR` and its like) or meet a damaged file. */
function queryFailure(error: unknown, path: string): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR') {
    return new HeaptapeError('bad-usage', `sql: ${error.message}`);
  }
  return failure(error, path, 'sql');
}
