/**
 * Threads and their frames.
 *
 * Goroutines are threads, and so is the collector. What a tape tells of a goroutine is which one runs, and
 * what its stack refers to; a tape has no calls. So the frames are what encloses the position: an object
 * inside an event that marks or sweeps a span, the event, the phase of the cycle. Stepping out goes to
 * the end of the innermost one.
 */
import { EVENTS, specOfTag } from '@heaptape/schema';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { eventText, objectText } from '../debug/text.ts';
import { count, size } from '../report/units.ts';
import type { Context } from './context.ts';
import type { FramePlace } from './scopes.ts';

/** The collector's number as a thread: no goroutine has it. */
const COLLECTOR = 2_000_000_000;
/** The thread of a program whose tape tells of no goroutine. */
const PROGRAM = 1_999_999_999;
/** Goroutines of the runtime have negative numbers on a tape; threads have positive ones. */
const RUNTIME = 1_900_000_000;
/** How far back a frame's event is looked for. */
const MOST_LOOKED = 1 << 20;

const threadOf = (goroutine: number): number =>
  goroutine > 0 ? goroutine : goroutine === 0 ? PROGRAM : RUNTIME - goroutine;
const goroutineOf = (thread: number): number =>
  thread === PROGRAM || thread === COLLECTOR ? 0 : thread > RUNTIME ? RUNTIME - thread : thread;

/** Whether the event that led here is the program's doing. */
function isOfProgram({ travel }: Context): boolean {
  const { event, inside } = travel.position;
  if (inside > 0 || event === 0) return event === 0;
  return specOfTag(travel.kindAt(event))?.role === 'mutator';
}

/** The thread to be looked at after a stop. */
export const threadHere = (context: Context): number =>
  isOfProgram(context) ? threadOf(context.running) : COLLECTOR;

/** The goroutines that exist here, by number; the one that runs is among them. */
function goroutinesHere(context: Context): Map<number, { bytes: number; used: number } | null> {
  const { goroutines } = context.travel.world;
  const found = new Map<number, { bytes: number; used: number } | null>();
  for (let row = 0; row < goroutines.rows; row += 1) {
    const number = goroutines.number[row];
    if (number === 0) continue;
    found.set(number, { bytes: goroutines.bytes[row], used: goroutines.used[row] });
  }
  const { running } = context;
  if (!found.has(running)) found.set(running, null);
  return found;
}

export function threadsOf(context: Context): DebugProtocol.Thread[] {
  const { session, running } = context;
  const p = session.valueOf('p');
  const threads = [...goroutinesHere(context)]
    .sort(([a], [b]) => a - b)
    .map(([number, stack]) => {
      const what =
        number > 0
          ? `goroutine ${number}`
          : number === 0
            ? 'the program'
            : `runtime goroutine ${-number}`;
      const held = stack === null ? '' : `, stack ${size(stack.bytes)}`;
      return {
        id: threadOf(number),
        name: `${what}${number === running ? `, running on P ${p}` : ''}${held}`,
      };
    });
  return [...threads, { id: COLLECTOR, name: `collector: ${collectorText(context)}` }];
}

function collectorText({ session }: Context): string {
  const phase = session.valueOf('phase');
  const cycle = session.valueOf('cycle');
  if (phase !== '_GCoff') return `marking, cycle ${cycle}`;
  return session.valueOf('sweeping') === 'true'
    ? `sweeping after cycle ${cycle}`
    : `off after cycle ${cycle}`;
}

interface Frame extends FramePlace {
  readonly name: string;
  /** Its line is that of the position itself. */
  readonly here?: boolean;
  readonly subtle?: boolean;
}

/** The frames of a thread; undefined where there is no such thread. */
function framesOf(context: Context, thread: number): Frame[] | undefined {
  if (thread === COLLECTOR) return collectorFrames(context);
  const goroutine = goroutineOf(thread);
  if (!goroutinesHere(context).has(goroutine)) return undefined;
  const { travel, running } = context;
  const { event } = travel.position;
  if (goroutine !== running) return [parkedFrame(context, goroutine)];
  const last = isOfProgram(context)
    ? event
    : travel.lookBack(event, event - MOST_LOOKED, 'command');
  const name = last === 0 ? 'the start of the tape' : eventText(travel, last);
  return [{ name, event: last, goroutine, here: last === event }];
}

/** Where a goroutine was last seen running. */
function parkedFrame({ travel }: Context, goroutine: number): Frame {
  const { event } = travel.position;
  let next = 0;
  const last = travel.lookBack(event, event - MOST_LOOKED, 'command', (kind, batch, at, seq) => {
    if (kind !== EVENTS.ProcSwitched.tag) return false;
    // Its arguments are the P and the goroutine.
    if (batch.args[at + 1] === goroutine) return true;
    next = seq;
    return false;
  });
  // It ran until another one took its turn.
  const until = last === 0 || next === 0 ? 0 : travel.lookBack(next - 1, last, 'command');
  const name = until === 0 ? 'not running' : `not running since ${eventText(travel, until)}`;
  return { name, event: until, goroutine, subtle: true };
}

function collectorFrames(context: Context): Frame[] {
  // Stack roots that are seen from here are those of the goroutine that runs.
  const { travel, running: goroutine } = context;
  const { event, inside } = travel.position;
  const frames: Frame[] = [];
  if (inside > 0) {
    const changes = travel.inside();
    const { object, before, after } = changes[inside - 1];
    const turn = `${objectText(travel, object)} ${before} → ${after}`;
    frames.push({
      name: `object ${inside} of ${changes.length}: ${turn}`,
      event: event + 1,
      goroutine,
      here: true,
    });
    frames.push({ name: `inside ${eventText(travel, event + 1)}`, event: event + 1, goroutine });
  } else if (event > 0 && !isOfProgram(context)) {
    frames.push({ name: eventText(travel, event), event, goroutine, here: true });
  }
  const since = event === 0 ? 0 : travel.lookBack(event, event - MOST_LOOKED, 'phase');
  const where = since === 0 ? '' : ` since event ${count(since)}`;
  frames.push({ name: `${collectorText(context)}${where}`, event: since, goroutine, subtle: true });
  return frames;
}

/** Frames of a thread as the client gets them; undefined where there is no such thread. */
export function stackOf(
  context: Context,
  thread: number,
  start: number,
  levels: number,
): { stackFrames: DebugProtocol.StackFrame[]; totalFrames: number } | undefined {
  const frames = framesOf(context, thread);
  if (frames === undefined) return undefined;
  const shown = levels === 0 ? frames.slice(start) : frames.slice(start, start + levels);
  const { position } = context.travel;
  const stackFrames = shown.map((frame): DebugProtocol.StackFrame => {
    const { name, event, here, subtle } = frame;
    const id = context.frames.keep(frame);
    const hint = subtle === true ? { presentationHint: 'subtle' as const } : {};
    // A frame that belongs to no event has no line.
    if (subtle === true && event === 0) return { id, name, line: 0, column: 0, ...hint };
    const { source, line } = context
      .sources()
      .lineOf(here === true ? position : { event, inside: 0 });
    const column = context.client.columnsFrom1 ? 1 : 0;
    return { id, name, source, line: context.toClient(line), column, ...hint };
  });
  return { stackFrames, totalFrames: frames.length };
}
