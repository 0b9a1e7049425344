/**
 * The tables of one generation: strings, stacks, types, and the clock's frequency.
 *
 * Ids of strings, stacks and types mean something inside one generation only, and the tables that define them are
 * written behind the events that use them. So they are indexed first, once the generation is whole, and consulted
 * while its events are merged. Few entries are ever needed: strings and stacks are kept as positions and decoded
 * on demand. Types are interned for the whole recording by the address of their descriptor.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Batch } from './batches.ts';
import { ByteCursor } from './bytes.ts';
import {
  EV_CLOCK_SNAPSHOT,
  EV_CPU_SAMPLES,
  EV_FREQUENCY,
  EV_STACK,
  EV_STACKS,
  EV_STRING,
  EV_STRINGS,
  EV_SYNC,
} from './events.ts';
import type { TypeDictionary } from './sites.ts';

const MAX_STRING_BYTES = 1024;
const MAX_FRAMES = 128;
/** Positions pack a batch's place in `batches` and a byte in its payload, which is at most 64 KiB long. */
const POSITIONS = 0x2_0000;

/** Whether a batch holds timed events of a thread, by its first payload byte. */
export function isEventBatch(batch: Batch): boolean {
  if (batch.experiment !== 0 || batch.size === 0) return false;
  const first = batch.bytes[0];
  return (
    first !== EV_STACKS &&
    first !== EV_STRINGS &&
    first !== EV_CPU_SAMPLES &&
    first !== EV_FREQUENCY &&
    first !== EV_SYNC
  );
}

/** What the tables of one generation say. */
export class GenerationTables {
  /** Clock units per second; 0 where the generation does not say. */
  frequency = 0;
  hasStrings = false;
  private readonly types: TypeDictionary;
  private readonly batches: Batch[] = [];
  private readonly strings: Map<number, number> = new Map();
  private readonly stacks: Map<number, number> = new Map();
  private readonly typeIndex: Map<number, number> = new Map();

  constructor(types: TypeDictionary) {
    this.types = types;
  }

  /** Indexes one batch that is no event batch; CPU samples are passed over. */
  add(batch: Batch): void {
    const cursor = new ByteCursor(batch.bytes, batch.size, batch.offset);
    const first = batch.bytes[0];
    if (batch.size === 0 || first === EV_CPU_SAMPLES) return;
    if (first === EV_FREQUENCY) this.addFrequency(cursor);
    else if (first === EV_SYNC) {
      cursor.pos = 1;
      while (cursor.pos < cursor.end) this.addFrequency(cursor);
    } else {
      this.batches.push(batch);
      cursor.pos = 1;
      while (cursor.pos < cursor.end) {
        if (first === EV_STRINGS) this.addString(cursor);
        else this.addStack(cursor);
        if (cursor.pos > cursor.end) throw damaged('record runs past its batch', cursor);
      }
      if (first === EV_STRINGS) this.hasStrings = true;
    }
  }

  /** Reads one batch of type records of the alloc/free experiment. `cursor` is behind the sub-kind byte. */
  addTypes(cursor: ByteCursor): void {
    while (cursor.pos < cursor.end) {
      const id = cursor.uvarint();
      const address = cursor.uvarint();
      const size = cursor.uvarint();
      const ptrBytes = cursor.uvarint();
      const length = cursor.uvarint();
      if (cursor.pos + length > cursor.end) throw damaged('type name runs past its batch', cursor);
      const known = this.types.find(address);
      if (known !== 0) cursor.pos += length;
      this.typeIndex.set(
        id,
        known !== 0 ? known : this.types.add(address, size, ptrBytes, cursor.text(length)),
      );
    }
  }

  /** Index of a type in the recording's table; 0 for "no type", -1 where the id is unknown. */
  type(id: number): number {
    return id === 0 ? 0 : (this.typeIndex.get(id) ?? -1);
  }

  /** A string by its id; '' where it is unknown. */
  string(id: number): string {
    const cursor = this.at(this.strings.get(id));
    return cursor === undefined ? '' : cursor.text(cursor.uvarint());
  }

  /** Function names of a stack, leaf first; empty where the id is unknown. */
  functions(stackId: number): string[] {
    const cursor = this.at(this.stacks.get(stackId));
    const names: string[] = [];
    if (cursor === undefined) return names;
    for (let left = cursor.uvarint(); left > 0; left--) {
      cursor.uvarint();
      names.push(this.string(cursor.uvarint()));
      cursor.uvarint();
      cursor.uvarint();
    }
    return names;
  }

  private at(position: number | undefined): ByteCursor | undefined {
    if (position === undefined) return undefined;
    const batch = this.batches[Math.floor(position / POSITIONS)];
    const cursor = new ByteCursor(batch.bytes, batch.size, batch.offset);
    cursor.pos = position % POSITIONS;
    return cursor;
  }

  private addFrequency(cursor: ByteCursor): void {
    const kind = cursor.uvarint();
    if (kind === EV_FREQUENCY) {
      this.frequency = cursor.uvarint();
      if (this.frequency === 0) throw damaged('clock frequency of 0', cursor);
    } else if (kind === EV_CLOCK_SNAPSHOT) {
      for (let i = 0; i < 4; i++) cursor.uvarint();
    } else throw damaged(`record ${kind} in a sync batch`, cursor);
    if (cursor.pos > cursor.end) throw damaged('record runs past its batch', cursor);
  }

  private addString(cursor: ByteCursor): void {
    if (cursor.uvarint() !== EV_STRING) throw damaged('no string record', cursor);
    const id = cursor.uvarint();
    this.strings.set(id, (this.batches.length - 1) * POSITIONS + cursor.pos);
    const length = cursor.uvarint();
    if (length > MAX_STRING_BYTES) throw damaged(`string of ${length} bytes`, cursor);
    cursor.pos += length;
  }

  private addStack(cursor: ByteCursor): void {
    if (cursor.uvarint() !== EV_STACK) throw damaged('no stack record', cursor);
    const id = cursor.uvarint();
    this.stacks.set(id, (this.batches.length - 1) * POSITIONS + cursor.pos);
    const frames = cursor.uvarint();
    if (frames > MAX_FRAMES) throw damaged(`stack of ${frames} frames`, cursor);
    for (let i = 0; i < frames * 4 && cursor.pos < cursor.end; i++) cursor.uvarint();
  }
}

function damaged(what: string, cursor: ByteCursor): HeaptapeError {
  return new HeaptapeError('bad-data', `${what} at offset ${cursor.offset + cursor.pos}`);
}
