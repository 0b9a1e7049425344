/**
 * What the entries of a process have in common: whatever happens becomes an exit status. 0 done, 1 the
 * answer is "no", 2 bad usage, bad input or a bug. The status is set and not forced, so that pipes are
 * drained.
 */
import { about, failureOf, failureText } from './failure.ts';
import { type Io, processIo } from './io.ts';

function fail(error: unknown): void {
  const failure = failureOf(error);
  process.stderr.write(failureText(failure));
  process.exitCode = failure.status;
}

/** Runs a process's one task, which resolves to its exit status. */
export async function runProcess(task: (io: Io) => Promise<number>): Promise<void> {
  // A reader that has seen enough (`heaptape … | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fail(about('standard output', error));
    process.exit();
  });
  process.stderr.on('error', () => process.exit());
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    process.exitCode = await task(processIo());
  } catch (error) {
    fail(error);
  }
}
