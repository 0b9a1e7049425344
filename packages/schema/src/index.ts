/** The vocabulary of heaptape, in reading order. */

export { argOffsets, EventBatch, SEGMENT_EVENTS } from './batch.ts';
export type { EncodedSegment } from './codec.ts';
export { SegmentCodec } from './codec.ts';
export type { CommandName, CommandSpec } from './commands.ts';
export { COMMANDS } from './commands.ts';
export type { EventRow } from './describe.ts';
export { describeEvent, eventRow, fieldNames, fieldText } from './describe.ts';
export type { ErrorCode } from './errors.ts';
export { AssertionError, assert, ERROR_CODES, HeaptapeError, unreachable } from './errors.ts';
export type { EventName, EventSpec, Role } from './events.ts';
export { ALLOCATES, CELLS, EVENT_NAMES, EVENTS, specOfTag, TAG_COUNT } from './events.ts';
export type { FieldSpec, Wire } from './fields.ts';
export { cellsOf } from './fields.ts';
export { hashBytes, mixHigh, mixLow, StateHash } from './hash.ts';
export type {
  Addr,
  Bytes,
  Cycle,
  Nanos,
  Ordinal,
  PageIndex,
  Seq,
  WordIndex,
} from './ids.ts';
export {
  asAddr,
  asBytes,
  asCycle,
  asNanos,
  asOrdinal,
  asPageIndex,
  asSeq,
  asWordIndex,
} from './ids.ts';
export type { SegmentInfo, StoredSnapshot, TapeReader, TapeWriter } from './tape.ts';
export { decodeUtf8, encodeUtf8 } from './utf8.ts';
export type { ByteCursor } from './varint.ts';
export { ByteSink, readUint, unzigzag, writeUint, zigzag } from './varint.ts';
