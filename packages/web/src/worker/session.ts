/**
 * What a worker knows of one tape: its reader, one who travels in it, and what was found out of it.
 *
 * The page has two workers a tape. One stands where the page stands and answers what is asked of the
 * state there; the other, the scout, looks through the whole tape, so that neither waits for the other.
 *
 * Dead objects are kept in the state, so that they can be asked for, as long as the tape is short. A long one
 * has snapshots, which leave the dead out: with those a jump far into it folds a little instead of all of it.
 */
import { Travel } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { SourceReader, type TapeSource } from '../wire/source.ts';
import { HeapCache } from './heap/heapfacts.ts';
import { Births } from './heapmap/births.ts';
import { Owners } from './heapmap/owners.ts';

/** Bytes that the snapshots of one worker may take. */
const BUDGET_BYTES = 384 * 1024 * 1024;

/** A tape of more events has snapshots, and the dead would fill the memory. */
const MOST_EVENTS_WITH_DEAD = 1 << 24;

export class Session {
  readonly reader: SourceReader;
  readonly travel: Travel;
  readonly heaps: HeapCache = new HeapCache();
  readonly births: Births;
  readonly owners: Owners = new Owners();
  /** Whether the state knows where dead objects were. */
  readonly keepDead: boolean;

  constructor(source: TapeSource, mostEventsWithDead: number = MOST_EVENTS_WITH_DEAD) {
    this.reader = new SourceReader(source);
    const { begin } = this.reader.header;
    this.keepDead = this.reader.events - begin <= mostEventsWithDead;
    const { keepDead } = this;
    this.travel = new Travel(this.reader, { budgetBytes: BUDGET_BYTES, keepDead });
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
