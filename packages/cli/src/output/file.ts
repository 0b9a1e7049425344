/**
 * Writing a result: to stdout for `-`, else whole or not at all.
 *
 * A file is written beside its final place as `NAME.partial-PID` and renamed once every byte is on
 * disk. Whatever goes wrong before removes it, and what was under the final name stays as it was. What a
 * killed process left under such a name is removed by the next one that writes the same file.
 */
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { removeAbandoned } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import { about, inFileLater } from '../failure.ts';
import { type Io, print } from '../io.ts';

/** Takes text, or bytes; resolves when there is room for more. */
export type Write = (data: string | Uint8Array) => Promise<void>;

const FLUSH_CHARACTERS = 1 << 16;

/** Runs `produce` with a place to write to, and brings its text to `path`. */
export async function writeOutput(
  io: Io,
  path: string,
  produce: (write: Write) => Promise<void>,
): Promise<void> {
  if (path === '-') {
    await buffered((data) => print(io.stdout, data), produce);
    return;
  }
  try {
    await writeFile(path, produce);
  } catch (error) {
    throw about(path, error);
  }
}

async function writeFile(path: string, produce: (write: Write) => Promise<void>): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw new HeaptapeError('file-error', `${path}: is a directory`);
  if (existing !== undefined && !existing.isFile()) {
    const device = await open(path, 'w');
    await writeAll(path, device, produce);
    return;
  }
  removeAbandoned(resolve(path));
  const partial = `${path}.partial-${process.pid}`;
  const handle = await open(partial, 'w');
  try {
    await writeAll(path, handle, produce);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Errors of writing are told apart here from those of what is being written. */
async function writeAll(
  path: string,
  handle: FileHandle,
  produce: (write: Write) => Promise<void>,
): Promise<void> {
  try {
    await buffered((data) => inFileLater(path, () => handle.writeFile(data)), produce);
    await handle.sync().catch(ignoreUnsupported);
  } finally {
    await handle.close();
  }
}

/** Pipes and devices cannot be synced, and need not be. */
function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EINVAL') throw error;
}

/** Gathers small texts into larger writes; bytes come in large pieces already. */
async function buffered(write: Write, produce: (write: Write) => Promise<void>): Promise<void> {
  let pending = '';
  const flush = async (): Promise<void> => {
    const full = pending;
    pending = '';
    if (full !== '') await write(full);
  };
  await produce(async (data) => {
    if (typeof data === 'string') {
      pending += data;
      if (pending.length >= FLUSH_CHARACTERS) await flush();
      return;
    }
    await flush();
    await write(data);
  });
  await flush();
}
