/**
 * The adapter: what each request of the Debug Adapter Protocol does, and when it may be made.
 *
 * 1. `initialize` comes first and once, then `launch` with a tape. Breakpoints can be set from then on, and
 *    `configurationDone` begins: the session goes to where it should, or runs.
 * 2. Requests about the state need it to stand still: while a move is under way they are refused with
 *    `notStopped`. Breakpoints and sources can be had at any time.
 * 3. Nothing here changes the tape.
 */

import { isAbsolute, resolve } from 'node:path';
import { type FileTapeReader, openTape } from '@heaptape/log';
import { usage } from '../debug/command.ts';
import { plain } from '../debug/paint.ts';
import { Session } from '../debug/session.ts';
import { inFile } from '../failure.ts';
import { type Fields, fieldsOf, flagOf, needText, numberOf, textOf } from './arguments.ts';
import { CAPABILITIES } from './capabilities.ts';
import { type Connection, Refusal, type Request, type RequestHandler } from './connection.ts';
import { type Client, Context } from './context.ts';
import { LOOKING } from './looking.ts';
import { endOf, Motion, runMove, type Stop } from './motion.ts';
import { MOVING } from './moving.ts';
import { SETTING } from './setting.ts';

/** What a request does once a tape is open. */
export type Handler = (debuggee: Debuggee, fields: Fields) => unknown;

/** When a request may be made: at any time after `launch`, or while nothing moves. */
export interface Entry {
  readonly when: 'launched' | 'stopped';
  readonly handle: Handler;
}

export interface Debuggee {
  readonly context: Context;
  readonly motion: Motion;
}

const TABLE: ReadonlyMap<string, Entry> = new Map(
  Object.entries({ ...MOVING, ...LOOKING, ...SETTING }),
);

/** Columns of tables in a client's console. */
const CONSOLE_WIDTH = 100;

interface Launched extends Debuggee {
  readonly reader: FileTapeReader;
  readonly stopOnEntry: boolean;
  readonly at: string | null;
  configured: boolean;
}

export class Adapter implements RequestHandler {
  readonly #connection: Connection;
  #client: Client | null = null;
  #launched: Launched | null = null;
  /** The last request whose response waits for a move; 0 is none. */
  #slow = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  handle(request: Request): unknown {
    const { command } = request;
    const own = this.#own(command);
    if (own !== undefined) return own(fieldsOf(request.arguments));
    const entry = TABLE.get(command);
    if (entry === undefined) throw usage(`there is no request '${command}'`);
    if (this.#client === null) throw usage(`${command} before initialize`);
    const launched = this.#launched;
    if (launched === null) throw usage(`${command} before launch`);
    if (entry.when === 'stopped' && launched.motion.moving) throw new Refusal('notStopped');
    const answer = entry.handle(launched, fieldsOf(request.arguments));
    if (answer instanceof Promise) this.#slow = request.seq;
    return answer;
  }

  closed(): void {
    this.#launched?.motion.pause();
    const { reader, motion } = this.#launched ?? {};
    // A move that is under way reads the tape until it gives way.
    void motion?.idle().then(() => reader?.close());
    this.#launched = null;
  }

  /** Requests that make the session, or end it. */
  #own(command: string): ((fields: Fields) => unknown) | undefined {
    switch (command) {
      case 'initialize':
        return (fields) => this.#initialize(fields);
      case 'launch':
        return (fields) => this.#launch(fields);
      case 'attach':
        return () => {
          throw usage('there is nothing to attach to: launch a tape', 'program: the .tape file');
        };
      case 'configurationDone':
        return () => this.#configured();
      case 'restart':
        return () => this.#restart();
      case 'cancel':
        return (fields) => this.#cancel(fields);
      case 'terminate':
        return () => this.#terminate();
      case 'disconnect':
        return () => this.#disconnect();
      default:
        return undefined;
    }
  }

  #initialize(fields: Fields): object {
    if (this.#client !== null) throw usage('initialize comes once');
    if ((textOf(fields, 'pathFormat') ?? 'path') !== 'path') {
      throw usage("paths are file names here: pathFormat is 'path'");
    }
    this.#client = {
      linesFrom1: flagOf(fields, 'linesStartAt1') ?? true,
      columnsFrom1: flagOf(fields, 'columnsStartAt1') ?? true,
      progress: flagOf(fields, 'supportsProgressReporting') ?? false,
      invalidated: flagOf(fields, 'supportsInvalidatedEvent') ?? false,
    };
    return CAPABILITIES;
  }

  #launch(fields: Fields): void {
    const client = this.#client;
    if (client === null) throw usage('launch before initialize');
    if (this.#launched !== null) throw usage('launch comes once: restart begins anew');
    const program = needText(fields, 'program');
    const file = isAbsolute(program) ? program : resolve(textOf(fields, 'cwd') ?? '.', program);
    const at = textOf(fields, 'at') ?? null;
    const stopOnEntry = flagOf(fields, 'stopOnEntry') ?? true;
    const reader = inFile(program, () => openTape(file));
    try {
      const session = new Session(file, reader, {
        width: CONSOLE_WIDTH,
        paint: plain,
        progress: { update: () => undefined, end: () => undefined },
      });
      const context = new Context(file, session, client, (event, body) =>
        this.#connection.event(event, body),
      );
      if (at !== null) session.placeOf(at);
      const motion = new Motion(context);
      this.#launched = { context, motion, reader, stopOnEntry, at, configured: false };
    } catch (error) {
      reader.close();
      throw error;
    }
    setImmediate(() => this.#connection.event('initialized'));
  }

  #configured(): void {
    const launched = this.#need('configurationDone');
    if (launched.configured) throw usage('configurationDone comes once');
    launched.configured = true;
    this.#enter(launched);
  }

  /** Goes to where the session begins, and runs from there where it should. */
  #enter({ context, motion, stopOnEntry, at }: Launched): void {
    const entry: Stop = { reason: 'entry' };
    void motion.start({
      title: at === null ? 'starting' : `going to ${at}`,
      journey: function* () {
        const { session, travel } = context;
        const place = at === null ? { event: 0, inside: 0 } : session.placeOf(at);
        yield* session.moving(() => travel.going(place));
        if (stopOnEntry) return entry;
        return travel.position.event === travel.reader.events
          ? endOf('end')
          : yield* runMove(context, false);
      },
    });
  }

  #restart(): void {
    const launched = this.#need('restart');
    if (launched.motion.moving) throw new Refusal('notStopped');
    this.#enter(launched);
  }

  /** A move, by the number of its progress or of the request that waits for it. Other requests do not wait. */
  #cancel(fields: Fields): void {
    const { motion } = this.#launched ?? {};
    if (numberOf(fields, 'requestId') === this.#slow) motion?.pause();
    else motion?.cancel(textOf(fields, 'progressId') ?? '');
  }

  #terminate(): void {
    this.#launched?.motion.pause();
    setImmediate(() => this.#connection.event('terminated'));
  }

  #disconnect(): void {
    this.#launched?.motion.pause();
    setImmediate(() => this.#connection.close());
  }

  #need(command: string): Launched {
    if (this.#launched === null) throw usage(`${command} before launch`);
    return this.#launched;
  }
}
