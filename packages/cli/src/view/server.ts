/**
 * A server on the loopback addresses of this machine, of IPv4 and, where there is one, of IPv6, at one port.
 *
 * Requests have no body worth waiting for, so their size and time are bounded tightly. What is no HTTP gets
 * Node's own answer and the connection ends; nothing that is sent ends the server.
 */
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeaptapeError } from '@heaptape/schema';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';

export interface Serving {
  readonly port: number;
  close(): Promise<void>;
}

const BOUNDS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
};
const MOST_CONNECTIONS = 256;

function newServer(app: Hono): Server {
  const listener = getRequestListener(app.fetch);
  const server = createServer(BOUNDS, (request, response) => {
    void listener(request, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Serves at a port; 0 is any free one. `appAt` makes what is served once the port is known. */
export async function serve(wanted: number, appAt: (port: () => number) => Hono): Promise<Serving> {
  let port = wanted;
  const app = appAt(() => port);
  const [four, six] = [newServer(app), newServer(app)];
  try {
    port = await listen(four, '127.0.0.1', wanted);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const hint = 'choose another one with --port, or leave it out';
    throw new HeaptapeError('file-error', `cannot listen at port ${wanted}: ${why}`, hint);
  }
  try {
    await listen(six, '::1', port);
  } catch {
    // A machine without IPv6, or the port is taken there: the other address will do.
  }
  return {
    port,
    close: async () => {
      await Promise.all([close(four), close(six)]);
    },
  };
}
