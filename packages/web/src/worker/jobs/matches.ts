/**
 * The events after which a condition holds, for the event list: found in slices, from the start of the
 * tape on, and sent as they are found.
 *
 * A condition about events themselves is looked up without folding. One about the state is folded for;
 * it is read only after events that can change it, and keeps its value in between.
 */
import { type Expression, type Moment, Timeline } from '@heaptape/replay';
import { CELLS, EventBatch, HeaptapeError } from '@heaptape/schema';
import type { Task } from '../serve.ts';
import { ASIDE_BUDGET_BYTES, type Session, type SessionHolder } from '../session.ts';

export interface MatchesArgs {
  readonly condition: string;
  /** After so many the search ends. */
  readonly most: number;
}

/** Some more matches, and how far the search has come. */
export interface MatchesPart {
  readonly seqs: Float64Array;
  readonly done: number;
}

export interface MatchesFound {
  /** Whether all of the tape was looked through. */
  readonly whole: boolean;
}

const SLICE = 1 << 15;

/** The moment that a condition is read in, moved along from event to event. */
function movingMoment(session: Session): { -readonly [K in keyof Moment]: Moment[K] } {
  const { world, facts } = session.travel;
  return {
    world,
    facts,
    seq: session.travel.begin,
    kind: -1,
    batch: new EventBatch(1),
    at: 0,
    ahead: null,
  };
}

/** Finds the matches among the events from `from` to `to`. */
type Finder = (from: number, to: number, found: number[]) => void;

/** For conditions that need no state. */
function lookingThrough(session: Session, condition: Expression): Finder {
  const moment = movingMoment(session);
  return (from, to, found) => {
    session.travel.eachEvent(from, to, (kind, batch, at, seq) => {
      moment.kind = kind;
      moment.batch = batch;
      moment.at = at;
      moment.seq = seq;
      if (condition.read(moment) === true) found.push(seq);
      return false;
    });
  };
}

function folding(session: Session, condition: Expression): Finder {
  const timeline = new Timeline(session.reader, {
    budgetBytes: ASIDE_BUDGET_BYTES,
    keepDead: session.keepDead,
  });
  const moment = movingMoment(session);
  const every = new Uint8Array(CELLS.length).fill(1);
  let holds = false;
  return (_, to, found) => {
    moment.world = timeline.world;
    timeline.advance(to, {
      kinds: every,
      folded: (_world, kind, batch, at) => {
        if (condition.kinds[kind] === 1 || moment.seq === session.travel.begin) {
          moment.kind = kind;
          moment.batch = batch;
          moment.at = at;
          moment.seq = timeline.seq;
          holds = condition.read(moment) === true;
        } else if (condition.ofEvent) holds = false;
        if (holds) found.push(timeline.seq);
        return false;
      },
    });
  };
}

export const matchesJob =
  (holder: SessionHolder) =>
  async ({ condition: text, most }: MatchesArgs, task: Task): Promise<MatchesFound> => {
    const session = holder.get();
    const { events } = session.reader;
    const condition = session.travel.expressions.condition(text);
    if (most < 1) throw new HeaptapeError('bad-usage', 'at least one match is to be found');
    const find = condition.ofState
      ? folding(session, condition)
      : lookingThrough(session, condition);
    let total = 0;
    for (let done = session.travel.begin; done < events && total < most; ) {
      const to = Math.min(events, done + SLICE);
      const found: number[] = [];
      find(done + 1, to, found);
      total += found.length;
      done = to;
      task.part({ seqs: Float64Array.from(found), done } satisfies MatchesPart);
      await task.breathe();
    }
    return { whole: total < most };
  };
