/**
 * The kernel's outside: the compiled module, its memory as columns, and the streams that it follows.
 *
 * What the kernel does and why it is not TypeScript is told in `kernel/index.ts`; `layout.ts` says where
 * what lies in its memory. Memory grows, and the columns over it are then made anew: take them from here each
 * time, not once.
 */
import { HeaptapeError } from '@heaptape/schema';
import { ARGUMENT_COUNT } from './events.ts';
import { KERNEL_CODE } from './kernel-code.ts';
import { AT_ARGUMENT_COUNT, AT_CLASS_TO_SIZE } from './layout.ts';
import { CLASS_TO_SIZE } from './sites.ts';

/** What the kernel can do; addresses are bytes, see `kernel/`. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocate(bytes: number): number;
  startSpans(): void;
  forgetSites(): void;
  advance(stream: number): number;
  follow(stream: number, limit: number, farLimit: number): number;
}

/** What the kernel asks, see `kernel/host.ts`. */
export interface KernelHost {
  findSite(typeId: number, shape: number): number;
  setAside(slot: number, row: number, bytes: number): void;
  takeBack(slot: number): number;
  bytesOfTaken(): number;
}

/** What lies in the kernel's memory and comes from the file. */
interface Readable {
  /** Offset in the file of an address, for messages. */
  offsetOf(at: number): number;
}

/** What of WebAssembly's interface is needed; every engine has it, though the language's standard does not. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

export class Kernel {
  readonly call: KernelExports;
  /** The memory as doubles, as integers, and as bytes. */
  f64: Float64Array = new Float64Array(0);
  i32: Int32Array = new Int32Array(0);
  u32: Uint32Array = new Uint32Array(0);
  u8: Uint8Array = new Uint8Array(0);
  /** The stream that is being read. */
  reading: Readable | undefined;
  /** Tables of pages of arenas beyond the first. */
  private readonly farArenas: Map<number, number> = new Map();

  constructor(host: KernelHost) {
    const asked = {
      findSite: (typeId: number, shape: number) => host.findSite(typeId, shape),
      setAside: (slot: number, row: number, bytes: number) => host.setAside(slot, row >>> 0, bytes),
      takeBack: (slot: number) => host.takeBack(slot),
      bytesOfTaken: () => host.bytesOfTaken(),
      farArena: (index: number, make: number) => this.farArena(index, make !== 0),
      tooLong: (at: number) => {
        const offset = this.reading?.offsetOf(at >>> 0);
        throw new HeaptapeError('bad-data', `integer of more than 64 bits at offset ${offset}`);
      },
      full: () => {
        throw new HeaptapeError('too-large', 'the recording takes more than 4 GiB of memory');
      },
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(decoded(KERNEL_CODE)), {
      host: asked,
    });
    this.call = instance.exports as KernelExports;
    this.call.startSpans();
    this.lookAgain();
    this.u8.set(ARGUMENT_COUNT, AT_ARGUMENT_COUNT);
    this.u32.set(CLASS_TO_SIZE, AT_CLASS_TO_SIZE >> 2);
  }

  /** Bytes of the kernel's memory, zero, from then on whoever's took them. */
  allocate(bytes: number): number {
    const at = this.call.allocate(bytes) >>> 0;
    this.lookAgain();
    return at;
  }

  /** The memory may have grown: makes the columns anew if it has. */
  lookAgain(): void {
    const { buffer } = this.call.memory;
    if (buffer === this.u8.buffer) return;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u8 = new Uint8Array(buffer);
  }

  private farArena(index: number, make: boolean): number {
    const known = this.farArenas.get(index);
    if (known !== undefined || !make) return known ?? 0;
    const made = this.call.allocate(ARENA_BYTES);
    this.farArenas.set(index, made);
    return made;
  }
}

/** Bytes of the table of an arena's pages. */
const ARENA_BYTES = 8192 * 4;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The bytes that base64 stands for; line breaks and padding are passed over. */
function decoded(text: string): Uint8Array {
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < LETTERS.length; i++) values[LETTERS.charCodeAt(i)] = i;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let length = 0;
  let bits = 0;
  let have = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)];
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes[length++] = (bits >> have) & 0xff;
  }
  return bytes.subarray(0, length);
}
