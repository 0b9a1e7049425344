/**
 * What a worker knows of one tape: its reader, one who travels in it, and what was found out of it.
 *
 * The page has two workers a tape. One stands where the page stands and answers what is asked of the
 * state there; the other, the scout, looks through the whole tape, so that neither waits for the other.
 */
import { Travel } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { SourceReader, type TapeSource } from '../wire/source.ts';
import { HeapCache } from './heap/heapfacts.ts';
import { Births } from './heapmap/births.ts';
import { Owners } from './heapmap/owners.ts';

/** Bytes that the snapshots of one worker may take. */
const BUDGET_BYTES = 384 * 1024 * 1024;

export class Session {
  readonly reader: SourceReader;
  readonly travel: Travel;
  readonly heaps: HeapCache = new HeapCache();
  readonly births: Births;
  readonly owners: Owners = new Owners();

  constructor(source: TapeSource) {
    this.reader = new SourceReader(source);
    this.travel = new Travel(this.reader, { budgetBytes: BUDGET_BYTES });
    this.births = new Births(this.reader);
  }
}

/** Snapshots of timelines beside the one that travels may take so many bytes. */
export const ASIDE_BUDGET_BYTES: number = 128 * 1024 * 1024;

/** Holds the session of a worker once there is one. */
export class SessionHolder {
  #session: Session | null = null;

  set(session: Session): void {
    this.#session = session;
  }

  get(): Session {
    if (this.#session === null) throw new HeaptapeError('bad-usage', 'no tape is open');
    return this.#session;
  }
}
