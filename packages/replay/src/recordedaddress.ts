/** Where the objects of a tape lay in the process that was recorded: heap dumps say so. */
import { EVENTS, type TapeReader } from '@heaptape/schema';
import { eachEvent } from './walk.ts';

/** By ordinal; 0 is unknown. Empty where the tape knows none. */
export function recordedAddresses(reader: TapeReader): Float64Array {
  let addresses = new Float64Array(0);
  let ordinal = 0;
  eachEvent(reader, (kind, batch, at) => {
    if (kind === EVENTS.ObjectAllocated.tag) ordinal += 1;
    if (kind !== EVENTS.AddressRecorded.tag) return;
    if (ordinal >= addresses.length) {
      const grown = new Float64Array(Math.max(1024, ordinal + 1, addresses.length * 2));
      grown.set(addresses);
      addresses = grown;
    }
    addresses[ordinal] = batch.args[at];
  });
  return addresses;
}

/** The object that held a recorded address; 0 is none. `sizeOf` gives bytes by ordinal. */
export function recordedAt(
  addresses: Float64Array,
  addr: number,
  sizeOf: (ordinal: number) => number,
): number {
  for (let ordinal = 1; ordinal < addresses.length; ordinal += 1) {
    const start = addresses[ordinal];
    if (start !== 0 && addr >= start && addr < start + sizeOf(ordinal)) return ordinal;
  }
  return 0;
}
