/** A tape over HTTP, from the server that the page came from. For workers: its requests wait. */
import { ERROR_CODES, type ErrorCode, HeaptapeError } from '@heaptape/schema';
import type { TapeHeader } from '../wire/header.ts';
import { ROUTES, type WireFailure } from '../wire/routes.ts';
import type { TapeSource } from '../wire/source.ts';

const OK = 200;
const NOT_FOUND = 404;

function get(path: string, base: string): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open('GET', new URL(path, base), false);
  request.responseType = 'arraybuffer';
  try {
    request.send();
  } catch {
    const hint = 'start `heaptape view` again';
    throw new HeaptapeError('file-error', 'the server of this page has gone', hint);
  }
  return request;
}

const bytesOf = (request: XMLHttpRequest): Uint8Array =>
  new Uint8Array(request.response as ArrayBuffer);

const textOf = (request: XMLHttpRequest): string => new TextDecoder().decode(bytesOf(request));

function failureIn(request: XMLHttpRequest): HeaptapeError {
  try {
    const { code, message, hint } = JSON.parse(textOf(request)) as WireFailure;
    const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'file-error';
    return new HeaptapeError(known, message, hint);
  } catch {
    return new HeaptapeError('file-error', `the server answers with status ${request.status}`);
  }
}

/** Tape `tape` of the server at `base`. */
export function httpSource(tape: number, base: string): TapeSource {
  const well = (path: string): XMLHttpRequest => {
    const request = get(path, base);
    if (request.status !== OK) throw failureIn(request);
    return request;
  };
  return {
    header: () => JSON.parse(textOf(well(ROUTES.header(tape)))) as TapeHeader,
    segment: (index) => bytesOf(well(ROUTES.segment(tape, index))),
    snapshot: (seq) => bytesOf(well(ROUTES.snapshot(tape, seq))),
    document: (name) => {
      const request = get(ROUTES.document(tape, name), base);
      if (request.status === NOT_FOUND) return undefined;
      if (request.status !== OK) throw failureIn(request);
      return JSON.parse(textOf(request));
    },
  };
}
