export { AssertionError, assert, ERROR_CODES, HeaptapeError, unreachable } from './errors.ts';
export type { ErrorCode } from './errors.ts';
