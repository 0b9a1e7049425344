import { describe, expect, it } from 'vitest';
import { AssertionError, assert, ERROR_CODES, HeaptapeError, unreachable } from './errors.ts';

describe('errors', () => {
  it('carry a code, one line and a hint', () => {
    const error = new HeaptapeError('bad-data', 'x.tape: segment 3 is damaged', 'copy it again');
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.hint]).toEqual([
      'HeaptapeError',
      'bad-data',
      'copy it again',
    ]);
    expect(new HeaptapeError('limit', 'too much').hint).toBeUndefined();
  });

  it('map every code to the exit status for bad input', () => {
    for (const status of Object.values(ERROR_CODES)) expect(status).toBe(2);
  });

  it('assert throws on anything false, and only then', () => {
    expect(() => assert(1, 'fine')).not.toThrow();
    for (const value of [false, 0, '', null, undefined, Number.NaN]) {
      expect(() => assert(value, 'broken')).toThrow(AssertionError);
    }
    expect(() => assert(false, 'the queue is empty')).toThrow(
      'assertion failed: the queue is empty',
    );
  });

  it('unreachable names what should not have been', () => {
    expect(() => unreachable('grape' as never, 'fruit')).toThrow('fruit: unexpected grape');
  });
});
