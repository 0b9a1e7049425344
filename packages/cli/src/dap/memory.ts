/**
 * Memory as bytes: the words of the heap as the tape knows them.
 *
 * A tape tells where pointers are and where they lead. What else a program wrote it does not tell, and such
 * words read as zeros. Addresses outside the heap cannot be read.
 */
import { HEAP_BASE } from '@heaptape/core';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { usage } from '../debug/command.ts';
import { type Fields, needNumber, needText, numberOf } from './arguments.ts';
import type { Context } from './context.ts';
import { hex } from './objects.ts';

const MOST_BYTES = 1 << 20;
const WORD = 8;
const PAGE_WORDS_SHIFT = 10;

export function readMemory(
  { travel }: Context,
  fields: Fields,
): NonNullable<DebugProtocol.ReadMemoryResponse['body']> {
  const reference = needText(fields, 'memoryReference');
  if (!/^(?:0x[0-9a-f]{1,13}|\d{1,15})$/i.test(reference))
    throw usage(`${reference} is no address`);
  const wanted = needNumber(fields, 'count');
  if (wanted < 0) throw usage(`${wanted} is no number of bytes`);
  const begin = Number(reference) + (numberOf(fields, 'offset') ?? 0);
  const address = hex(Math.max(0, begin));
  const { world: w } = travel;
  const end = HEAP_BASE + (w.pages << PAGE_WORDS_SHIFT) * WORD;
  if (begin < HEAP_BASE || begin >= end) return { address, unreadableBytes: wanted };
  const bytes = Math.min(wanted, end - begin, MOST_BYTES);
  const first = Math.floor((begin - HEAP_BASE) / WORD);
  const last = Math.ceil((begin + bytes - HEAP_BASE) / WORD);
  const words = new DataView(new ArrayBuffer((last - first) * WORD));
  for (let word = first; word < last; word += 1) {
    const value = w.words[word] ?? 0;
    if (value === 0) continue;
    words.setBigUint64((word - first) * WORD, BigInt(HEAP_BASE + (value - 1) * WORD), true);
  }
  const from = begin - HEAP_BASE - first * WORD;
  const data = Buffer.from(words.buffer, from, bytes).toString('base64');
  const left = wanted - bytes;
  return left > 0 ? { address, data, unreadableBytes: left } : { address, data };
}
