/**
 * One client: requests in, responses and events out, each with its number.
 *
 * Whatever comes in is answered or refused, and nothing of it ends the process: a message that is no JSON
 * or no request gets a response with `success: false` (request 0 where it has no number), and so does a
 * request whose handler throws. Only a broken frame ends the connection, because nothing behind it can be
 * read.
 */
import type { Readable, Writable } from 'node:stream';
import { HeaptapeError } from '@heaptape/schema';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { failureOf } from '../failure.ts';
import { FrameReader, framed } from './framing.ts';

/** A request whose envelope is in order. Its arguments may be anything. */
export interface Request {
  readonly seq: number;
  readonly command: string;
  readonly arguments: unknown;
}

/** Says what happens with requests. */
export interface RequestHandler {
  /** Resolves to the body of the response; undefined is none. Throws what `failureOf` understands. */
  handle(request: Request): unknown;
  /** The client has gone. */
  closed(): void;
}

export class Connection {
  readonly #output: Writable;
  readonly #frames = new FrameReader();
  #seq = 0;
  #open = true;
  #ended: () => void = () => undefined;
  /** What ended the connection; null where the client did. */
  problem: string | null = null;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Answers requests until the stream ends, or until `close`. */
  async serve(input: Readable, handler: RequestHandler): Promise<void> {
    const take = (chunk: Buffer | string): void => {
      for (const frame of this.#frames.push(Buffer.from(chunk))) {
        if ('text' in frame) this.#take(frame.text, handler);
        else {
          this.#refuse({ seq: 0, command: '' }, frame.problem);
          if (frame.fatal) this.#end(frame.problem);
        }
      }
    };
    await new Promise<void>((ended) => {
      this.#ended = ended;
      // A stream that breaks is a client that has gone.
      this.#output.on('error', () => this.#end(null));
      input.on('error', () => this.#end(null));
      input.on('close', () => this.#end(null));
      input.on('end', () => this.#end(this.#frames.end() ?? null));
      input.on('data', take);
    });
    input.off('data', take);
    input.pause();
    handler.closed();
  }

  #end(problem: string | null): void {
    if (!this.#open) return;
    this.#open = false;
    this.problem = problem;
    this.#ended();
  }

  close(): void {
    this.#end(null);
  }

  event(event: string, body?: object): void {
    this.#send({ type: 'event', event, ...(body === undefined ? {} : { body }) });
  }

  #take(text: string, handler: RequestHandler): void {
    let request: Request;
    try {
      request = requestOf(text);
    } catch (error) {
      const { seq = 0, command = '' } = error instanceof BadEnvelope ? error : {};
      this.#refuse({ seq, command }, failureOf(error).line);
      return;
    }
    void this.#answer(request, handler);
  }

  async #answer(request: Request, handler: RequestHandler): Promise<void> {
    try {
      const result = handler.handle(request);
      const body = result instanceof Promise ? await result : result;
      this.#send({
        type: 'response',
        request_seq: request.seq,
        success: true,
        command: request.command,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      this.#fail(request, error);
    }
  }

  #fail({ seq, command }: Request, error: unknown): void {
    if (error instanceof Refusal) {
      this.#refuse({ seq, command }, error.message);
      return;
    }
    const { line, hint } = failureOf(error);
    const own = error instanceof HeaptapeError && error.hint === undefined ? '' : ` (${hint})`;
    const message: DebugProtocol.Message = { id: 1, format: `${line}${own}`, showUser: true };
    this.#refuse({ seq, command }, line, { error: message });
  }

  #refuse(
    { seq, command }: { readonly seq: number; readonly command: string },
    message: string,
    body?: object,
  ): void {
    const error: DebugProtocol.Message = { id: 2, format: message };
    this.#send({
      type: 'response',
      request_seq: seq,
      success: false,
      command,
      message,
      body: body ?? { error },
    });
  }

  #send(message: object): void {
    if (!this.#open || this.#output.destroyed) return;
    this.#seq += 1;
    this.#output.write(framed({ seq: this.#seq, ...message }));
  }
}

/** A response of the protocol's own kinds: `notStopped`, `cancelled`. */
export class Refusal extends Error {}

/** A message that is no request; what it said of itself, to be answered. */
class BadEnvelope extends HeaptapeError {
  readonly seq: number;
  readonly command: string;

  constructor(problem: string, seq = 0, command = '') {
    super('bad-usage', problem);
    this.seq = seq;
    this.command = command;
  }
}

function requestOf(text: string): Request {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new BadEnvelope('a message is no JSON');
  }
  if (typeof message !== 'object' || message === null)
    throw new BadEnvelope('a message is no object');
  const { seq, type, command, arguments: args }: Record<string, unknown> = { ...message };
  const known = Number.isSafeInteger(seq) ? Number(seq) : 0;
  if (type !== 'request')
    throw new BadEnvelope("a message is no request: its type is not 'request'", known);
  if (typeof command !== 'string') throw new BadEnvelope('a request has no command', known);
  if (known === 0) throw new BadEnvelope('a request has no number', 0, command);
  return { seq: known, command, arguments: args };
}
