/** Where the objects of a tape lay in the process that was recorded: heap dumps say so. */
import { SCALAR, type World } from '@heaptape/core';
import { EVENTS, type TapeReader } from '@heaptape/schema';
import { slotBytesOf } from './fromtape.ts';
import { eachEvent } from './walk.ts';

/** By ordinal; 0 is unknown. Empty where the tape knows none. */
export function recordedAddresses(reader: TapeReader): Float64Array {
  let addresses = new Float64Array(0);
  let ordinal = (reader.segments[0]?.firstOrdinal ?? 1) - 1;
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

/** The object of a world in whose slot a recorded address lay; 0 is none. */
export function recordedAt(addresses: Float64Array, world: World, addr: number): number {
  const end = Math.min(addresses.length, world.scalars[SCALAR.nextOrdinal]);
  for (let ordinal = 1; ordinal < end; ordinal += 1) {
    const start = addresses[ordinal];
    if (start === 0 || addr < start) continue;
    const site = world.objects.siteOf(ordinal);
    if (addr < start + slotBytesOf(world.siteClass[site], world.siteBytes[site])) return ordinal;
  }
  return 0;
}
