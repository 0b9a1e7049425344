/** Starting a child or the command line, killing it at a given instant, and what it had said by then. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));
const BIN = fileURLToPath(new URL('../../packages/cli/bin/heaptape.js', import.meta.url));

/**
 * Runs a child on `task`, or `heaptape` with the arguments `task.cli`, which says nothing but its end. With `kill`, SIGKILL comes `kill.ms` milliseconds after the line `kill.after`.
 * `onLine` is called for `start`, `open`, `closing` and `closed`. Resolves to what was said: `pid`, `signal`, `status`, `lines` with their times, `segments` and `snapshots`
 * committed, `opened`, `closed`, `errors`, and what was on stderr.
 */
export function runChild(task, { kill, env, onLine, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const args = task.cli === undefined ? [CHILD, JSON.stringify(task)] : [BIN, ...task.cli];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      // A signal to the experiment is not for those that it kills itself.
      detached: true,
    });
    let hung = false;
    const watchdog = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    let text = '';
    let stderr = '';
    const at = {};
    if (task.cli !== undefined) {
      child.on('spawn', () => {
        at.start = performance.now();
        if (kill !== undefined) setTimeout(() => child.kill('SIGKILL'), kill.ms);
      });
    }
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      for (const line of ['start', 'open', 'closing', 'closed']) {
        if (at[line] !== undefined || !`\n${text}`.includes(`\n${line}\n`)) continue;
        at[line] = performance.now();
        onLine?.(line);
        if (kill?.after === line) setTimeout(() => child.kill('SIGKILL'), kill.ms);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (piece) => {
      stderr += piece;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(watchdog);
      at.end = performance.now();
      if (hung) stderr += `hung for ${timeoutMs} ms`;
      const said = whatWasSaid(text);
      if (task.cli !== undefined) said.closed = status === 0;
      resolve({ pid: child.pid, status, signal, at, stdout: text, stderr, ...said });
    });
  });
}

function whatWasSaid(text) {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const [, segments = 0, snapshots = 0] = (
    lines.findLast((line) => line.startsWith('committed ')) ?? ''
  ).split(' ');
  return {
    segments: Number(segments),
    snapshots: Number(snapshots),
    opened: lines.includes('open'),
    held: /^at (\d+) (\d+)$/m.exec(text)?.slice(1).map(BigInt),
    closed: lines.includes('closed'),
    errors: lines
      .filter((line) => line.startsWith('error '))
      .map((line) => {
        const [, code, message] = /^error (\S+) (.*)$/.exec(line);
        return { code, message: JSON.parse(message) };
      }),
  };
}
