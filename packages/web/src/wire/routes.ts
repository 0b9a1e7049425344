/** Where the page's server keeps what: one place for both of its sides. Tapes are numbered from 0. */

export const ROUTES = {
  tapes: '/tapes',
  header: (tape: number): string => `/tape/${tape}/header`,
  segment: (tape: number, index: number): string => `/tape/${tape}/segment/${index}`,
  snapshot: (tape: number, seq: number): string => `/tape/${tape}/snapshot/${seq}`,
  document: (tape: number, name: string): string =>
    `/tape/${tape}/document/${encodeURIComponent(name)}`,
} as const;

/** What the server says of each tape that it shows. */
export interface TapeListing {
  readonly name: string;
  readonly events: number;
}

/** The body of an answer that is an error. */
export interface WireFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
