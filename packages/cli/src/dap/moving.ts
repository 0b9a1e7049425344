/**
 * Requests that move.
 *
 * A step goes over an event. With the granularity `instruction`, and into, it goes from object to object
 * inside an event that marks or sweeps a span. Out goes to the end of that event, or to where the
 * phase changes. The targets of a step into are the other units. All threads move together.
 */
import type { Journey, Position, StepUnit } from '@heaptape/replay';
import { usage } from '../debug/command.ts';
import type { Debuggee, Entry, Handler } from './adapter.ts';
import { type Fields, needNumber, numberOf, textOf } from './arguments.ts';
import { endOf, runMove, type Stop } from './motion.ts';

/** Starts a move; the response goes first. */
function starting(
  { motion }: Debuggee,
  title: string,
  journey: () => Journey<Stop>,
  again = false,
): void {
  void motion.start({ title, journey, again });
}

const running =
  (title: string, back: boolean): Handler =>
  (debuggee) => {
    starting(debuggee, title, () => runMove(debuggee.context, back), true);
    return back ? undefined : { allThreadsContinued: true };
  };

function* stepped({ context }: Debuggee, unit: StepUnit, back: boolean): Journey<Stop> {
  const { why } = yield* context.session.moving((travel) =>
    back ? travel.steppingBack(unit, 1) : travel.stepping(unit, 1),
  );
  return why === 'there' ? { reason: 'step' } : endOf(why);
}

const stepping =
  (title: string, unit: StepUnit, back: boolean): Handler =>
  (debuggee, fields) => {
    const fine = textOf(fields, 'granularity') === 'instruction';
    const target = numberOf(fields, 'targetId');
    if (target !== undefined && STEP_TARGETS[target - 1] === undefined) {
      throw usage(`there is no target ${target}`);
    }
    const used = target === undefined ? (fine ? 'micro' : unit) : STEP_TARGETS[target - 1].unit;
    starting(debuggee, title, () => stepped(debuggee, used, back));
  };

const STEP_TARGETS: readonly { readonly unit: StepUnit; readonly label: string }[] = [
  { unit: 'object', label: 'to the next event about an object, or the next object inside one' },
  { unit: 'span', label: 'to the next event of a span' },
  { unit: 'command', label: 'to the next command of the program' },
  { unit: 'phase', label: 'to where the phase changes' },
  { unit: 'cycle', label: 'to the start of the next cycle' },
];

const stepOut: Handler = (debuggee) => {
  const { travel } = debuggee.context;
  const { event, inside } = travel.position;
  starting(debuggee, 'stepping out', () =>
    inside > 0
      ? went(debuggee, { event: event + 1, inside: 0 }, 'step')
      : stepped(debuggee, 'phase', false),
  );
};

function* went({ context }: Debuggee, position: Position, reason: string): Journey<Stop> {
  yield* context.session.moving((travel) => travel.going(position));
  return { reason };
}

const goto: Handler = (debuggee, fields) => {
  const event = needNumber(fields, 'targetId');
  const { events } = debuggee.context.travel.reader;
  if (!(event >= 0 && event <= events)) throw usage(`event ${event} is not on a tape of ${events}`);
  starting(debuggee, `going to event ${event}`, () => went(debuggee, { event, inside: 0 }, 'goto'));
};

const gotoTargets: Handler = ({ context }, fields) => {
  const { source, line } = lineIn(fields);
  const at = context.fromClient(line);
  const targets = context.sources().targetsAt(context.sourceOf(source), at);
  return {
    targets: targets.map(({ position, label }) => ({ id: position.event, label, line })),
  };
};

/** The source and the line that a request names. Throws `bad-usage`. */
export function lineIn(fields: Fields): { source: Fields; line: number } {
  const { source } = fields;
  if (typeof source !== 'object' || source === null) throw usage('source is missing');
  return { source: { ...source }, line: needNumber(fields, 'line') };
}

export const MOVING: Readonly<Record<string, Entry>> = {
  continue: { when: 'stopped', handle: running('running', false) },
  reverseContinue: { when: 'stopped', handle: running('running back', true) },
  next: { when: 'stopped', handle: stepping('stepping', 'event', false) },
  stepIn: { when: 'stopped', handle: stepping('stepping', 'micro', false) },
  stepOut: { when: 'stopped', handle: stepOut },
  stepBack: { when: 'stopped', handle: stepping('stepping back', 'event', true) },
  goto: { when: 'stopped', handle: goto },
  gotoTargets: { when: 'launched', handle: gotoTargets },
  stepInTargets: {
    when: 'launched',
    handle: () => ({ targets: STEP_TARGETS.map(({ label }, i) => ({ id: i + 1, label })) }),
  },
  pause: { when: 'launched', handle: ({ motion }) => motion.pause() },
};
