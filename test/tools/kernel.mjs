/**
 * Compiles the kernel that reads traces (packages/formats/kernel) to WebAssembly, and keeps it as text in
 * packages/formats/src/exectrace/kernel-code.ts, so that neither a build nor a bundler has to know of it.
 * Run after a change of the kernel; a test tells when that was forgotten.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'packages/formats');
const TARGET = join(ROOT, 'packages/formats/src/exectrace/kernel-code.ts');
const LINE = 80;
const OPTIONS = ['-O3', '--runtime', 'stub', '--noAssert', '--initialMemory', '8'];

/** The kernel compiled: bytes of a WebAssembly module. */
async function compiled() {
  let binary;
  const { error, stderr } = await asc.main(
    ['kernel/index.ts', '--baseDir', FOLDER, '--outFile', 'kernel.wasm', ...OPTIONS],
    {
      // Imports here have extensions, the compiler's have none.
      readFile: (name, base) => {
        try {
          const text = readFileSync(join(base, name), 'utf8');
          return text.replace(/(from '\.[^']*)\.ts'/g, "$1'");
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return binary;
}

/** What `kernel-code.ts` is to be. */
export async function kernelCode() {
  const text = Buffer.from(await compiled()).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `/** The compiled kernel, in base64. Made by test/tools/kernel.mjs; not to be edited. */
export const KERNEL_CODE: string = \`
${lines.join('\n')}
\`;
`;
}

/** What it is. */
export const keptKernelCode = () => readFileSync(TARGET, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, await kernelCode());
