/** The command line as a function, for those who embed it. */
export { type Failure, failureOf, failureText } from './failure.ts';
export { type Io, processIo } from './io.ts';
export { runProgram } from './program.ts';
