/**
 * Snapshots: a World as a table of chunks, and back.
 *
 * 1. The columns are cut into chunks of some kilobytes. A write sets the dirty flag of what it
 *    touches; `take` copies the chunks that are dirty and hands on the arrays of the snapshot before
 *    for all others. So equal arrays mean equal content, and cost nothing to keep or to store.
 * 2. `restore` goes the other way: it copies the chunks whose array is not the one that the world
 *    holds already, and those the world has written to since. A jump to a neighbour costs what
 *    changed in between. Whoever reads snapshots from a store profits by handing out one array for
 *    equal chunks of different snapshots.
 * 3. Sites are append-only; their full chunks never change. Of objects only those are in a snapshot whose
 *    slots are theirs.
 * 4. The hash of a restored world comes out right by itself: restored pages are hashed anew when
 *    somebody asks; the sums over words, roots, sites and objects travel in the snapshot.
 *
 * Bytes are canonical: little endian, as long as the state is (not as the arrays happen to have
 * grown), unused room zero. Two equal states give equal bytes. Columns:
 *
 *   pages      32 pages a chunk: every column by page, in the order of `pageColumns`
 *   grey       cells of greyBits that are not zero, with their bits; left out when there is none
 *   words      4096 pointer words a chunk, 32 bits each; zero chunks at the end are left out
 *   roots      4096 roots a chunk, 32 bits each
 *   objects    the objects that are there, 8192 ordinals a chunk (`snapshot_objects.ts`)
 *   sites      1024 sites a chunk, from 1: bytes, scanBytes (64-bit floats), span class, held (bytes)
 *   siteNames  the same sites' names, a JSON array
 *   small      64-bit floats: counts, hash sums, scalars; then 32-bit integers: mcaches, lists;
 *              then the table of goroutines, 32-bit integers
 *   specials   1024 specials a chunk, from 0: the columns of `SpecialTable`; then their queues
 *
 * Invariant: one Snapshotter follows one World and owns its `DIRTY_SNAPSHOT` flags.
 */
import {
  assert,
  decodeUtf8,
  encodeUtf8,
  HeaptapeError,
  type StoredSnapshot,
} from '@heaptape/schema';
import { parseConfig } from '../config.ts';
import { type Control, isControl } from '../control.ts';
import { dropDead } from './deadobjects.ts';
import { SCALAR } from './scalars.ts';
import { PageChunks, RootChunks, restoreGrey, takeGrey, WordChunks } from './snapshot_cells.ts';
import { ObjectChunks } from './snapshot_objects.ts';
import { SpecialChunks } from './snapshot_specials.ts';
import { bad, readSmall, SiteChunks, writeSmall } from './snapshot_tables.ts';
import { foldObjects } from './statehash.ts';
import type { World } from './world.ts';

/** Takes snapshots of one World and puts it back to them. */
export class Snapshotter {
  #world: World | null = null;
  #pages = new PageChunks();
  #words = new WordChunks();
  #roots = new RootChunks();
  #objects = new ObjectChunks();
  #sites = new SiteChunks();
  #specials = new SpecialChunks();
  #control: { of: Control | null; bytes: Uint8Array } = { of: null, bytes: new Uint8Array(0) };

  constructor() {
    const probe = new Uint8Array(Uint16Array.of(1).buffer);
    assert(probe[0] === 1, 'snapshots are copies of memory: the host must be little endian');
  }

  /** A snapshot of the world as it is. Arrays are shared between snapshots: never write to them. */
  take(world: World): StoredSnapshot {
    dropDead(world);
    this.#follow(world);
    foldObjects(world);
    if (this.#control.of !== world.control) {
      const bytes = encodeUtf8(JSON.stringify(world.control, numberOut));
      this.#control = { of: world.control, bytes };
    }
    const [sites, siteNames] = this.#sites.take(world);
    return {
      seq: world.scalars[SCALAR.seq],
      control: this.#control.bytes,
      columns: {
        pages: this.#pages.take(world),
        ...(world.greyCount > 0 ? { grey: takeGrey(world) } : {}),
        words: this.#words.take(world),
        roots: this.#roots.take(world),
        objects: this.#objects.take(world),
        sites,
        siteNames,
        small: writeSmall(world),
        specials: this.#specials.take(world),
      },
    };
  }

  /**
   * Puts the world to a snapshot. Throws `bad-data` for one that no `take` made; the world is then
   * fit for nothing but another `restore`.
   */
  restore(snapshot: StoredSnapshot, world: World): void {
    this.#follow(world);
    this.#world = null;
    const { columns } = snapshot;
    const before = world.pages;
    readSmall(world, column(columns, 'small'));
    if (world.scalars[SCALAR.seq] !== snapshot.seq) bad('sequence number');
    this.#pages.restore(world, column(columns, 'pages'), before);
    restoreGrey(world, columns['grey'] ?? []);
    this.#words.restore(world, column(columns, 'words'));
    this.#roots.restore(world, column(columns, 'roots'));
    this.#sites.restore(world, column(columns, 'sites'), column(columns, 'siteNames'));
    this.#objects.restore(world, column(columns, 'objects'));
    this.#specials.restore(world, column(columns, 'specials'));
    if (this.#control.of !== world.control || this.#control.bytes !== snapshot.control) {
      world.control = controlOf(snapshot.control);
      this.#control = { of: world.control, bytes: snapshot.control };
    }
    this.#world = world;
  }

  /** Takes up another world, whose content none of the arrays held has. */
  #follow(world: World): void {
    if (this.#world === world) return;
    this.#world = world;
    this.#pages = new PageChunks();
    this.#words = new WordChunks();
    this.#roots = new RootChunks();
    this.#objects = new ObjectChunks();
    this.#sites = new SiteChunks();
    this.#specials = new SpecialChunks();
    this.#control = { of: null, bytes: new Uint8Array(0) };
    world.markUnsaved();
  }
}

/**
 * Name of the first part in which two snapshots differ, or undefined when they hold the same state.
 */
export function snapshotDifference(a: StoredSnapshot, b: StoredSnapshot): string | undefined {
  if (a.seq !== b.seq) return 'seq';
  if (!sameBytes(a.control, b.control)) return 'control';
  const names = new Set([...Object.keys(a.columns), ...Object.keys(b.columns)]);
  for (const name of names) {
    const left = a.columns[name] ?? [];
    const right = b.columns[name] ?? [];
    if (left.length !== right.length) return name;
    if (!left.every((chunk, i) => sameBytes(chunk, right[i]))) return name;
  }
  return undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

function column(columns: StoredSnapshot['columns'], name: string): readonly Uint8Array[] {
  return columns[name] ?? bad(name);
}

/** JSON has no infinities, but a cons/mark ratio can be one. */
function numberOut(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value;
}

function numberIn(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('number ') ? Number(value.slice(7)) : value;
}

function controlOf(bytes: Uint8Array): Control {
  let control: unknown;
  try {
    control = JSON.parse(decodeUtf8(bytes), numberIn);
  } catch {
    throw new HeaptapeError('bad-data', 'the control state of the snapshot is not JSON');
  }
  if (!isControl(control)) bad('control state');
  if (control.config !== null) parseConfig(JSON.stringify(control.config, numberOut));
  return control;
}
