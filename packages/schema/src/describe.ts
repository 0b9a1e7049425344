/** Events as text and as plain rows: for people, JSON lines and SQL. Derived from the event table. */
import type { EventBatch } from './batch.ts';
import { EVENT_NAMES, EVENTS, specOfTag } from './events.ts';
import { decodeUtf8 } from './utf8.ts';

/** One event as a plain object: the tape's position, its name, and a key a field. */
export interface EventRow {
  readonly seq: number;
  readonly event: string;
  readonly [field: string]: number | string;
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Fields of the wire kind `bytes` that are no text. */
const BINARY: ReadonlySet<string> = new Set(['bits', 'moves']);

/** A byte string as text: hexadecimal digits for `bits` and `moves`, UTF-8 for all others. */
export const fieldText = (name: string, bytes: Uint8Array): string =>
  BINARY.has(name) ? hexOf(bytes) : decodeUtf8(bytes);

/** The fields of one event. `at` is its argument offset. Byte strings are as `fieldText` has them. */
export function eventRow(batch: EventBatch, index: number, at: number): EventRow {
  const tag = batch.kinds[index];
  const row: Record<string, number | string> = {
    seq: batch.firstSeq + index,
    event: EVENT_NAMES[tag],
  };
  let cell = at;
  for (const { name, wire } of specOfTag(tag)?.fields ?? []) {
    if (wire === 'bytes') {
      const bytes = batch.blob.subarray(batch.args[cell], batch.args[cell] + batch.args[cell + 1]);
      row[name] = fieldText(name, bytes);
      cell += 2;
    } else {
      row[name] = batch.args[cell];
      cell += 1;
    }
  }
  return row as EventRow;
}

/** One event as a line: `12 PointerStored object=3 word=0 target=7`. */
export function describeEvent(batch: EventBatch, index: number, at: number): string {
  const { seq, event, ...fields } = eventRow(batch, index, at);
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return [String(seq), event, ...parts].join(' ');
}

/** Every field name that some event has, in table order: the columns of the SQL table `events`. */
export function fieldNames(): string[] {
  const names = new Set<string>();
  for (const spec of Object.values(EVENTS)) for (const { name } of spec.fields) names.add(name);
  return [...names];
}
