/**
 * The documents do what they say: every runnable block runs, in order, and prints the pasted shape.
 *
 * Each document has a folder of its own in which the whole checkout seems to lie (links to what is
 * at the top), so commands are typed as from the repo's root and what they write is thrown away.
 * They use the built command line. With HEAPTAPE_DOCS=write the pasted outputs are renewed.
 */
import { execFile } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Example, examplesOf, hasShape, shapeOf, withOutputs } from './examples.ts';
import { goToolchain } from './go.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITE = process.env['HEAPTAPE_DOCS'] === 'write';
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
  .map((document) => ({ ...document, examples: examplesOf(document.text) }))
  .filter(({ examples }) => examples.length > 0);

/** Settings of the caller that would change what the commands print. */
const STEERING = ['GOGC', 'GOMEMLIMIT', 'GOMAXPROCS', 'GODEBUG', 'GOFLAGS'];
const HIDDEN = new Set(['.git', '.heaptape', 'coverage']);

/** The oldest Go that writes allocation events. */
const LEAST_GO = 23;
const HAS_GO = (goToolchain()?.minor ?? 0) >= LEAST_GO;
if (!HAS_GO) {
  process.stderr.write(`docs: examples that record a program are skipped: no go 1.${LEAST_GO}\n`);
}

/** A folder in which the checkout seems to lie. */
function viewOfCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-docs-'));
  for (const name of readdirSync(ROOT)) {
    if (!HIDDEN.has(name)) symlinkSync(join(ROOT, name), join(folder, name));
  }
  return folder;
}

interface Printed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runScript(script: string, cwd: string): Promise<Printed> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  for (const name of STEERING) delete env[name];
  return new Promise((done) => {
    const options = { cwd, env, maxBuffer: 1 << 26 };
    execFile('bash', ['-euo', 'pipefail', '-c', script], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code ?? 1);
      done({ status, stdout, stderr });
    });
  });
}

const nameOf = ({ line, script }: Example): string =>
  `line ${line}: ${script.trim().split('\n')[0]}`;

describe.each(DOCUMENTS)('$path', ({ path, text, examples }) => {
  const outputs: (string | null)[] = examples.map(() => null);
  let folder = '';

  beforeAll(() => {
    folder = viewOfCheckout();
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    if (WRITE) writeFileSync(join(ROOT, path), withOutputs(text, outputs));
  });

  test.for(examples.map((example, i) => [nameOf(example), example, i] as const))(
    '%s',
    async ([_, example, i], { skip }) => {
      skip(example.needsGo && !HAS_GO, 'no go');
      let ran = await runScript(example.script, folder);
      // Go's own tests fail now and then on a busy machine; ours may not.
      for (let more = 2; example.needsGo && ran.status !== 0 && more > 0; more -= 1) {
        ran = await runScript(example.script, folder);
      }
      const { status, stdout, stderr } = ran;
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      outputs[i] = stdout;
      if (example.output === null || WRITE) return;
      const printed = shapeOf(stdout);
      const pasted = shapeOf(example.output.text);
      if (!hasShape(printed, pasted)) expect(printed).toEqual(pasted);
    },
  );
});

describe('how examples are read and compared', () => {
  const fence = '```';
  const block = (info: string, body: string): string => `${fence}${info}\n${body}${fence}\n`;

  test('only runnable blocks are examples; a text block behind one is its output', () => {
    const document = [
      block('sh', 'rm -rf build\n'),
      block('sh runnable', 'echo 1\n'),
      block('text', '1\n'),
      'prose\n',
      block('sh runnable go', 'go version\n'),
      'prose\n',
      block('text', 'not its output\n'),
    ].join('\n');
    const found = examplesOf(document);
    expect(found.map(({ script, needsGo }) => [script, needsGo])).toEqual([
      ['echo 1\n', false],
      ['go version\n', true],
    ]);
    expect(found.map(({ output }) => output?.text)).toEqual(['1\n', undefined]);
    expect(found[0]?.line).toBe(document.split('\n').indexOf(`${fence}sh runnable`) + 1);
    expect(withOutputs(document, ['2\n3\n', null])).toBe(document.replace('\n1\n', '\n2\n3\n'));
  });

  test('figures, curves and repeated rows may differ', () => {
    const pasted = 'gc  heap\n 1  4.0 MiB\n 2  5.1 MiB\n\n 9.00 ┤ ╭─╮\n';
    const printed = 'gc heap\n1 14.25 MiB\n2 900 KiB\n3 7 MiB\n12.0 ┼──╯\n11.0 ┤\n';
    expect(hasShape(shapeOf(printed), shapeOf(pasted))).toBe(true);
  });

  test.each([
    ['a word', 'cycles 3\n', 'collections 3\n'],
    ['a line more', 'cycles 3\n', 'cycles 3\nwarning: odd\n'],
    ['a line less', 'cycles 3\nhash 1\n', 'cycles 3\n'],
    ['nothing', 'cycles 3\n', ''],
    ['order', 'a 1\nb 2\n', 'b 1\na 2\n'],
  ])('%s may not', (_, pasted, printed) => {
    expect(hasShape(shapeOf(printed), shapeOf(pasted))).toBe(false);
  });

  test('an elision stands for any lines', () => {
    const pasted = shapeOf('first\n…\nlast\n');
    expect(hasShape(shapeOf('first\nsecond\nthird\nlast\n'), pasted)).toBe(true);
    expect(hasShape(shapeOf('first\nlast\n'), pasted)).toBe(true);
    expect(hasShape(shapeOf('first\nsecond\n'), pasted)).toBe(false);
    expect(hasShape(shapeOf('first\n'), shapeOf('first\n…\n'))).toBe(true);
  });

  test('renewing shows as many lines as before round the elision, tables lined up', () => {
    const document = `${block('sh runnable', 'x\n')}${block('text', 'a\nb\n…\nc\n')}`;
    const fresh = withOutputs(document, ['n\tname\n10\tx\n11\ty\n12\tz\n']);
    expect(examplesOf(fresh)[0]?.output?.text).toBe('n   name\n10  x\n…\n12  z\n');
  });
});
