/**
 * Runs a child process to its end.
 *
 * A signal that would end this process is handed to the child instead, and this process waits for it:
 * an install must not go on unattended after the lock that protects it has been given up.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Resolves to the child's exit status: 128 + n after signal n, 127 where it cannot be started. */
export function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    const forward = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    const finish = (status) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve(status);
    };
    child.on('error', (error) => {
      process.stderr.write(`heaptape: cannot run ${command}: ${error.message}\n`);
      finish(127);
    });
    child.on('close', (code, signal) => finish(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
