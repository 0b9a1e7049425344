/**
 * Who is writing? A writer leaves its process id and that process's start time; the two together
 * survive the reuse of process ids, which is quick in containers. Where the system does not tell
 * start times (anything but Linux), the id alone decides.
 */
import { readFileSync } from 'node:fs';

/** Fields of `/proc/PID/stat` after the command name: the state, and the start time in ticks. */
const STATE = 0;
const START_TIME = 19;

function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** When the process started, in a form that is only good for comparing; '' when unknown. */
export const startOf = (pid: number): string => statOf(pid)?.[START_TIME] ?? '';

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether the process that was `pid` when it had started at `started` still runs. */
export function isRunning(pid: number, started: string): boolean {
  if (!exists(pid)) return false;
  const stat = statOf(pid);
  if (stat === undefined) return true;
  if (stat[STATE] === 'Z' || stat[STATE] === 'X') return false;
  return started === '' || stat[START_TIME] === started;
}

/** Ticks of `/proc/PID/stat` in a second; Linux shows programs this number everywhere. */
const TICKS = 100;

/** When the process started, ms since 1970, to about a second; undefined where that is unknown. */
export function startTimeOf(pid: number): number | undefined {
  const ticks = Number(startOf(pid) || Number.NaN);
  try {
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
    return boot === undefined || Number.isNaN(ticks)
      ? undefined
      : (Number(boot) + ticks / TICKS) * 1000;
  } catch {
    return undefined;
  }
}
