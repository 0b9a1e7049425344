/** What is no request, or comes at the wrong time: an error of the protocol, and never the end of the process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Editor, RawClient } from './dap.testkit.ts';
import { BIN, temporaryFolder } from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

const folder = temporaryFolder();
const program = join(folder, 'program.tape');

beforeAll(() => writeProgramTape(program));

const INITIALIZE = JSON.stringify({
  seq: 1,
  type: 'request',
  command: 'initialize',
  arguments: { adapterID: 'x' },
});

/** The adapter still answers, and ends well. */
async function isWell(client: RawClient, answered: number): Promise<void> {
  client.frame(INITIALIZE);
  expect(await client.answer(answered + 1)).toMatchObject({ command: 'initialize', success: true });
  expect(await client.end()).toEqual({ status: 0, stderr: '' });
}

describe('messages that are none', () => {
  const wrong: readonly (readonly [text: string, message: string, number?: number])[] = [
    ['{"seq": 1, "type": "request"', 'a message is no JSON'],
    ['', 'a message is no JSON'],
    ['\u0000\u0001', 'a message is no JSON'],
    ['null', 'a message is no object'],
    ['12', 'a message is no object'],
    ['[]', "a message is no request: its type is not 'request'"],
    ['{"seq": 4, "type": "response"}', "a message is no request: its type is not 'request'", 4],
    ['{"seq": 4, "type": "request"}', 'a request has no command', 4],
    ['{"type": "request", "command": "threads"}', 'a request has no number'],
    ['{"seq": "x", "type": "request", "command": "threads"}', 'a request has no number'],
    ['{"seq": 5, "type": "request", "command": "__proto__"}', "there is no request '__proto__'", 5],
    ['{"seq": 5, "type": "request", "command": "dance"}', "there is no request 'dance'", 5],
    ['{"seq": 5, "type": "request", "command": "threads"}', 'threads before initialize', 5],
    ['{"seq": 5, "type": "request", "command": "launch"}', 'launch before initialize', 5],
    [
      '{"seq": 5, "type": "request", "command": "configurationDone"}',
      'configurationDone before launch',
      5,
    ],
    [
      '{"seq": 5, "type": "request", "command": "initialize", "arguments": []}',
      'arguments: an object is wanted',
      5,
    ],
  ];

  test('are each refused, one after the other', async () => {
    const client = new RawClient();
    for (const [i, [text, message, number = 0]] of wrong.entries()) {
      client.frame(text);
      expect([text, await client.answer(i + 1)]).toMatchObject([
        text,
        { type: 'response', success: false, request_seq: number, message },
      ]);
    }
    await isWell(client, wrong.length);
  });

  test('a giant body is passed over, and what comes behind it is answered', async () => {
    const client = new RawClient();
    const bytes = 17 * 1024 * 1024;
    client.send(`Content-Length: ${bytes}\r\n\r\n`);
    for (let left = bytes; left > 0; left -= 1024 * 1024)
      client.send(Buffer.alloc(Math.min(left, 1024 * 1024), 91));
    expect((await client.answer(1)).message).toMatch(/^a message is longer than \d+ bytes$/);
    await isWell(client, 1);
  });

  test('deeply nested JSON is refused like any other', async () => {
    const client = new RawClient();
    client.frame('['.repeat(1_000_000));
    expect((await client.answer(1)).success).toBe(false);
    await isWell(client, 1);
  });

  test('messages may come in pieces, many at a time, with other fields in the header', async () => {
    const client = new RawClient();
    const request = (seq: number): string => {
      const text = JSON.stringify({ seq, type: 'request', command: 'threads' });
      return `content-length:${Buffer.byteLength(text)}\r\nContent-Type: application/json\r\n\r\n${text}`;
    };
    const all = request(3) + request(4);
    for (const byte of all.slice(0, 90)) {
      client.send(byte);
      await new Promise((after) => setTimeout(after, 1));
    }
    client.send(all.slice(90));
    expect(await client.answer(2)).toMatchObject({ request_seq: 4, success: false });
    await isWell(client, 2);
  });
});

describe('frames that are none', () => {
  test.each([
    ['Content-Length: x\r\n\r\n{}', 'a header may have one Content-Length and nothing else'],
    ['Content-Length: -5\r\n\r\n{}', 'a header may have one Content-Length and nothing else'],
    [
      'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      'a header may have one Content-Length and nothing else',
    ],
    ['Content-Type: text/plain\r\n\r\n{}', 'a header has no Content-Length'],
    ['\r\n\r\n', 'a header may have one Content-Length and nothing else'],
    [
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${INITIALIZE.length}\r\n\r\n${INITIALIZE}`,
      'a header may have one Content-Length and nothing else',
    ],
    ['x'.repeat(5000), 'the header is too long'],
  ])('%j ends the connection', async (bytes, problem) => {
    const client = new RawClient();
    client.send(bytes);
    expect(await client.answer(1)).toMatchObject({
      success: false,
      request_seq: 0,
      message: problem,
    });
    const { status, stderr } = await client.end();
    expect(status).toBe(2);
    expect(stderr).toMatch(/^heaptape: standard input: [^\n]+\nhint: [^\n]+\n$/);
    expect(client.messages.length).toBe(1);
  });

  test('a length that is too short or too long spoils that message, and perhaps the next', async () => {
    const short = new RawClient();
    short.frame(INITIALIZE, INITIALIZE.length - 3);
    expect((await short.answer(1)).message).toBe('a message is no JSON');
    short.frame(INITIALIZE);
    expect((await short.end()).status).toBe(2);
    const long = new RawClient();
    long.frame(INITIALIZE, INITIALIZE.length + 10);
    const { status, stderr } = await long.end();
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      'heaptape: standard input: the stream ends 10 bytes before the end of a message',
    ]);
  });

  test('anything at all is answered or refused, and ends with status 0 or 2', async () => {
    const pieces = fc.oneof(
      fc.constantFrom('Content-Length: ', '\r\n\r\n', '\r\n', INITIALIZE, '{}', '5', '99999999999'),
      fc.string({ maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (all) => {
        const client = new RawClient();
        client.send(all.join(''));
        const { status, stderr } = await client.end();
        expect([0, 2]).toContain(status);
        expect(stderr).not.toMatch(/internal error|\n +at /);
      }),
      { seed: 81, numRuns: 5, endOnFailure: true },
    );
  });
});

describe('requests with arguments that do not fit', () => {
  test('are refused, whatever they are, and the session goes on', async () => {
    const editor = new Editor();
    await editor.open({ program });
    expect(await editor.refused('initialize')).toBe('initialize comes once');
    expect(await editor.refused('launch', { program })).toBe(
      'launch comes once: restart begins anew',
    );
    expect(await editor.refused('configurationDone')).toBe('configurationDone comes once');
    expect(await editor.refused('attach')).toMatch(/^there is nothing to attach to/);
    for (const [command, args, message] of [
      ['stackTrace', { threadId: 77 }, 'there is no thread 77 here'],
      ['stackTrace', {}, 'threadId is missing'],
      ['scopes', { frameId: 12 }, 'frame 12 is of another place'],
      ['variables', { variablesReference: 0 }, 'value 0 is of another place'],
      ['source', { sourceReference: 2 }, 'there is no source 2'],
      ['goto', { targetId: 1e9, threadId: 1 }, /^event 1000000000 is not on a tape of/],
      ['stepIn', { targetId: 9, threadId: 1 }, 'there is no target 9'],
      ['evaluate', { expression: 'heapLive >' }, 'column 11: the expression ends too early'],
      ['evaluate', { expression: 12 }, 'expression: a text is wanted'],
      ['readMemory', { memoryReference: 'x', count: 8 }, 'x is no address'],
      ['readMemory', { memoryReference: '0xc000000000', count: -8 }, '-8 is no number of bytes'],
      ['setBreakpoints', {}, 'source is missing'],
      ['setBreakpoints', { source: {}, breakpoints: [{}] }, 'line is missing'],
      ['setBreakpoints', { source: {}, breakpoints: 7 }, 'breakpoints: a list is wanted'],
      ['setDataBreakpoints', { breakpoints: [null] }, 'dataId is missing'],
    ] as const) {
      const found = await editor.refused(command, args);
      if (typeof message === 'string') expect(found).toBe(message);
      else expect(found).toMatch(message);
    }
    const commands = fc.constantFrom(
      ...[
        'stackTrace',
        'scopes',
        'variables',
        'source',
        'evaluate',
        'readMemory',
        'setBreakpoints',
      ],
      ...['setFunctionBreakpoints', 'setDataBreakpoints', 'setExceptionBreakpoints', 'gotoTargets'],
      ...['dataBreakpointInfo', 'breakpointLocations', 'completions', 'cancel', 'loadedSources'],
    );
    const names = fc.constantFrom(
      ...[
        'threadId',
        'frameId',
        'variablesReference',
        'start',
        'count',
        'filter',
        'source',
        'line',
      ],
      ...['breakpoints', 'filters', 'expression', 'context', 'memoryReference', 'offset', 'name'],
      ...['sourceReference', 'text', 'column', 'condition', 'hitCondition', 'dataId'],
    );
    await fc.assert(
      fc.asyncProperty(commands, fc.dictionary(names, fc.jsonValue()), async (command, args) => {
        const client = editor.client as {
          customRequest(name: string, args: object): Promise<unknown>;
        };
        const message = await client.customRequest(command, args).then(
          () => '',
          (error: unknown) => String(error),
        );
        expect(message).not.toContain('internal error');
      }),
      { seed: 82, numRuns: 300, endOnFailure: true },
    );
    expect(await editor.value('heapLive')).toBe('0 B');
    await editor.close();
  });

  test.each([
    [{ program: 'missing.tape', cwd: folder }, /^missing\.tape: .*no such file/],
    [{ program: BIN }, /: not a heaptape tape$/],
    [{ program, at: 'nowhere' }, "'nowhere' names no position"],
    [{ program, stopOnEntry: 'yes' }, 'stopOnEntry: true or false is wanted'],
    [{}, 'program is missing'],
  ])('launch %j', async (args, message) => {
    const editor = new Editor();
    const opened = editor.open(args);
    await expect(opened).rejects.toThrow(message);
    // A launch that failed can be tried again.
    await editor.ask('launch', { program });
    await editor.close();
  });
});

describe('at a port', () => {
  test('of the loopback interface only, for several clients; a browser gets nothing', async () => {
    const child = spawn(process.execPath, [BIN, 'dap', '--port', '0']);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(/^listening at 127\.0\.0\.1:(\d+)\n$/.exec(line.toString())?.[1]);
    const two = await Promise.all([opened(port), opened(port)]);
    for (const socket of two)
      socket.write(`Content-Length: ${INITIALIZE.length}\r\n\r\n${INITIALIZE}`);
    for (const socket of two)
      expect(String(await once(socket, 'data'))).toContain('supportsStepBack');
    const browser = await opened(port);
    browser.write(
      `POST / HTTP/1.1\r\nHost: evil.test\r\nContent-Length: ${INITIALIZE.length}\r\n\r\n${INITIALIZE}`,
    );
    let heard = '';
    browser.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await once(browser, 'close');
    expect(heard).toContain('a header may have one Content-Length and nothing else');
    expect(heard).not.toContain('supportsStepBack');
    for (const address of otherAddresses()) {
      await expect(opened(port, address)).rejects.toThrow(/ECONNREFUSED/);
    }
    for (const socket of two) socket.destroy();
    child.kill();
    await once(child, 'close');
  });
});

async function opened(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

const otherAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
