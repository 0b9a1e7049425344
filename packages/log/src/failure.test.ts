import { HeaptapeError } from '@heaptape/schema';
import { expect, it } from 'vitest';
import { failure } from './failure.ts';

const failed = (errno: number, code: string): Error =>
  Object.assign(new Error(`Unknown system error ${errno}`), { errno, code, syscall: 'fsync' });

it.each([
  [-122, 'Unknown system error -122', 'the disk quota is used up'],
  [-9999, 'Unknown system error -9999', 'fsync failed with system error 9999'],
  [-5, 'EIO', 'the disk reports an input/output error'],
])('a call of the system that failed is one line about the file: %i', (errno, code, what) => {
  const error = failure(failed(errno, code), '/x.tape', 'cannot close the tape');
  expect(error).toBeInstanceOf(HeaptapeError);
  expect(error).toMatchObject({
    code: 'file-error',
    message: `/x.tape: cannot close the tape: ${what}`,
  });
});

it('a bug passes unchanged', () => {
  const bug = new TypeError('x is not a function');
  expect(failure(bug, '/x.tape', 'cannot close the tape')).toBe(bug);
});
