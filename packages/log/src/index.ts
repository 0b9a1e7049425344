/** The tape in SQLite, and one in memory. `docs/TAPE.md` describes the file. */

export type { CheckOptions, CheckReport } from './check.ts';
export { APPLICATION_ID, FORMAT_VERSION } from './layout.ts';
export { createMemoryTape, MemoryTape } from './memory.ts';
export type { TapeWriterOptions } from './open.ts';
export { openTapeWriter } from './open.ts';
export type { Compression } from './pack.ts';
export { removeAbandoned } from './partial.ts';
export type { TapeOptions } from './reader.ts';
export { FileTapeReader, openTape } from './reader.ts';
export type { SqlOptions, SqlResult, SqlValue } from './sql.ts';
export type { ClosableTapeWriter } from './threaded.ts';
export { openFastTapeWriter, openThreadedTapeWriter } from './threaded.ts';
export { FileTapeWriter } from './writer.ts';
