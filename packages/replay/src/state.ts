/** The state at a position of a tape, as plain data for people and scripts. */
import { readMemStats, SCALAR, type World } from '@heaptape/core';
import { HeaptapeError, type TapeReader } from '@heaptape/schema';
import { cyclesOf } from './cycles.ts';
import { phaseOf } from './outcome.ts';

export interface StateView {
  readonly event: number;
  readonly timeNs: number;
  readonly hash: string;
  readonly phase: string;
  readonly memstats: ReturnType<typeof readMemStats>;
  readonly pacer: Readonly<Record<string, number>>;
  readonly heap: { readonly spans: number; readonly objects: number };
}

export function stateView(w: World, hash: string): StateView {
  const { scalars, control } = w;
  let objects = 0;
  for (let page = 0; page < w.pages; page += 1) objects += w.allocCount[page];
  return {
    event: scalars[SCALAR.seq],
    timeNs: scalars[SCALAR.timeNs],
    hash,
    phase: phaseOf(w),
    memstats: readMemStats(w),
    pacer: {
      ...control.pacer,
      heapLive: scalars[SCALAR.heapLive],
      heapMarked: scalars[SCALAR.heapMarked],
      heapScan: scalars[SCALAR.heapScan],
      triggered: scalars[SCALAR.triggered],
      lastHeapGoal: control.lastHeapGoal,
    },
    heap: { spans: scalars[SCALAR.spans], objects },
  };
}

/**
 * The event that a position names: a number, `end`, or `cycle:K` for the end of marking of simulated
 * cycle K. Throws `not-found` or `bad-usage`.
 */
export function positionOf(reader: TapeReader, text: string): number {
  if (text === 'end') return reader.events;
  const cycle = /^cycle:(\d+)$/.exec(text);
  if (cycle !== null) {
    const { simulated } = cyclesOf(reader);
    const found = simulated.find((c) => c.n === Number(cycle[1]));
    if (found !== undefined) return found.endSeq;
    const has = `the tape has ${simulated.length} cycles`;
    throw new HeaptapeError('not-found', `no GC cycle ${cycle[1]}: ${has}`);
  }
  if (!/^\d+$/.test(text)) {
    const hint = 'use an event number, end, or cycle:K';
    throw new HeaptapeError('bad-usage', `${text} is no position on a tape`, hint);
  }
  const seq = Number(text);
  if (seq > reader.events) {
    throw new HeaptapeError('not-found', `no event ${seq}: the tape has ${reader.events}`);
  }
  return seq;
}
