/** What is wrong with an expression, and at which column of it. */
import { HeaptapeError } from '@heaptape/schema';

/** Bad usage, with the place: `column` counts characters from 1. */
export class ExpressionError extends HeaptapeError {
  readonly column: number;

  /** `at`: offset in the text. */
  constructor(at: number, problem: string, hint?: string) {
    super('bad-usage', `column ${at + 1}: ${problem}`, hint);
    this.column = at + 1;
  }
}
