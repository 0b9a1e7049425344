/**
 * Rules about the text of single files: what must not be there, and what must.
 *
 * The patterns below are spelled so that this file does not break its own rules (`T[O]DO`).
 */

import { isCode, isFixture, isTest, matchingLines, type Rule, type SourceFile } from './project.ts';

const MAX_LINES = 400;
/** A file with more lines than this opens with a comment that says what it is. */
const MAX_LINES_WITHOUT_ESSAY = 40;
const MIN_ESSAY_CHARACTERS = 60;

/** Files that are one long table. biome.json exempts the same ones. */
const TABLES = /\.table\.ts$|^packages\/(?:schema\/src\/events|core\/src\/heap\/sizeclasses)\.ts$/;

/** Names that only look like addresses: XML namespaces, which nothing ever fetches. */
const NAMESPACE_HOSTS = ['www.w3.org'];
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

export const unfinishedRule: Rule = (files) =>
  ownText(files).flatMap((file) =>
    matchingLines(file, /\b(?:T[O]DO|F[I]XME|X[X]X)\b/, 'unfinished work belongs in an issue'),
  );

export const focusedTestRule: Rule = (files) =>
  files
    .filter((file) => isCode(file.path))
    .flatMap((file) => matchingLines(file, /\.only\(/, 'a focused test switches off all others'));

/** The project must mean the same on every machine, so it names no folder of one. */
export const machinePathRule: Rule = (files) =>
  files.flatMap((file) => [
    ...matchingLines(file, /(?<![\w.~)}])\/(?:work|root|home|Users)(?![\w-])/, 'a machine path'),
    ...matchingLines(file, /(?<![\w/])shared\//, 'a folder that is not in the project'),
  ]);

/** Code talks to no host but this one. Documents may link to anything. */
export const foreignHostRule: Rule = (files) =>
  files
    .filter((file) => isCode(file.path))
    .flatMap((file) =>
      file.text.split('\n').flatMap((line, index) =>
        [...line.matchAll(/\b(?:https?|wss?):\/\/(\[[\d:]+\]|[\w.-]+)/g)]
          .map((match) => match[1] ?? '')
          .filter((host) => ![...LOOPBACK_HOSTS, ...NAMESPACE_HOSTS].includes(host))
          .map((host) => `${file.path}:${index + 1}: code names the host ${host}`),
      ),
    );

export const lengthRule: Rule = (files) =>
  files
    .filter((file) => isCode(file.path) && !TABLES.test(file.path))
    .filter((file) => lineCount(file) > MAX_LINES)
    .map((file) => `${file.path}:${MAX_LINES}: ${lineCount(file)} lines, over ${MAX_LINES}`);

export const essayRule: Rule = (files) =>
  files
    .filter((file) => isCode(file.path) && !isTest(file.path))
    .filter((file) => lineCount(file) > MAX_LINES_WITHOUT_ESSAY)
    .filter((file) => essayOf(file.text).length < MIN_ESSAY_CHARACTERS)
    .map((file) => `${file.path}:1: no opening comment that says what the file is`);

function ownText(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => !isFixture(file.path));
}

function lineCount(file: SourceFile): number {
  return file.text.replace(/\n$/, '').split('\n').length;
}

/** The words of the comment that opens the file, after a `#!` line if there is one. */
function essayOf(text: string): string {
  const body = text.replace(/^#!.*\n/, '').trimStart();
  const comment = /^(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(body)?.[0] ?? '';
  return comment
    .replaceAll(/^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/)|\*\/$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
