/**
 * Options of the scripts in `test/`: `--help` prints the essay that the script opens with, and what is not
 * known is one line on standard error. Status 2, as everywhere.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The comment at the top of a script, without its stars. */
export function essayOf(url) {
  const [, comment = ''] =
    /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(fileURLToPath(url), 'utf8')) ?? [];
  const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, '').trimEnd());
  return `${lines.join('\n').trim()}\n`;
}

/** Values of the options; ends the process for `--help` and for what it does not know. */
export function optionsOf(url, options) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
    if (values.help !== true) return values;
    process.stdout.write(essayOf(url));
    process.exit(0);
  } catch (error) {
    const name = basename(fileURLToPath(url));
    process.stderr.write(`${name}: ${error.message}\n  --help says what it takes\n`);
    process.exit(2);
  }
}
