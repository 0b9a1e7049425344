/**
 * Dictionaries: element types of the recording, and allocation sites.
 *
 * 1. A type is identified by the address of its descriptor, which is constant for the process; its per-generation
 *    id is not. Index 0 is "no type given".
 * 2. A site is what is constant about an allocation: span class, pages of a large object, type, and whether it is
 *    an object, the opener of a tiny block or a part of one. Packed into one number it is the key of a Map.
 * 3. Looking up a site per allocation must not cost a Map access each time: the kernel remembers some by type id of
 *    this generation and shape.
 *
 * The size-class table and the malloc header follow Go 1.22 to 1.26 (internal/runtime/gc, mbitmap.go).
 */
import { SHAPE_LARGE, SHAPE_TINY_BLOCK, SHAPE_TINY_PART, TINY_SPAN_CLASS } from './layout.ts';
import type { SiteTable, TypeTable } from './recording.ts';
import { SITE_OBJECT, SITE_TINY_BLOCK, SITE_TINY_PART } from './recording.ts';
import type { GenerationTables } from './tables.ts';

/** Slot bytes by size class; class 0 is for large objects. */
export const CLASS_TO_SIZE: readonly number[] = [
  0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
  384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304,
  2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880,
  12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
];
/** Bytes of one heap page. */
const PAGE_BYTES = 8192;
/** Above this many slot bytes a pointerful small object starts with a type word. */
const HEADER_ABOVE = 512;
const HEADER_BYTES = 8;

/** One more than any shape: large objects have at most 2^24 pages. */
const SHAPES = 0x400_0000;

/** Types of the recording; index 0 is "none". */
export class TypeDictionary {
  readonly name: string[] = [''];
  readonly address: number[] = [0];
  readonly size: number[] = [0];
  readonly ptrBytes: number[] = [0];
  private readonly byAddress: Map<number, number> = new Map();

  /** Index of the type with this descriptor address; 0 if it was not added yet. */
  find(address: number): number {
    return this.byAddress.get(address) ?? 0;
  }

  add(address: number, size: number, ptrBytes: number, name: string): number {
    const index = this.name.length;
    this.name.push(name);
    this.address.push(address);
    this.size.push(size);
    this.ptrBytes.push(ptrBytes);
    this.byAddress.set(address, index);
    return index;
  }

  toTable(): TypeTable {
    return {
      count: this.name.length,
      address: Float64Array.from(this.address),
      size: Float64Array.from(this.size),
      ptrBytes: Float64Array.from(this.ptrBytes),
      name: this.name,
    };
  }
}

/** Sites of the recording. */
export class SiteDictionary {
  /** Allocations whose type id was in no table. */
  unresolvedTypes = 0;
  /** Slot bytes by site, 0 for tiny parts. */
  readonly slotBytes: number[] = [];
  private readonly types: TypeDictionary;
  private tables: GenerationTables;
  private readonly shape: number[] = [];
  private readonly type: number[] = [];
  private readonly byKey: Map<number, number> = new Map();

  constructor(types: TypeDictionary, tables: GenerationTables) {
    this.types = types;
    this.tables = tables;
  }

  /** Starts a generation: type ids are those of `tables` from now on. */
  useTables(tables: GenerationTables): void {
    this.tables = tables;
  }

  /**
   * The site of an allocation with this type id (of the generation) and shape: its number × 2, and 1 more unless the
   * type is unknown, which is to be counted each time.
   */
  find(typeId: number, shape: number): number {
    const type = this.tables.type(typeId);
    if (type < 0) this.unresolvedTypes++;
    return this.intern(Math.max(type, 0), shape) * 2 + (type < 0 ? 0 : 1);
  }

  /** The site of the same allocation, now known to be a tiny block that others share. */
  asTinyBlock(site: number): number {
    return this.shape[site] === SHAPE_TINY_BLOCK
      ? site
      : this.intern(this.type[site], SHAPE_TINY_BLOCK);
  }

  toTable(): SiteTable {
    const count = this.shape.length;
    const table = {
      count,
      kind: new Uint8Array(count),
      spanClass: new Uint8Array(count),
      pages: new Uint32Array(count),
      slotBytes: Float64Array.from(this.slotBytes),
      bytes: new Float64Array(count),
      scanBytes: new Float64Array(count),
      type: Uint32Array.from(this.type),
    };
    for (let i = 0; i < count; i++) {
      const shape = this.shape[i];
      const large = shape >= SHAPE_LARGE;
      const tiny = shape === SHAPE_TINY_BLOCK || shape === SHAPE_TINY_PART;
      const spanClass = large ? shape & 1 : tiny ? TINY_SPAN_CLASS : shape;
      const slot = this.slotBytes[i];
      const header = !large && (spanClass & 1) === 0 && slot > HEADER_ABOVE ? HEADER_BYTES : 0;
      table.spanClass[i] = spanClass;
      table.pages[i] = large ? (shape - SHAPE_LARGE) >>> 1 : 0;
      table.bytes[i] = slot - header;
      table.scanBytes[i] = (spanClass & 1) === 1 ? 0 : this.scanBytes(this.type[i], slot - header);
      table.kind[i] =
        shape === SHAPE_TINY_BLOCK
          ? SITE_TINY_BLOCK
          : shape === SHAPE_TINY_PART
            ? SITE_TINY_PART
            : SITE_OBJECT;
    }
    return table;
  }

  private intern(type: number, shape: number): number {
    const key = type * SHAPES + shape;
    let site = this.byKey.get(key);
    if (site === undefined) {
      site = this.shape.length;
      this.byKey.set(key, site);
      this.shape.push(shape);
      this.type.push(type);
      this.slotBytes.push(slotBytesOf(shape));
    }
    return site;
  }

  /** As many elements as fit are assumed; the last one is read up to its last pointer only. */
  private scanBytes(type: number, usable: number): number {
    const size = this.types.size[type];
    if (size === 0 || size > usable) return usable;
    return (Math.floor(usable / size) - 1) * size + Math.min(this.types.ptrBytes[type], size);
  }
}

function slotBytesOf(shape: number): number {
  if (shape >= SHAPE_LARGE) return ((shape - SHAPE_LARGE) >>> 1) * PAGE_BYTES;
  if (shape === SHAPE_TINY_PART) return 0;
  if (shape === SHAPE_TINY_BLOCK) return CLASS_TO_SIZE[TINY_SPAN_CLASS >> 1];
  return CLASS_TO_SIZE[shape >> 1];
}
