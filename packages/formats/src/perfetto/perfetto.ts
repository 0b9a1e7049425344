/**
 * Perfetto traces: track events in protobuf, packet after packet, for ui.perfetto.dev and trace_processor.
 *
 * 1. A trace is a sequence of packets, each complete in itself: what has been written so far is a trace.
 *    So a caller takes the bytes now and then and nothing is kept but the names below.
 * 2. Events lie on tracks, which are described before their first event. A track of slices holds nested
 *    slices, begun and ended, and instants. A counter's track holds values.
 * 3. Names of events and of their arguments are sent once and then named by number, the first thousand of
 *    them; the rest, such as `GC 1234`, are sent as they are.
 * 4. Slices with the same flow number are joined by arrows.
 *
 * Field numbers are those of perfetto's protos/perfetto/trace/. Times are ns of a virtual clock from 0.
 */
import { MessageWriter } from '../message.ts';

/** What an event says beside its name. */
export type PerfettoArgs = Readonly<Record<string, number | string>>;

/** A track. */
export interface PerfettoTrack {
  readonly id: number;
  readonly name: string;
  /** The track that it is shown under; the process has none. */
  readonly parent?: number;
  /** Left out, the track has slices. */
  readonly kind?: 'process' | 'counter';
  readonly unit?: 'bytes' | 'count' | 'percent';
  /** Place among the tracks of its parent. */
  readonly rank?: number;
}

const PACKET = {
  timestamp: 8,
  sequenceId: 10,
  trackEvent: 11,
  internedData: 12,
  sequenceFlags: 13,
  trackDescriptor: 60,
  firstOnSequence: 87,
} as const;
const FLAGS = { cleared: 1, needsState: 2 } as const;
const TRACK = {
  uuid: 1,
  name: 2,
  process: 3,
  parent: 5,
  counter: 8,
  childOrdering: 11,
  siblingRank: 12,
  siblingMerge: 15,
} as const;
const EXPLICIT_ORDER = 3;
const MERGE_NONE = 2;
const PROCESS = { pid: 1, name: 6 } as const;
const COUNTER = { unit: 3, unitName: 6 } as const;
const UNIT = { count: 2, bytes: 3 } as const;
const EVENT = {
  annotation: 4,
  type: 9,
  nameIid: 10,
  track: 11,
  name: 23,
  counter: 30,
  doubleCounter: 44,
  flow: 47,
} as const;
const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;
const ANNOTATION = { nameIid: 1, int: 4, double: 5, string: 6, name: 10 } as const;
const INTERNED = { eventNames: 2, annotationNames: 3 } as const;
const NAME = { iid: 1, name: 2 } as const;

const SEQUENCE = 1;
const PID = 1;
/** Names that are sent once. */
const MOST_NAMES = 1024;

/** Writes a trace; `take` what is there from time to time. */
export class PerfettoWriter {
  readonly #out = new MessageWriter();
  readonly #eventNames = new Map<string, number>();
  readonly #annotationNames = new Map<string, number>();
  #started = false;

  /** Describes a track; the same one may be described again. */
  track(track: PerfettoTrack): void {
    const out = this.#out;
    this.#begin();
    out.begin(PACKET.trackDescriptor);
    out.uint(TRACK.uuid, track.id);
    out.uint(TRACK.parent, track.parent ?? 0);
    if (track.kind === 'process') {
      out.begin(TRACK.process);
      out.uint(PROCESS.pid, PID);
      out.text(PROCESS.name, track.name);
      out.end();
    } else out.text(TRACK.name, track.name);
    if (track.kind === 'counter') {
      out.begin(TRACK.counter);
      if (track.unit === 'percent') out.text(COUNTER.unitName, '%');
      else out.uint(COUNTER.unit, UNIT[track.unit ?? 'count']);
      out.end();
    } else out.uint(TRACK.childOrdering, EXPLICIT_ORDER);
    out.uint(TRACK.siblingRank, track.rank ?? 0);
    out.uint(TRACK.siblingMerge, MERGE_NONE);
    out.end();
    out.end();
  }

  begin(track: number, ns: number, name: string, args: PerfettoArgs = {}, flow = 0): void {
    this.#event(track, ns, TYPE.begin, name, args, flow);
  }

  /** Ends the innermost slice of a track; `args` are added to what it said. */
  end(track: number, ns: number, args: PerfettoArgs = {}): void {
    this.#event(track, ns, TYPE.end, '', args, 0);
  }

  instant(track: number, ns: number, name: string, args: PerfettoArgs = {}, flow = 0): void {
    this.#event(track, ns, TYPE.instant, name, args, flow);
  }

  counter(track: number, ns: number, value: number): void {
    const out = this.#out;
    this.#begin();
    out.uint(PACKET.timestamp, ns);
    out.begin(PACKET.trackEvent);
    out.uint(EVENT.type, TYPE.counter);
    out.uint(EVENT.track, track);
    if (Number.isSafeInteger(value)) out.int(EVENT.counter, value);
    else out.double(EVENT.doubleCounter, value);
    out.end();
    out.end();
  }

  /** The bytes of all packets since the last call. */
  take(): Uint8Array {
    return this.#out.take();
  }

  /** Begins a packet. The first one says that no state is left of a sequence before. */
  #begin(): void {
    const out = this.#out;
    out.begin(PACKET_OF_TRACE);
    out.uint(PACKET.sequenceId, SEQUENCE);
    if (this.#started) out.uint(PACKET.sequenceFlags, FLAGS.needsState);
    else {
      this.#started = true;
      out.uint(PACKET.sequenceFlags, FLAGS.cleared);
      out.uint(PACKET.firstOnSequence, 1);
    }
  }

  #event(
    track: number,
    ns: number,
    type: number,
    name: string,
    args: PerfettoArgs,
    flow: number,
  ): void {
    const out = this.#out;
    this.#begin();
    out.uint(PACKET.timestamp, ns);
    this.#intern(name, args);
    out.begin(PACKET.trackEvent);
    out.uint(EVENT.type, type);
    out.uint(EVENT.track, track);
    if (name !== '') this.#name(this.#eventNames, EVENT.nameIid, EVENT.name, name);
    if (flow !== 0) out.fixed(EVENT.flow, flow);
    for (const [key, value] of Object.entries(args)) {
      out.begin(EVENT.annotation);
      this.#name(this.#annotationNames, ANNOTATION.nameIid, ANNOTATION.name, key);
      if (typeof value === 'string') out.explicitText(ANNOTATION.string, value);
      else if (Number.isSafeInteger(value)) out.int(ANNOTATION.int, value);
      else out.double(ANNOTATION.double, value);
      out.end();
    }
    out.end();
    out.end();
  }

  /** Sends the names of an event that have not been sent. */
  #intern(name: string, args: PerfettoArgs): void {
    const events = this.#eventNames;
    const annotations = this.#annotationNames;
    const isNew = (names: Map<string, number>, text: string): boolean =>
      !names.has(text) && names.size < MOST_NAMES;
    const event = name !== '' && isNew(events, name);
    const keys = Object.keys(args).filter((key) => isNew(annotations, key));
    if (!event && keys.length === 0) return;
    this.#out.begin(PACKET.internedData);
    if (event) this.#send(INTERNED.eventNames, events, name);
    for (const key of keys) this.#send(INTERNED.annotationNames, annotations, key);
    this.#out.end();
  }

  #send(field: number, names: Map<string, number>, name: string): void {
    const iid = names.size + 1;
    names.set(name, iid);
    this.#out.begin(field);
    this.#out.uint(NAME.iid, iid);
    this.#out.text(NAME.name, name);
    this.#out.end();
  }

  #name(names: ReadonlyMap<string, number>, iidField: number, field: number, name: string): void {
    const iid = names.get(name);
    if (iid === undefined) this.#out.text(field, name);
    else this.#out.uint(iidField, iid);
  }
}

/** The one field of a trace: its packets. */
const PACKET_OF_TRACE = 1;
