/** What was typed in earlier sessions, in the folder that the XDG rules give to such state. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Lines that are kept. */
export const MOST_LINES = 1000;

type Environment = Readonly<Record<string, string | undefined>>;

export class HistoryFile {
  readonly #path: string;

  constructor(env: Environment) {
    const state = env['XDG_STATE_HOME'] ?? '';
    const folder = isAbsolute(state) ? state : join(env['HOME'] || homedir(), '.local', 'state');
    this.#path = join(folder, 'heaptape', 'debug_history');
  }

  /** Lines, the latest first; none where there is no such file. */
  load(): string[] {
    try {
      const lines = readFileSync(this.#path, 'utf8').split('\n');
      return lines
        .filter((line) => line !== '')
        .slice(-MOST_LINES)
        .reverse();
    } catch {
      return [];
    }
  }

  /** Keeps lines, the latest first. A history that cannot be written is no reason to fail. */
  save(lines: readonly string[]): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const text = lines
        .slice(0, MOST_LINES)
        .toReversed()
        .map((line) => `${line}\n`);
      writeFileSync(this.#path, text.join(''), { mode: 0o600 });
    } catch {
      // The commands were carried out; only the next session will not remember them.
    }
  }
}
