/** `heaptape view`: the time-travel page, served to this machine only. */
import { once } from 'node:events';
import { basename } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { type Command, InvalidArgumentError } from 'commander';
import { withTape } from '../input/tape.ts';
import { type Io, print } from '../io.ts';
import { openBrowser } from '../view/browser.ts';
import { pageFiles } from '../view/files.ts';
import { routes, type ShownTape } from '../view/routes.ts';
import { serve } from '../view/server.ts';
import { withExample } from './common.ts';

interface ViewOptions {
  readonly port: number;
  readonly open: boolean;
  readonly compare?: string;
}

const HELP = `
The page is served on the loopback address only, until Ctrl-C. Its first line of output is its address.
A link to a place on the tape is the address as the browser shows it.`;

/** What can be reached of a damaged tape is shown, and the page says why there is no more. */
const DAMAGED = { allowDamaged: true } as const;

const MOST_PORT = 65_535;

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MOST_PORT) return port;
  throw new InvalidArgumentError('It is a number from 0 (any free port) to 65535.');
}

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Shows a tape as a page: scrub, step, search, and see what keeps what alive.')
    .argument('<T.tape>', 'the tape')
    .option('--port <N>', 'where to serve it; 0 is any free port', portOf, 0)
    .option('--no-open', 'do not open a browser')
    .option('--compare <B.tape>', 'a second tape, on the same axis')
    .addHelpText('after', HELP);
  withExample(command, 'heaptape view app.tape').action(
    async (file: string, options: ViewOptions) => {
      const { compare } = options;
      const serveBoth = (first: ShownTape): Promise<void> => {
        if (compare === undefined) return show(io, options, [first]);
        const both = (second: ShownTape['reader']): Promise<void> =>
          show(io, options, [first, shown(compare, second)]);
        return withTape(compare, both, DAMAGED);
      };
      await withTape(file, (reader) => serveBoth(shown(file, reader)), DAMAGED);
      finish(0);
    },
  );
}

function shown(file: string, reader: ShownTape['reader']): ShownTape {
  if (reader.events > 0) return { name: basename(file), reader };
  if (reader.damage !== undefined) throw reader.damage;
  throw new HeaptapeError('missing-data', `${file}: there is nothing on the tape`);
}

async function show(io: Io, options: ViewOptions, tapes: readonly ShownTape[]): Promise<void> {
  const files = pageFiles();
  const serving = await serve(options.port, (port) => routes(files, tapes, port));
  // Whoever reads the address may end this at once.
  const stop = new AbortController();
  const { signal } = stop;
  const told = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal })));
  const url = `http://127.0.0.1:${serving.port}/`;
  await print(io.stdout, `${url}\n`);
  const terminal = 'isTTY' in io.stdout && io.stdout.isTTY === true;
  if (options.open && terminal) openBrowser(url);
  await told;
  stop.abort();
  await serving.close();
}
