/**
 * What `heaptape view` answers: the files of the page, and the tapes that were named, nothing else.
 *
 * 1. Whoever asks must mean this server: the Host is one of its own names, so that a page elsewhere cannot
 *    reach it through a name of its own (DNS rebinding), and a request that a browser says comes from
 *    another origin is refused.
 * 2. Every answer forbids the page to load or send anything else, and anybody else to embed it.
 * 3. Only GET and HEAD; nothing changes anything.
 */
import type { FileTapeReader } from '@heaptape/log';
import { type ErrorCode, HeaptapeError } from '@heaptape/schema';
import { headerOf, segmentFrame, snapshotFrame, type TapeListing } from '@heaptape/web';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { PageFile } from './files.ts';

export interface ShownTape {
  readonly name: string;
  readonly reader: FileTapeReader;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The last three let the page share memory with its workers, which is how it stops long searches. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Refuses who does not mean this server, which listens at `port`. */
function guard(port: () => number): MiddlewareHandler {
  return async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    const { method } = c.req;
    if (method !== 'GET' && method !== 'HEAD') {
      c.header('Allow', 'GET, HEAD');
      return refused(c, 405, 'only GET and HEAD');
    }
    const hosts = NAMES.map((name) => `${name}:${port()}`);
    const host = c.req.header('host') ?? '';
    if (!hosts.includes(host)) return refused(c, 403, 'this is another host');
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) {
      return refused(c, 403, 'another origin asks');
    }
    const site = c.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      return refused(c, 403, 'another site asks');
    }
    await next();
    return undefined;
  };
}

const refused = (c: Context, status: 400 | 403 | 404 | 405, message: string): Response =>
  c.json({ code: 'refused', message }, status);

/** A number in a path; -1 is none. */
const numberIn = (text: string | undefined): number =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : -1;

const STATUS: Partial<Readonly<Record<ErrorCode, 404>>> = { 'not-found': 404 };

function failed(c: Context, error: unknown): Response {
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  if (!(error instanceof HeaptapeError)) {
    const message = error instanceof Error ? error.message : String(error);
    return c.json({ code: 'bug', message: `internal error: ${message}` }, 500);
  }
  const { code, message, hint } = error;
  return c.json({ code, message, hint }, STATUS[code] ?? 500);
}

const bytes = (c: Context, frame: Uint8Array<ArrayBuffer>): Response =>
  c.body(frame, 200, { 'Content-Type': 'application/octet-stream' });

/** The routes of each tape. */
function addTapes(app: Hono, tapes: readonly ShownTape[]): void {
  const tapeOf = (c: Context): ShownTape => {
    const tape = tapes[numberIn(c.req.param('tape'))];
    if (tape === undefined) throw new HeaptapeError('not-found', 'there is no such tape');
    return tape;
  };
  app.get('/tapes', (c) =>
    c.json(tapes.map(({ name, reader: { events } }): TapeListing => ({ name, events }))),
  );
  app.get('/tape/:tape/header', (c) => {
    const { name, reader } = tapeOf(c);
    return c.json(headerOf(name, reader, reader.damage?.message));
  });
  app.get('/tape/:tape/segment/:index', (c) => {
    const { reader } = tapeOf(c);
    return bytes(c, segmentFrame(reader.encodedSegment(numberIn(c.req.param('index')))));
  });
  app.get('/tape/:tape/snapshot/:seq', (c) => {
    const { reader } = tapeOf(c);
    return bytes(c, snapshotFrame(reader.readSnapshot(numberIn(c.req.param('seq')))));
  });
  app.get('/tape/:tape/document/:name', (c) => {
    const { reader } = tapeOf(c);
    const value = reader.document(c.req.param('name'));
    if (value === undefined) throw new HeaptapeError('not-found', 'there is no such document');
    return c.body(JSON.stringify(value), 200, { 'Content-Type': 'application/json' });
  });
}

/** Everything that a server at `port` answers. */
export function routes(
  files: readonly PageFile[],
  tapes: readonly ShownTape[],
  port: () => number,
): Hono {
  const app = new Hono();
  app.use(guard(port));
  app.onError((error, c) => failed(c, error));
  app.notFound((c) => refused(c, 404, 'there is nothing here'));
  for (const { name, type, content } of files) {
    const path = name === 'index.html' ? '/' : `/${name}`;
    app.get(path, (c) => c.body(content, 200, { 'Content-Type': `${type}; charset=utf-8` }));
  }
  addTapes(app, tapes);
  return app;
}
