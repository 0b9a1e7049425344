/**
 * The entry of `heaptape`. Turns whatever happens into an exit status: 0 done, 1 the answer is "no",
 * 2 bad usage, bad input or a bug. The status is set and not forced, so that pipes are drained.
 */
import { about, failureOf, failureText } from './failure.ts';
import { processIo } from './io.ts';
import { runProgram } from './program.ts';

function fail(error: unknown): void {
  const failure = failureOf(error);
  process.stderr.write(failureText(failure));
  process.exitCode = failure.status;
}

/** A reader that has seen enough (`heaptape … | head`) is no error. */
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
  process.exitCode = await runProgram(process.argv.slice(2), processIo());
} catch (error) {
  fail(error);
}
