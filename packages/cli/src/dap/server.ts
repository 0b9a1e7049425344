/**
 * Serving: one client over standard input and output, or any number over a port.
 *
 * The port is of the loopback interface only. A browser can be made to send to it, but what it sends is
 * HTTP, whose first line is no field of a header here, and the connection ends before anything is read.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { HeaptapeError } from '@heaptape/schema';
import { type Io, print } from '../io.ts';
import { Adapter } from './adapter.ts';
import { Connection } from './connection.ts';

/** The only address that is listened at. */
const LOOPBACK = '127.0.0.1';

/** Serves one client. Throws `bad-data` where what it sends cannot be read any further. */
export async function serveStdio(io: Io): Promise<void> {
  const connection = new Connection(io.stdout);
  await connection.serve(io.stdin, new Adapter(connection));
  if (connection.problem !== null) {
    throw new HeaptapeError('bad-data', `standard input: ${connection.problem}`, SPEAKS);
  }
}

const SPEAKS = 'an editor starts this verb, and speaks the Debug Adapter Protocol with it';

/** Serves clients at a port, 0 for any that is free, until the server is closed. */
export async function servePort(io: Io, port: number): Promise<Server> {
  const server = createServer((socket) => void serveSocket(socket));
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ host: LOOPBACK, port }, listening);
  }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${error.code})`;
    throw new HeaptapeError('bad-usage', `dap: port ${port} ${why}`, '--port 0 takes any');
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  await print(io.stdout, `listening at ${LOOPBACK}:${taken}\n`);
  return server;
}

async function serveSocket(socket: Socket): Promise<void> {
  const connection = new Connection(socket);
  await connection.serve(socket, new Adapter(connection));
  socket.end();
}
