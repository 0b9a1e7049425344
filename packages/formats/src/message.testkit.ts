/** Reading protobuf messages back, by field number, with nothing known of what they mean. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Values by field, in the order of the bytes. */
export type Fields = Map<number, (bigint | number | Uint8Array)[]>;

export function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields: Fields = new Map();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    if (wire === WireType.Varint) values.push(BigInt(reader.int64()));
    else if (wire === WireType.LengthDelimited) values.push(reader.bytes());
    else if (wire === WireType.Bit64) values.push(reader.double());
    else throw new Error(`field ${field} has wire type ${wire}`);
  }
  return fields;
}

export const messagesOf = (fields: Fields, field: number): Fields[] =>
  (fields.get(field) ?? []).map((value) => fieldsOf(value as Uint8Array));

/** The last number in a field; 0 where there is none. */
export const numberOf = (fields: Fields, field: number): number =>
  Number(fields.get(field)?.at(-1) ?? 0);

export const textsOf = (fields: Fields, field: number): string[] =>
  (fields.get(field) ?? []).map((value) => Buffer.from(value as Uint8Array).toString());

/** Numbers of a packed field. */
export function packedOf(fields: Fields, field: number): number[] {
  const [packed] = fields.get(field) ?? [];
  if (packed === undefined) return [];
  const reader = new BinaryReader(packed as Uint8Array);
  const values: number[] = [];
  while (reader.pos < reader.len) values.push(Number(reader.int64()));
  return values;
}
