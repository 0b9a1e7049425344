/**
 * `import-memory`: peak resident memory of a process that imports a trace of about 400 MB, against the
 * reader of `golang.org/x/exp/trace` only reading it. The trace is recorded on the spot from a program that
 * does little but allocate, so this needs Go. `import-400mb` is the speed of the same import.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from './go.mjs';
import { ours } from './import.mjs';
import { inChild, runJson } from './measure.mjs';

const TARGET_BYTES = 768 * 1024 * 1024;

/** Records a trace of about `megabytes` MB, or takes the one that HEAPTAPE_LARGE_TRACE names. */
function largeTrace(megabytes, folder) {
  const given = process.env.HEAPTAPE_LARGE_TRACE;
  if (given) return { file: given };
  const program = goProgram('treechurn', folder);
  if (program.note) return { note: program.note };
  const file = join(folder, 'large.trace');
  const args = ['-trace', file, '-duration', '120s', '-size', String(megabytes)];
  const env = { ...process.env, GODEBUG: 'traceallocfree=1' };
  const { status } = spawnSync(program.path, args, { env, stdio: 'ignore' });
  return status === 0 && existsSync(file) ? { file } : { note: 'the trace could not be recorded' };
}

export const importMemory = {
  names: ['import-memory', 'import-400mb'],
  tasks: { ours },
  async run({ quick, folder }) {
    const { file, note: missing } = largeTrace(quick ? 40 : 400, folder);
    if (file === undefined) {
      const none = { value: null, unit: 'bytes', baseline: null, note: missing };
      return [
        { ...none, name: 'import-memory', target: { max: TARGET_BYTES } },
        { ...none, name: 'import-400mb', unit: 'MB/s', target: { ratio: 0.8 } },
      ];
    }
    const program = goProgram('benchreader', folder);
    const path = join(folder, 'large.tape');
    const own = await inChild('import-memory', 'ours', { file, path });
    const go = program.path ? await runJson(program.path, [file]) : null;
    const bytes = statSync(file).size;
    const size = `a trace of ${(bytes / 1e6).toFixed(0)} MB`;
    const extra = program.note ? `; ${program.note}` : '';
    return [
      {
        name: 'import-memory',
        value: own.peak,
        unit: 'bytes',
        baseline: go?.peak ?? null,
        target: { max: TARGET_BYTES },
        note: `${size}, tape of ${(statSync(path).size / 1e6).toFixed(0)} MB${extra}`,
      },
      {
        name: 'import-400mb',
        value: own.rate,
        unit: 'MB/s',
        baseline: go?.rate ?? null,
        target: { ratio: 0.8 },
        note: `${size}; ${own.seconds.toFixed(1)} s, the writer in a thread of its own where there is a processor${extra}`,
      },
    ];
  },
};
