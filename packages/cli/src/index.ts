/** The command line as a function, for those who embed it. */
export { type Failure, failureOf, failureText } from './failure.ts';
export { importGctrace } from './import/gctrace.ts';
export { importHeapDump } from './import/heapdump.ts';
export type { Imported } from './import/imported.ts';
export { importTrace } from './import/trace.ts';
export type { Source } from './input/source.ts';
export { type Io, processIo } from './io.ts';
export { runProgram } from './program.ts';
