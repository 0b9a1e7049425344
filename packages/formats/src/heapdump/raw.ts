/**
 * What the records of a dump say, as it is gathered: addresses are not yet resolved to objects.
 *
 * A root is kept only where its value lies within the arenas' bounds, so that the nil words of segments and the plain
 * numbers of frames cost nothing.
 */
import { HeaptapeError } from '@heaptape/schema';
import { F64Column, U32Column } from '../exectrace/columns.ts';
import type {
  HeapDumpDefer,
  HeapDumpFrame,
  HeapDumpGoroutine,
  HeapDumpItab,
  HeapDumpMemStats,
  HeapDumpOtherRoot,
  HeapDumpPanic,
  HeapDumpParams,
  HeapDumpSegment,
  HeapDumpSite,
  HeapDumpThread,
  HeapDumpType,
  RootKind,
} from './dump.ts';
import { ROOT_KINDS } from './dump.ts';

/** Most rows of a table that is not kept in columns. */
const MAX_ROWS = 1 << 21;

/** A finalizer before its closure is looked up. */
export interface RawFinalizer {
  readonly queued: boolean;
  readonly address: number;
  readonly fn: number;
  readonly pc: number;
  readonly fint: number;
  readonly ot: number;
}

/** A goroutine before its frames are counted. */
export type RawGoroutine = Omit<HeapDumpGoroutine, 'frameCount'>;

/** Objects in the order of the dump: by span, ascending within each. */
export class RawObjects {
  readonly address: F64Column = new F64Column();
  readonly bytes: F64Column = new F64Column();
  readonly firstField: F64Column = new F64Column();
  readonly fieldOffset: U32Column = new U32Column();
  readonly fieldValue: F64Column = new F64Column();
}

/** Words outside the heap that may point into it. */
export class RawRoots {
  readonly kind: U32Column = new U32Column();
  readonly value: F64Column = new F64Column();
  readonly owner: U32Column = new U32Column();
  readonly offset: F64Column = new F64Column();
  /** Bounds of the heap's address space. */
  low = 0;
  high = 0;

  add(kind: RootKind, value: number, owner: number, offset: number): void {
    if (value < this.low || value >= this.high) return;
    this.kind.push(ROOT_KINDS.indexOf(kind));
    this.value.push(value);
    this.owner.push(owner);
    this.offset.push(offset);
  }
}

export class RawDump {
  params: HeapDumpParams | undefined;
  memstats: HeapDumpMemStats | undefined;
  readonly objects: RawObjects = new RawObjects();
  readonly roots: RawRoots = new RawRoots();
  readonly segments: HeapDumpSegment[] = [];
  readonly goroutines: RawGoroutine[] = [];
  readonly frames: HeapDumpFrame[] = [];
  readonly finalizers: RawFinalizer[] = [];
  readonly otherRoots: HeapDumpOtherRoot[] = [];
  readonly types: HeapDumpType[] = [];
  readonly typeAt: Map<number, HeapDumpType> = new Map();
  readonly itabs: HeapDumpItab[] = [];
  readonly threads: HeapDumpThread[] = [];
  readonly defers: HeapDumpDefer[] = [];
  readonly panics: HeapDumpPanic[] = [];
  readonly sites: HeapDumpSite[] = [];
  /** Address and site of each sampled object. */
  readonly sampleAddress: F64Column = new F64Column();
  readonly sampleSite: F64Column = new F64Column();
  fieldsOutside = 0;
  /** Calls in all stacks of `sites`. */
  callCount = 0;
  private readonly names: Map<string, string> = new Map();

  /** One copy of each name. */
  intern(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    this.names.set(name, name);
    return name;
  }
}

/** Appends a row to one of the tables; `what` names them. Throws `too-large` beyond a bound. */
export function addRow<Row>(rows: Row[], row: Row, what: string): void {
  if (rows.length >= MAX_ROWS) {
    throw new HeaptapeError('too-large', `the dump has more than ${MAX_ROWS} ${what}`);
  }
  rows.push(row);
}
