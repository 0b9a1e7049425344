/**
 * Memory that is taken and never given back; whoever takes it uses it again itself. Fresh memory is zero.
 */
import { AT_HEAP } from '../src/exectrace/layout.ts';
import { full } from './host.ts';

/** Memory grows by so many of WebAssembly's pages of 64 KiB at a time, and by a quarter of what there is. */
const STEP: u64 = 16;

let top: u64 = AT_HEAP;

/** Address of `bytes` fresh bytes, a multiple of 8. */
export function allocate(bytes: u32): usize {
  const from = top;
  top = (top + bytes + 7) & ~7;
  const pages = (top + 65535) >> 16;
  const have = <u64>memory.size();
  if (pages > have) {
    const more = max(pages - have, max(STEP, have / 4));
    if (pages > 65536 || memory.grow(<i32>min(more, 65536 - have)) < 0) full();
  }
  return <usize>from;
}
