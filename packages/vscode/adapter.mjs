/**
 * What VS Code starts for a debug session: `heaptape dap`, with its own input and output.
 *
 * The command is the one beside this folder, as in a checkout. Where there is none it is `heaptape` as the
 * shell finds it; HEAPTAPE_BIN names another one, a JavaScript file.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../cli/bin/heaptape.js', import.meta.url));
const script = process.env.HEAPTAPE_BIN ?? (existsSync(beside) ? beside : undefined);
const [command, args, shell] =
  script === undefined
    ? // On Windows commands that npm installs are scripts of the shell.
      ['heaptape', ['dap'], process.platform === 'win32']
    : [process.execPath, [script, 'dap'], false];
const child = spawn(command, args, { stdio: 'inherit', shell });
child.on('error', (error) => {
  process.stderr.write(`heaptape cannot be started: ${error.message}\n`);
  process.exitCode = 2;
});
child.on('exit', (status, signal) => {
  process.exitCode = signal === null ? (status ?? 2) : 2;
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
