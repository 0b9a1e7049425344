/** What people call the roots of a run: the names that its tape gives them. */
import { decodeUtf8, EVENTS, type TapeReader } from '@heaptape/schema';
import { cutOf } from './beginning.ts';
import { eachEvent } from './walk.ts';

/** By root. */
export type RootNames = ReadonlyMap<number, string>;

/** The names that roots have after event `seq`. */
export function rootNamesAt(reader: TapeReader, seq: number): RootNames {
  const names = new Map<number, string>();
  for (const [, root, name] of cutOf(reader)?.rootNames ?? []) names.set(root, name);
  eachEvent(reader, (kind, batch, at, event) => {
    if (kind !== EVENTS.RootNamed.tag || event > seq) return;
    const [root, from, length] = batch.args.subarray(at, at + 3);
    names.set(root, decodeUtf8(batch.blob.subarray(from, from + length)));
  });
  return names;
}
