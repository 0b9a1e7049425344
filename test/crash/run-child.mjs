/** Starting the child, killing it at a given instant, and what it had said by then. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));

/**
 * Runs a child on `task`. With `kill`, SIGKILL comes `kill.ms` milliseconds after the line `kill.after`.
 * Resolves to what was said: `pid`, `signal`, `status`, `lines` with their times, `segments` and `snapshots`
 * committed, `opened`, `closed`, `errors`, and what was on stderr.
 */
export function runChild(task, { kill, env, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let hung = false;
    const watchdog = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    let text = '';
    let stderr = '';
    const at = {};
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      for (const line of ['start', 'open', 'closing', 'closed']) {
        if (at[line] !== undefined || !`\n${text}`.includes(`\n${line}\n`)) continue;
        at[line] = performance.now();
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
      resolve({ pid: child.pid, status, signal, at, stderr, ...whatWasSaid(text) });
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
    closed: lines.includes('closed'),
    errors: lines
      .filter((line) => line.startsWith('error '))
      .map((line) => {
        const [, code, message] = /^error (\S+) (.*)$/.exec(line);
        return { code, message: JSON.parse(message) };
      }),
  };
}
