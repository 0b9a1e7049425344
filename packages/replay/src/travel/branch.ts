/**
 * A branch: what would have happened from here on, had the settings or the program's commands been others.
 *
 * 1. The tape's commands up to the position are decided again; the events come out as they are on the tape.
 *    What the collector does in answer to a command is not broken off: the branch begins where that is over.
 * 2. Then come the changed settings, as the calls that make them (debug.SetGCPercent and the like), and
 *    the other commands.
 * 3. Then the tape's own remaining commands, unless they are left out. Where the collector's other doings
 *    make one of them impossible, the branch ends there and says why.
 *
 * The branch goes onto a tape that the caller gives, one in memory mostly, to be thrown away.
 */
import { applyCommand, Decider, isCommand, objectCells, SCALAR } from '@heaptape/core';
import {
  EVENTS,
  EventBatch,
  type EventName,
  encodeUtf8,
  HeaptapeError,
  type TapeReader,
  type TapeWriter,
} from '@heaptape/schema';
import type { Progress } from '../fold.ts';
import { recordRun } from '../record.ts';
import { configOf } from '../verify.ts';
import { eachEvent } from '../walk.ts';

/** A command as an event of the program: its name and its fields. */
export interface CommandRow {
  readonly event: EventName;
  readonly [field: string]: number | string;
}

export interface BranchOptions {
  /** GOGC from there on; -1 is off. */
  readonly gcPercent?: number;
  /** GOMEMLIMIT from there on, bytes; 0 is none. */
  readonly memoryLimit?: number;
  /** GOMAXPROCS from there on. */
  readonly procs?: number;
  /** What the program does there that it did not do. */
  readonly commands?: readonly CommandRow[];
  /** Leave out what the program did afterwards. */
  readonly stop?: boolean;
}

export interface Branch {
  /** The last event that both have. */
  readonly from: number;
  /** Why the branch ends before the program does; null where it does not. */
  readonly ended: string | null;
}

/**
 * Decides a branch that leaves a tape at event `at`, and writes it. Throws `bad-usage` and `refused` for its
 * commands.
 */
export function branchAt(
  reader: TapeReader,
  at: number,
  options: BranchOptions,
  into: TapeWriter,
  onProgress?: Progress,
): Branch {
  /** Other commands may have let go of what the program goes on to use. */
  const strange = (options.commands ?? []).length > 0;
  let from = 0;
  let ended: string | null = null;
  recordRun(into, (sink, started) => {
    const decider = new Decider(configOf(reader), sink);
    started(decider);
    let changed = false;
    const change = (): void => {
      changed = true;
      from = decider.world.scalars[SCALAR.seq];
      applyChanges(decider, options);
    };
    eachEvent(
      reader,
      (kind, batch, offset, seq) => {
        if (ended !== null || !isCommand(kind)) return;
        if (seq > at && !changed) change();
        if (seq > at && options.stop === true) return;
        ended = refusalOf(() => {
          if (seq > at && strange) expectObjects(decider, kind, batch, offset);
          applyCommand(decider, kind, batch, offset);
        }, seq);
      },
      onProgress,
    );
    if (!changed) change();
    decider.end();
    return decider;
  });
  return { from, ended };
}

/** Carries out a command; where it is impossible, says so. */
function refusalOf(command: () => void, seq: number): string | null {
  try {
    command();
    return null;
  } catch (error) {
    if (!(error instanceof HeaptapeError && error.code === 'refused')) throw error;
    return `the command of event ${seq} is impossible here: ${error.message}`;
  }
}

function applyChanges(decider: Decider, options: BranchOptions): void {
  const { gcPercent, memoryLimit, procs, commands = [] } = options;
  if (gcPercent !== undefined) decider.setGCPercent(gcPercent);
  if (memoryLimit !== undefined) decider.setMemoryLimit(memoryLimit);
  if (procs !== undefined) decider.setProcs(procs);
  for (const command of commands) {
    const batch = batchOf(command);
    const [tag] = batch.kinds;
    expectObjects(decider, tag, batch, 0);
    applyCommand(decider, tag, batch, 0);
  }
}

/** Throws `refused` unless the objects that a command names are there; a weak load finds out itself. */
function expectObjects({ owners }: Decider, tag: number, { args }: EventBatch, at: number): void {
  if (tag === EVENTS.WeakLoaded.tag) return;
  for (const cell of objectCells(tag)) {
    const object = args[at + cell];
    if (object === 0 || owners.isThere(object)) continue;
    throw new HeaptapeError('refused', `object #${object} is not there`);
  }
}

/** A command in the form of the tape. Throws `bad-usage`. */
function batchOf(command: CommandRow): EventBatch {
  const spec = Object.hasOwn(EVENTS, command.event) ? EVENTS[command.event] : undefined;
  if (spec === undefined || spec.role !== 'mutator') {
    throw new HeaptapeError('bad-usage', `${command.event} is nothing that a program does`);
  }
  const names = ['event', ...spec.fields.map(({ name }) => name)];
  const strange = Object.keys(command).find((key) => !names.includes(key));
  if (strange !== undefined) {
    const hint = `it has ${names.slice(1).join(', ') || 'none'}`;
    throw new HeaptapeError('bad-usage', `${command.event} has no field ${strange}`, hint);
  }
  const batch = new EventBatch(1);
  const cells: number[] = [];
  for (const { name, wire } of spec.fields) {
    const value = command[name] ?? (wire === 'bytes' ? '' : 0);
    if (wire === 'bytes') {
      const bytes = encodeUtf8(String(value));
      cells.push(batch.putBlob(bytes), bytes.length);
    } else if (typeof value === 'number' && (wire === 'f64' || Number.isSafeInteger(value))) {
      cells.push(value);
    } else {
      throw new HeaptapeError('bad-usage', `${command.event}: ${name} is a whole number`);
    }
  }
  batch.push(spec.tag, cells);
  return batch;
}
