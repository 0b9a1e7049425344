/**
 * What ends a Go program, or a goroutine's call: fatal errors and panics, with Go's own texts.
 *
 * A fatal error (Go's `throw` and `fatal`) cannot be recovered: the program it happens in is over. A
 * panic can be, which is what a JavaScript `catch` is here. Neither has changed the simulated heap by
 * the time it is thrown.
 */
import { HeaptapeError } from '@heaptape/schema';

/** `fatal error: <text>`: Go prints this and ends the process. */
export class GoFatal extends HeaptapeError {
  /** What follows `fatal error: `. */
  readonly text: string;

  constructor(text: string, hint?: string) {
    super('fatal', `fatal error: ${text}`, hint);
    this.name = 'GoFatal';
    this.text = text;
  }
}

/** `panic: <text>`: Go prints this where nobody recovers. */
export class GoPanic extends HeaptapeError {
  /** What follows `panic: `. */
  readonly text: string;

  constructor(text: string, hint?: string) {
    super('panic', `panic: ${text}`, hint);
    this.name = 'GoPanic';
    this.text = text;
  }
}

/** A panic of the language itself: `panic: runtime error: <text>`. */
export function runtimeError(text: string): GoPanic {
  return new GoPanic(`runtime error: ${text}`);
}
