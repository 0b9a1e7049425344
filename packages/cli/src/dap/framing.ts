/**
 * The frames of the Debug Adapter Protocol: a header with a length, an empty line, and so many bytes of
 * JSON. See docs/adr/0013.
 *
 * 1. The header is a few lines; only the protocol's own fields may stand in it. So what a browser sends to
 *    a local port (its first line is no field) is refused before its body is looked at.
 * 2. A body that is too long is passed over, not kept; the stream goes on behind it.
 * 3. Where a header makes no sense nobody knows where the next message begins. That is the end.
 */

/** What comes out of the stream: a message, or what is wrong. `fatal`: nothing can be read behind it. */
export type Frame =
  | { readonly text: string }
  | { readonly problem: string; readonly fatal: boolean };

const SEPARATOR = '\r\n\r\n';
const MOST_HEADER_BYTES = 4096;
/** Requests are small; the longest are lists of breakpoints. */
export const MOST_BODY_BYTES: number = 16 * 1024 * 1024;

export class FrameReader {
  #head: Buffer = Buffer.alloc(0);
  #body: Buffer[] = [];
  /** Bytes of the body that are still to come, and whether they are kept. */
  #left = 0;
  #inBody = false;
  #kept = true;
  #dead = false;

  /** Frames that are complete with these bytes. */
  *push(bytes: Buffer): Generator<Frame, void, undefined> {
    let rest = bytes;
    while (!this.#dead && (rest.length > 0 || (this.#inBody && this.#left === 0))) {
      if (this.#inBody) {
        const part = rest.subarray(0, this.#left);
        rest = rest.subarray(part.length);
        this.#left -= part.length;
        if (this.#kept) this.#body.push(part);
        if (this.#left === 0) yield* this.#ended();
        continue;
      }
      const head = Buffer.concat([this.#head, rest]);
      const end = head.indexOf(SEPARATOR);
      if (end < 0 || end > MOST_HEADER_BYTES) {
        this.#head = head;
        if (head.length > MOST_HEADER_BYTES) yield this.#die('the header is too long');
        return;
      }
      this.#head = Buffer.alloc(0);
      rest = head.subarray(end + SEPARATOR.length);
      yield* this.#begin(head.toString('latin1', 0, end));
    }
  }

  /** What is wrong where the stream ends here; undefined where it ends between two messages. */
  end(): string | undefined {
    if (this.#dead) return undefined;
    if (this.#inBody) return `the stream ends ${this.#left} bytes before the end of a message`;
    return this.#head.length > 0 ? 'the stream ends within a header' : undefined;
  }

  *#begin(header: string): Generator<Frame, void, undefined> {
    let length: number | null = null;
    for (const line of header.split('\r\n')) {
      const found = /^Content-Length: *(\d{1,15}) *$/i.exec(line);
      if (found !== null && length === null) length = Number(found[1]);
      else if (!/^Content-Type:/i.test(line)) {
        yield this.#die('a header may have one Content-Length and nothing else');
        return;
      }
    }
    if (length === null) {
      yield this.#die('a header has no Content-Length');
      return;
    }
    this.#inBody = true;
    this.#left = length;
    this.#kept = length <= MOST_BODY_BYTES;
  }

  *#ended(): Generator<Frame, void, undefined> {
    const body = Buffer.concat(this.#body);
    this.#inBody = false;
    this.#body = [];
    if (this.#kept) yield { text: body.toString('utf8') };
    else yield { problem: `a message is longer than ${MOST_BODY_BYTES} bytes`, fatal: false };
  }

  #die(problem: string): Frame {
    this.#dead = true;
    this.#head = Buffer.alloc(0);
    return { problem, fatal: true };
  }
}

/** A message as it goes over the wire. */
export function framed(message: object): string {
  const json = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(json)}${SEPARATOR}${json}`;
}
