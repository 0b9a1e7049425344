/** What the page shares with those who serve it: routes, the index of a tape, frames. */

export type { CarriedIndex } from './wire/carried.ts';
export { CARRIED, carriedSource } from './wire/carried.ts';
export { segmentFrame, segmentOfFrame, snapshotFrame, snapshotOfFrame } from './wire/frames.ts';
export type { TapeHeader } from './wire/header.ts';
export { headerOf } from './wire/header.ts';
export type { TapeListing, WireFailure } from './wire/routes.ts';
export { ROUTES } from './wire/routes.ts';
export type { TapeSource } from './wire/source.ts';
export { SourceReader } from './wire/source.ts';
