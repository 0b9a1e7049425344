/**
 * A lock between processes, made of a directory; it survives the sudden death of its holder.
 *
 * 1. To take the lock, make a private directory that holds one owner file of a unique name, and
 *    rename it to the lock's name. A rename onto a directory that is not empty fails, so one process
 *    wins, and a lock that is held always shows its owner.
 * 2. The holder touches its owner file every second.
 * 3. A waiter breaks the lock of a holder that is dead (its process is gone from this machine), or
 *    that has not touched its file for 15 s of the waiter's own clock, by removing that owner file
 *    by its unique name. It can thereby never remove a newer holder's file, and the next rename onto
 *    the directory, now empty, succeeds for exactly one of the waiters.
 * 4. To release, remove the owner file, then the directory if nobody has taken it in between.
 */

import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 1_000;
const STALE_MS = 15_000;
const POLL_MS = 100;
/** What renaming onto, or removing, a directory that is not empty fails with, by platform. */
const HELD = ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'];

/** Runs `work` while holding the lock; `onWait` is called once if another process holds it. */
export async function withLock(lockDir, work, onWait) {
  const owner = `${process.pid}@${encodeURIComponent(hostname())}@${randomUUID()}`;
  await acquire(lockDir, owner, onWait);
  const ownerFile = join(lockDir, owner);
  const beat = setInterval(() => touch(ownerFile), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(ownerFile, { force: true });
    removeIfEmpty(lockDir);
  }
}

async function acquire(lockDir, owner, onWait) {
  mkdirSync(dirname(lockDir), { recursive: true });
  let seen = { key: '', since: 0 };
  let waited = false;
  while (!tryTake(lockDir, owner)) {
    const holder = readHolder(lockDir);
    if (holder === undefined) continue;
    if (holder.key !== seen.key) seen = { key: holder.key, since: performance.now() };
    if (holder.dead || performance.now() - seen.since > STALE_MS) {
      rmSync(join(lockDir, holder.name), { force: true });
      continue;
    }
    if (!waited) onWait?.(holder.pid);
    waited = true;
    await sleep(POLL_MS);
  }
}

/** True once `lockDir` is ours. An empty directory in its place is a lock that nobody holds. */
function tryTake(lockDir, owner) {
  removeIfEmpty(lockDir);
  if (existsSync(lockDir)) return false;
  const mine = join(dirname(lockDir), `${basename(lockDir)}.${owner}`);
  mkdirSync(mine);
  writeFileSync(join(mine, owner), '');
  try {
    renameSync(mine, lockDir);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true });
    if (HELD.includes(error.code)) return false;
    throw error;
  }
}

/** The holder as its owner file shows it, or undefined if the lock has just been released. */
function readHolder(lockDir) {
  try {
    const [name] = readdirSync(lockDir);
    if (name === undefined) return undefined;
    const [pid, host] = name.split('@');
    const dead = host === encodeURIComponent(hostname()) && !isAlive(Number(pid));
    return {
      name,
      pid: Number(pid),
      dead,
      key: `${name} ${statSync(join(lockDir, name)).mtimeMs}`,
    };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The file is gone only if a waiter held us for dead; there is nothing better to do than finish. */
function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function removeIfEmpty(directory) {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (error.code !== 'ENOENT' && !HELD.includes(error.code)) throw error;
  }
}
