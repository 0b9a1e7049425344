import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { AssertionError, ERROR_CODES, type ErrorCode, HeaptapeError } from '@heaptape/schema';
import { afterAll, describe, expect, test } from 'vitest';
import { about, failureOf, failureText, inFile, inFileLater } from './failure.ts';

const folder = mkdtempSync(`${tmpdir()}/heaptape-failure-`);
afterAll(() => rmSync(folder, { recursive: true }));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

describe('what the user reads', () => {
  test('every code has a line, a hint and its status', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const failure = failureOf(new HeaptapeError(code, 'x.tape: wrong'));
      expect(failure.status).toBe(ERROR_CODES[code]);
      expect(failureText(failure)).toMatch(/^heaptape: x\.tape: wrong\nhint: \S.*\n$/);
    }
  });

  test("an error's own hint wins", () => {
    const error = new HeaptapeError('bad-data', 'wrong', 'do this');
    expect(failureText(failureOf(error))).toBe('heaptape: wrong\nhint: do this\n');
  });

  test.each([
    new AssertionError('a\nb'),
    new TypeError('cannot read x\n    at y'),
    new RangeError(''),
    'a string',
    undefined,
  ])('a bug is two lines without a stack: %s', (error) => {
    const { line, status } = failureOf(error);
    expect(status).toBe(2);
    expect(line).toMatch(/^internal error: [^\n]+$/);
    expect(line).not.toMatch(/\bat\b.*:\d+/);
  });
});

describe('errors about files', () => {
  test.each([
    ['the message has no file', 'no cycle 9', 'a.tape: no cycle 9'],
    ['the absolute path', `${resolve('a.tape')}: torn`, 'a.tape: torn'],
    ['the partial file', `${resolve('a.tape')}.partial-12: disk full`, 'a.tape: disk full'],
    ['the name already', 'a.tape: torn', 'a.tape: torn'],
    ['another file in use', `${resolve('b.tape')}: torn`, 'b.tape: torn'],
  ])('%s', (_, message, expected) => {
    const error = about('a.tape', new HeaptapeError('bad-data', message, 'h'), 'b.tape');
    expect(error).toMatchObject({ message: expected, code: 'bad-data', hint: 'h' });
  });

  test('an error keeps the first file that it was said to be about', () => {
    const inner = about('inner', new HeaptapeError('bad-data', 'torn'));
    expect(messageOf(about('outer', inner))).toBe('inner: torn');
  });

  test('bad usage is about no file, and a bug stays as it is', () => {
    const usage = new HeaptapeError('bad-usage', 'sql: no such table');
    const bug = new AssertionError('x');
    expect([about('a.tape', usage), about('a.tape', bug)]).toEqual([usage, bug]);
  });

  test.each([
    [-122, 'disk quota exceeded'],
    [-9999, 'system error 9999'],
  ])('a failure that Node has no words for is no bug: %i', (errno, words) => {
    const error = Object.assign(new Error('Unknown system error'), { errno, syscall: 'fsync' });
    expect(messageOf(about('a.tape', error))).toBe(`a.tape: ${words}`);
  });

  test("the file system's words", async () => {
    const missing = `${folder}/missing`;
    const expected = { code: 'file-error', message: `${missing}: no such file or directory` };
    expect(() => inFile(missing, () => readFileSync(missing))).toThrow(
      expect.objectContaining(expected),
    );
    await expect(inFileLater(folder, async () => readFileSync(folder))).rejects.toMatchObject({
      message: `${folder}: illegal operation on a directory`,
    });
  });
});
