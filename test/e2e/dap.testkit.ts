/** An editor that debugs a tape: the protocol's own test client, and a raw one that may send anything. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { BIN } from './heaptape.testkit.ts';

const PATIENCE_MS = 60_000;
/** Events of a window of the listing. */
const WINDOW = 10_000;

export type Stopped = DebugProtocol.StoppedEvent['body'];

/** Where an editor shows that a session stands. */
export interface Shown {
  readonly event: number;
  /** Objects inside the next event that have had their turn. */
  readonly inside: number;
  readonly name: string;
}

export class Editor {
  readonly client: DebugClient;
  #thread = 1;

  constructor() {
    this.client = new DebugClient(BIN, 'dap', 'heaptape', { stdio: 'pipe' });
    this.client.defaultTimeout = PATIENCE_MS;
    // A command in the console moves as well.
    this.client.on('stopped', ({ body }: DebugProtocol.StoppedEvent) => {
      this.#thread = body.threadId ?? 0;
    });
  }

  /** Starts the adapter and launches a tape; `configure` sets breakpoints. */
  async open(
    launch: object,
    configure: () => Promise<unknown> = async () => undefined,
  ): Promise<Stopped> {
    await this.client.start();
    await this.client.initializeRequest({
      adapterID: 'heaptape',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
      supportsProgressReporting: true,
      supportsInvalidatedEvent: true,
    });
    const initialized = this.client.waitForEvent('initialized', PATIENCE_MS);
    await this.client.launchRequest(launch as DebugProtocol.LaunchRequestArguments);
    await initialized;
    await configure();
    return this.#stopping(() => this.client.configurationDoneRequest());
  }

  async #stopping(request: () => Promise<unknown>): Promise<Stopped> {
    const event = this.client.waitForEvent('stopped', PATIENCE_MS);
    await request();
    return (await event).body as Stopped;
  }

  /** Makes a request that moves, and waits for the stop. */
  move(command: string, args: object = {}): Promise<Stopped> {
    return this.#stopping(() => this.ask(command, { threadId: this.#thread, ...args }));
  }

  /** The body of a response. */
  async ask<T>(command: string, args: object = {}): Promise<T> {
    const response = (await this.client.customRequest(command, args)) as DebugProtocol.Response;
    return response.body as T;
  }

  /** What is wrong with a request. */
  async refused(command: string, args: object = {}): Promise<string> {
    try {
      await this.client.customRequest(command, args);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error(`${command} was accepted`);
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    const { stackFrames } = await this.ask<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: this.#thread,
    });
    return stackFrames;
  }

  /** Where the top frame is. */
  async shown(): Promise<Shown> {
    const [{ source, line, name }] = await this.frames();
    const event = ((source?.sourceReference ?? 0) - 1) * WINDOW + line - 1;
    const inside = Number(/^object (\d+) of/.exec(name)?.[1] ?? 0);
    return { event: inside > 0 ? event - 1 : event, inside, name };
  }

  async value(expression: string, context = 'watch'): Promise<string> {
    return (
      await this.ask<DebugProtocol.EvaluateResponse['body']>('evaluate', { expression, context })
    ).result;
  }

  async variables(
    variablesReference: number,
    page: object = {},
  ): Promise<DebugProtocol.Variable[]> {
    const args = { variablesReference, ...page };
    return (await this.ask<DebugProtocol.VariablesResponse['body']>('variables', args)).variables;
  }

  /** The variables of a scope of the top frame. */
  async scope(name: string): Promise<DebugProtocol.Variable[]> {
    const [{ id }] = await this.frames();
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse['body']>('scopes', {
      frameId: id,
    });
    const found = scopes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no scope ${name}`);
    return this.variables(found.variablesReference);
  }

  close(): Promise<void> {
    return this.client.stop();
  }
}

interface Message {
  readonly type: string;
  readonly success?: boolean;
  readonly request_seq?: number;
  readonly message?: string;
  readonly command?: string;
  readonly event?: string;
}

/** A client that sends bytes, and reads messages. */
export class RawClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly messages: Message[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #errors = '';
  readonly #closed: Promise<unknown>;

  constructor() {
    this.#child = spawn(process.execPath, [BIN, 'dap']);
    this.#closed = once(this.#child, 'close');
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#take();
      this.#wake();
    });
  }

  #take(): void {
    for (;;) {
      const match = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#bytes.toString('latin1'));
      if (match === null) return;
      const end = match[0].length + Number(match[1]);
      if (this.#bytes.length < end) return;
      this.messages.push(JSON.parse(this.#bytes.toString('utf8', match[0].length, end)));
      this.#bytes = this.#bytes.subarray(end);
    }
  }

  send(bytes: string | Uint8Array): void {
    this.#child.stdin.write(bytes);
  }

  /** Sends text with its length, or with another one. */
  frame(text: string, length: number = Buffer.byteLength(text)): void {
    this.send(`Content-Length: ${length}\r\n\r\n${text}`);
  }

  /** Waits for so many messages in all, and gives back the last of them. */
  async answer(count: number): Promise<Message> {
    while (this.messages.length < count) {
      await Promise.race([
        new Promise<void>((wake) => {
          this.#wake = wake;
        }),
        this.#closed,
      ]);
      if (this.#child.exitCode !== null && this.messages.length < count) break;
    }
    return this.messages[count - 1] ?? { type: 'none' };
  }

  /** Ends the input and waits for the process. */
  async end(): Promise<{ status: number | null; stderr: string }> {
    this.#child.stdin.end();
    await this.#closed;
    return { status: this.#child.exitCode, stderr: this.#errors };
  }
}
