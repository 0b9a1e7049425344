/** Tapes that other programs' readers look at: of a real trace, of a heap dump, of a small program. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerOf, heaptape, TRACE, temporaryFolder } from '../e2e/heaptape.testkit.ts';
import { writeProgramTape } from '../e2e/program.testkit.ts';

const DUMP = fileURLToPath(new URL('../fixtures/heapdump/graph.heapdump.gz', import.meta.url));

export interface Tapes {
  readonly folder: string;
  readonly trace: string;
  readonly dump: string;
  readonly program: string;
}

/** A folder for the tests of one file, and where `make` puts tapes. */
export function tapesOf(): Tapes & { make(): Promise<void> } {
  const folder = temporaryFolder();
  const [trace, dump, program] = ['trace', 'dump', 'program'].map((name) =>
    join(folder, `${name}.tape`),
  );
  return {
    folder,
    trace,
    dump,
    program,
    make: async () => {
      await answerOf(['import', TRACE, '-o', trace]);
      await answerOf(['import', DUMP, '-o', dump]);
      writeProgramTape(program);
    },
  };
}

/** Exports to a file of the folder, and returns its path. */
export async function exported(
  { folder }: Tapes,
  tape: string,
  format: string,
  ...rest: string[]
): Promise<string> {
  const path = join(folder, `${format}-${Math.floor(performance.now())}`);
  const answer = await heaptape(['export', tape, '--format', format, '-o', path, ...rest]);
  if (answer.status !== 0) throw new Error(answer.stderr);
  return path;
}

/** MemStats as `heaptape state` has them. */
export async function memstatsOf(
  tape: string,
  at: string,
): Promise<Readonly<Record<string, number>>> {
  const { memstats } = await answerOf<{ memstats: Record<string, number> }>([
    'state',
    tape,
    '--at',
    at,
  ]);
  return memstats;
}

/** Whether a command runs; says in one line what is skipped where it does not. */
export function hasTool(command: string, args: readonly string[], skipped: string): boolean {
  const found = spawnSync(command, args).status === 0;
  if (!found) process.stderr.write(`interop: no ${command}: ${skipped}\n`);
  return found;
}
