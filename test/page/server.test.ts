/** The server of the page against those who mean it ill: other hosts, other origins, other methods, nonsense. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal, heaptape, TRACE } from '../e2e/heaptape.testkit.ts';
import { importedTape, type Viewing, view } from './page.testkit.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const tape = importedTape(TRACE);
let viewing: Viewing;
beforeAll(async () => {
  viewing = await view(tape.path);
});
afterAll(async () => {
  expect(await viewing.end()).toBe(0);
});

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: viewing.port, path, method, headers },
      (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** Sends bytes as they are; resolves to what came back until the server hung up. */
function send(bytes: string | Uint8Array, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(viewing.port, host, () => socket.end(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(text) : reject(error),
    );
    socket.on('close', () => resolve(text));
  });
}

test('the first line is the address, of this machine only', () => {
  expect(viewing.url).toBe(`http://127.0.0.1:${viewing.port}/`);
});

describe('what is served', () => {
  test('the page, with a policy that allows its own files only', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toContain('<div id="root">');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  test.each([
    '/page.js',
    '/worker.js',
    '/page.css',
    '/tapes',
    '/tape/0/header',
    '/tape/0/segment/0',
  ])('%s', async (path) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(200);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(await ask(path, {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test.each([
    '/index.html',
    '/page.json',
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '//page.js',
    '/page.js/',
    '/tape/1/header',
    '/tape/-1/header',
    '/tape/0x0/header',
    '/tape/0/segment/999999',
    '/tape/0/segment/-1',
    '/tape/0/segment/1e3',
    '/tape/0/segment/__proto__',
    '/tape/0/snapshot/3',
    '/tape/0/document/no-such',
    '/tape/0/document/%00',
    `/${'a'.repeat(4000)}`,
  ])('not %s', async (path) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(404);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('who is refused', () => {
  // Names that may lead here, be it by a name server that answers with this address, and other spellings of it.
  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'localhost.',
    'LOCALHOST.',
    '0.0.0.0',
    '127.1',
    '0x7f.1',
    '2130706433',
    '127.0.0.2',
    '[::]',
    '[::1%25lo]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:0:0:1]',
    '::1',
    '[::1',
    'user@localhost',
    'localhost:1@evil.example',
    '',
  ])('one who means the host %s at this port', async (host) => {
    const { status } = await ask('/tape/0/header', { host: `${host}:${viewing.port}` });
    expect([400, 403]).toContain(status);
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('one who means %s at another', async (host) => {
    for (const port of ['', ':', ':1', `:${viewing.port}0`, `:0${viewing.port}`]) {
      const { status } = await ask('/tape/0/header', { host: `${host}${port}` });
      expect([400, 403]).toContain(status);
    }
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])(
    'not one who means %s at this port',
    async (host) => {
      expect(await ask('/', { host: `${host}:${viewing.port}` })).toMatchObject({ status: 200 });
    },
  );

  const other = ['http:', '', 'evil.example'].join('/');

  test.each(['null', other, 'https://127.0.0.1', 'file://'])(
    'one whose origin is %s',
    async (origin) => {
      expect(await ask('/tape/0/header', { origin })).toMatchObject({ status: 403 });
    },
  );

  test('one of another site, by the word of the browser', async () => {
    expect(await ask('/page.js', { 'sec-fetch-site': 'cross-site' })).toMatchObject({
      status: 403,
    });
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('a %s', async (method) => {
    const { status, headers } = await ask('/', {}, method);
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});

describe('what is no request', () => {
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['noise', Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) & 255)],
    ['a TLS greeting', Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0)],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: @@\r\n\r\n'],
    ['a path that is none', 'GET \\..\\x HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an address for a path', 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a bad escape', 'GET /tape/0/document/%zz HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a huge header', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1 << 20)}\r\n\r\n`],
    ['a wrong length', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['half a request', 'GET /tape/0/hea'],
  ])('%s does not end the server, and gets no content', async (_, bytes) => {
    const answer = await send(bytes);
    expect(answer).not.toMatch(/^HTTP\/1\.1 [25]/);
    expect(await ask('/')).toMatchObject({ status: 200 });
  });

  test('a bad escape of one who may ask is no bug of ours', async () => {
    const head = `Host: 127.0.0.1:${viewing.port}\r\nConnection: close`;
    const answer = await send(`GET /tape/0/document/%zz HTTP/1.1\r\n${head}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
  });
});

describe('the command', () => {
  test('a port that is taken is bad input', async () => {
    const answer = await heaptape(['view', tape.path, '--no-open', '--port', String(viewing.port)]);
    expectRefusal(answer, /^heaptape: .*cannot listen at port \d+: EADDRINUSE$/);
  });

  test.each(['x', '-1', '65536', '1.5'])('there is no port %s', async (port) => {
    const answer = await heaptape(['view', tape.path, `--port=${port}`]);
    expectRefusal(answer, /^heaptape: view: option '--port <N>' argument/);
  });

  test('a file that is no tape', async () => {
    expectRefusal(await heaptape(['view', TRACE, '--no-open']), /: not a heaptape tape$/);
  });
});
