/**
 * What all requests of a client work on, once a tape is open: the debugger's session with it, its
 * listings, the breakpoints, and the values that the client can still ask for.
 */
import { SCALAR } from '@heaptape/core';
import type { Travel } from '@heaptape/replay';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Session } from '../debug/session.ts';
import { References } from './references.ts';
import type { FramePlace } from './scopes.ts';
import { Listing, type SourceMap } from './sources.ts';
import { StopTable } from './stops.ts';
import { Values } from './values.ts';

/** What the client has said of itself. */
export interface Client {
  /** Lines are numbered from 1, else from 0. */
  readonly linesFrom1: boolean;
  readonly columnsFrom1: boolean;
  readonly progress: boolean;
  readonly invalidated: boolean;
}

export type SendEvent = (event: string, body?: object) => void;

export class Context {
  readonly file: string;
  readonly session: Session;
  readonly client: Client;
  readonly send: SendEvent;
  readonly stops: StopTable;
  /** Values that were shown since the last move. */
  readonly values: Values = new Values();
  /** Frames that were shown since then. */
  readonly frames: References<FramePlace> = new References();
  readonly #listings: { readonly travel: Travel; readonly listing: Listing }[] = [];

  constructor(file: string, session: Session, client: Client, send: SendEvent) {
    this.file = file;
    this.session = session;
    this.client = client;
    this.send = send;
    this.stops = new StopTable(session);
    this.sources();
  }

  get travel(): Travel {
    return this.session.travel;
  }

  /** The sources of the tape, or of the branch that the session is in. */
  sources(): SourceMap {
    const { travel, branch } = this.session;
    const known = this.#listings.find((one) => one.travel === travel);
    if (known !== undefined) return known.listing;
    const listing = new Listing(travel, this.file, branch, this.#listings.length);
    this.#listings.push({ travel, listing });
    return listing;
  }

  /** Something has moved: what the client was shown is void. */
  moved(): void {
    this.values.forget();
    this.frames.forget();
  }

  /** The text of a source of any branch; undefined where there is no such source. */
  textOf(reference: number): string | undefined {
    for (const { listing } of this.#listings) {
      const text = listing.textOf(reference);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** A line as the client numbers it, and back. */
  toClient(line: number): number {
    return this.client.linesFrom1 ? line : line - 1;
  }

  fromClient(line: number): number {
    return this.client.linesFrom1 ? line : line + 1;
  }

  /** A source as the client has sent it. */
  sourceOf(fields: Readonly<Record<string, unknown>>): DebugProtocol.Source {
    const { sourceReference, path, name } = fields;
    return {
      ...(typeof sourceReference === 'number' ? { sourceReference } : {}),
      ...(typeof path === 'string' ? { path } : {}),
      ...(typeof name === 'string' ? { name } : {}),
    };
  }

  /** The goroutine that runs here; 0 is unknown. */
  get running(): number {
    return this.travel.world.scalars[SCALAR.g];
  }
}
