/** What a savepoint holds besides pages, pointer words and roots: columns that only grow, and small ones. */
import type { Control } from '../control.ts';
import type { SharedObjects } from './objects.ts';
import { restoreGrey, takeGrey } from './snapshot_cells.ts';
import { SpecialChunks } from './snapshot_specials.ts';
import { readSmall, SiteChunks, writeSmall } from './snapshot_tables.ts';
import type { World } from './world.ts';

export interface Rest {
  /** As in a snapshot. */
  readonly columns: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly objects: SharedObjects;
  readonly control: Control;
}

export class RestOfWorld {
  #sites = new SiteChunks();
  #specials = new SpecialChunks();

  take(w: World): Rest {
    const [sites, siteNames] = this.#sites.take(w);
    return {
      columns: {
        sites,
        siteNames,
        small: writeSmall(w),
        grey: takeGrey(w),
        specials: this.#specials.take(w),
      },
      objects: w.objects.share(),
      control: w.control,
    };
  }

  restore(w: World, { columns, objects, control }: Rest): void {
    readSmall(w, columns['small']);
    restoreGrey(w, columns['grey']);
    this.#sites.restore(w, columns['sites'], columns['siteNames']);
    this.#specials.restore(w, columns['specials']);
    w.objects.takeUp(objects);
    w.control = control;
  }

  /** The world has none of the chunks. */
  forget(): void {
    this.#sites = new SiteChunks();
    this.#specials = new SpecialChunks();
  }
}
