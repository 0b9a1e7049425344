/** What happened to one object on the whole tape: its events, its tiny-block neighbours, its recorded address. */
import { type HistoryEntry, historyOf } from '@heaptape/replay';
import { EVENTS, eventRow } from '@heaptape/schema';
import type { Task } from '../serve.ts';
import type { Session, SessionHolder } from '../session.ts';
import { walkTape } from '../walk.ts';

/** A tiny object that lies in the same block. */
export interface Neighbour {
  readonly event: number;
  readonly type: string;
}

export interface History {
  readonly object: number;
  readonly born: number;
  /** The event whose sweep freed it; 0 where none did. */
  readonly died: number;
  readonly bornNs: number;
  readonly entries: readonly HistoryEntry[];
  readonly leftOut: number;
  /** Tiny objects allocated into it, the first ones, if it is a tiny block; and how many there are. */
  readonly neighbours: readonly Neighbour[];
  readonly neighbourCount: number;
  /** Where it lay in the process that was recorded; empty where that is not known. */
  readonly recordedAddr: string;
}

export interface HistoryArgs {
  readonly object: number;
  readonly spanClass: number;
}

const MOST_ENTRIES = 2000;
const MOST_NEIGHBOURS = 64;
/** Span class of 16-byte slots without pointers, which tiny blocks are made of. */
const TINY_SPAN_CLASS = 5;

type NeighbourPart = Pick<History, 'neighbours' | 'neighbourCount'>;

async function neighboursOf(
  { reader }: Session,
  object: number,
  task: Task,
): Promise<NeighbourPart> {
  const found: { event: number; site: number }[] = [];
  const types = [''];
  const blocks: number[] = [];
  let p = 0;
  let neighbourCount = 0;
  await walkTape(reader, task, (kind, batch, at, seq) => {
    const { args } = batch;
    if (kind === EVENTS.ProcSwitched.tag) p = args[at];
    else if (kind === EVENTS.TinyBlockSet.tag) blocks[args[at]] = args[at + 1];
    else if (kind === EVENTS.SiteDefined.tag) {
      types.push(String(eventRow(batch, seq - batch.firstSeq, at)['name']));
    }
    if (kind === EVENTS.TinyAllocated.tag && blocks[p] === object) {
      neighbourCount += 1;
      if (found.length < MOST_NEIGHBOURS) found.push({ event: seq, site: args[at] });
    }
  });
  const neighbours = found.map(({ event, site }) => ({ event, type: types[site] ?? '' }));
  return { neighbours, neighbourCount };
}

export const historyJob =
  (holder: SessionHolder) =>
  async ({ object, spanClass }: HistoryArgs, task: Task): Promise<History> => {
    const session = holder.get();
    const { reader, travel } = session;
    const { born, died, entries, leftOut } = historyOf(reader, object, task.onProgress);
    await task.breathe();
    const recorded = travel.facts.addresses()[object] ?? 0;
    await task.breathe();
    const tiny = born > 0 && spanClass === TINY_SPAN_CLASS;
    const none = { neighbours: [], neighbourCount: 0 };
    return {
      object,
      born,
      died,
      bornNs: entries[0]?.timeNs ?? 0,
      entries: entries.slice(0, MOST_ENTRIES),
      leftOut: leftOut + Math.max(0, entries.length - MOST_ENTRIES),
      ...(tiny ? await neighboursOf(session, object, task) : none),
      recordedAddr: recorded === 0 ? '' : `0x${recorded.toString(16)}`,
    };
  };
