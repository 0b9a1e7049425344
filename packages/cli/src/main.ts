/** The entry of `heaptape`. */
import { runProcess } from './entry.ts';
import { runProgram } from './program.ts';

await runProcess((io) => runProgram(process.argv.slice(2), io));
