/** The files of the page, as its bundling has listed them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';

export interface PageFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly sha256: string;
}

const require = createRequire(import.meta.url);

/** Reads them. Throws `file-error` where they are not what was listed. */
export function pageFiles(): readonly PageFile[] {
  const list = require.resolve('@heaptape/web/page/page.json');
  const { files } = JSON.parse(readFileSync(list, 'utf8')) as { files: readonly Listed[] };
  return files.map(({ name, type, sha256 }) => {
    const content = new Uint8Array(readFileSync(join(dirname(list), name)));
    if (createHash('sha256').update(content).digest('base64') !== sha256) {
      const hint = 'build heaptape again';
      throw new HeaptapeError('file-error', `${name} of the page is not as it was built`, hint);
    }
    return { name, type, content };
  });
}
