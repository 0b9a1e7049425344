/**
 * Rules about the Markdown documents: what they name exists, and each has one title.
 *
 * A path counts as named when it stands in the text from the root on (`packages/…`, `docs/…`,
 * `test/…`, `.ci/…`), or as the target of a relative link. In the text, a segment that is a
 * placeholder (`NAME`, `<name>`, `…`, `*`) ends the part that is checked. What a build produces is
 * not checked.
 */

import { posix } from 'node:path';
import { isFixture, type Rule, type SourceFile } from './project.ts';

const ROOTED = /(?<![\w/.@$-])(?:packages|docs|test|\.ci)\/[\w./@*<>{}…-]*/g;
const LINK = /\]\(([^)\s]+)\)/g;
const PLACEHOLDER = /^[A-Z]+$|[*<>{}…]/;
const BUILT = /(?:^|\/)(?:dist|node_modules|coverage)(?:\/|$)/;

/** `paths` is every path in the checkout, of files of any kind. */
export function pathRule(paths: readonly string[]): Rule {
  const known = new Set<string>();
  for (const path of paths) {
    for (let part = path; part !== '.'; part = posix.dirname(part)) known.add(part);
  }
  return (files) =>
    documents(files).flatMap((file) =>
      file.text.split('\n').flatMap((line, index) =>
        pathsIn(file, line)
          .filter((path) => path !== '.' && !BUILT.test(path) && !known.has(path))
          .map((path) => `${file.path}:${index + 1}: ${path} does not exist`),
      ),
    );
}

export const titleRule: Rule = (files) =>
  documents(files).flatMap((file) => {
    const withoutBlocks = file.text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '');
    const titles = withoutBlocks.match(/^# \S/gm)?.length ?? 0;
    return titles === 1 ? [] : [`${file.path}:1: ${titles} titles (lines with one #), not 1`];
  });

function documents(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => file.path.endsWith('.md') && !isFixture(file.path));
}

function pathsIn(file: SourceFile, line: string): string[] {
  const rooted = [...line.replaceAll(LINK, ']').matchAll(ROOTED)].map((match) => match[0]);
  const linked = [...line.matchAll(LINK)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => posix.join(posix.dirname(file.path), target.replace(/#.*$/, '')));
  return [...rooted.map(checkablePart), ...linked.map(withoutSlash)];
}

/** The path up to its first placeholder, without the punctuation that ends a sentence. */
function checkablePart(path: string): string {
  const segments = path.replace(/[.…]+$/, '').split('/');
  const end = segments.findIndex((segment) => PLACEHOLDER.test(segment));
  return withoutSlash(posix.join(...(end < 0 ? segments : segments.slice(0, end))));
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '');
}
