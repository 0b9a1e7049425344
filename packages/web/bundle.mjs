/**
 * Bundles the page: script, worker, style and HTML into `dist/bundle`, and `page.json`, which lists them with
 * their sizes and hashes. Whoever serves or embeds the page reads that list, and takes nothing else.
 *
 * The list is written last, so a bundling that was killed is done again.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const OUT = join(FOLDER, 'dist/bundle');
const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

const OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'browser',
  target: ['es2023'],
  conditions: ['@heaptape/source'],
  mainFields: ['module', 'main'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'eof',
  logLevel: 'warning',
};

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const inSource = (name) => join(FOLDER, 'src', name);
await Promise.all([
  build({
    ...OPTIONS,
    format: 'esm',
    entryPoints: [inSource('page/main.tsx')],
    outfile: join(OUT, 'page.js'),
  }),
  build({
    ...OPTIONS,
    format: 'iife',
    entryPoints: [inSource('worker/main.ts')],
    outfile: join(OUT, 'worker.js'),
  }),
  build({ ...OPTIONS, entryPoints: [inSource('page/style.css')], outfile: join(OUT, 'page.css') }),
]);
copyFileSync(inSource('page/index.html'), join(OUT, 'index.html'));

const files = ['index.html', 'page.js', 'worker.js', 'page.css'].map((name) => {
  const content = readFileSync(join(OUT, name));
  const sha256 = createHash('sha256').update(content).digest('base64');
  return { name, type: TYPES[name.split('.').pop()], bytes: content.length, sha256 };
});
writeFileSync(join(OUT, 'page.json'), `${JSON.stringify({ files }, null, 2)}\n`);
