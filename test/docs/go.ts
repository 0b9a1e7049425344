/** The Go toolchain on PATH, if there is one. */
import { spawnSync } from 'node:child_process';

/** Minor version and root of Go; null when there is none, or none that runs. */
export function goToolchain(): { readonly minor: number; readonly root: string } | null {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION', 'GOROOT'], { encoding: 'utf8' });
  const [version = '', root = ''] = (stdout ?? '').split('\n');
  const minor = /^go1\.(\d+)/.exec(version)?.[1];
  return minor === undefined ? null : { minor: Number(minor), root };
}
