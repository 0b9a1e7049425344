/** What a record is read from and where it goes. */
import type { DumpCursor } from './cursor.ts';
import type { FieldList } from './fields.ts';
import type { RawDump } from './raw.ts';

export interface RecordSource {
  readonly dump: RawDump;
  readonly cursor: DumpCursor;
  readonly fields: FieldList;
}
