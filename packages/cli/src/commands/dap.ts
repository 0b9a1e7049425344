/** `heaptape dap`: the debugger for editors, over the Debug Adapter Protocol. */
import { once } from 'node:events';
import { HeaptapeError } from '@heaptape/schema';
import type { Command } from 'commander';
import { servePort, serveStdio } from '../dap/server.ts';
import type { Io } from '../io.ts';
import { withExample } from './common.ts';

const HELP = `
An editor starts it and speaks with it over standard input and output. Its launch configuration names a
tape: {"type": "heaptape", "request": "launch", "program": "app.tape", "at": "cycle:3"}. With --port it
listens at 127.0.0.1 instead, for one client after the other or several, until it is stopped; its first
line on stdout says where. docs/howto-debug-in-an-editor.md says how editors are set up.`;

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Lets an editor walk a run backwards and forwards: a debug adapter for tapes.')
    .option('--port <N>', 'listen at this port of the loopback interface; 0 is any free one')
    .addHelpText('after', HELP);
  withExample(command, 'heaptape dap --port 4711').action(async ({ port }: { port?: string }) => {
    if (port === undefined) await serveStdio(io);
    else await once(await servePort(io, portOf(port)), 'close');
    finish(0);
  });
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new HeaptapeError('bad-usage', `--port is a number from 0 to 65535, not '${text}'`);
}
