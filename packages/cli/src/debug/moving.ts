/** Commands that go somewhere: steps, runs to a stop, jumps, and back again. */
import { type Arrival, type Journey, STEP_UNITS, type StepUnit } from '@heaptape/replay';
import {
  type CommandGroup,
  chosen,
  countOf,
  type DebugCommand,
  firstWord,
  usage,
} from './command.ts';
import { expressionWords } from './completion.ts';
import { runToStop, type Stopped } from './running.ts';
import type { Breakpoint, Session } from './session.ts';
import { valueText } from './text.ts';

const ENDS: Readonly<Record<Arrival['why'], string>> = {
  there: '',
  end: 'the tape ends here\n',
  start: 'the tape begins here\n',
};

const UNITS_HELP = `UNIT is one of ${STEP_UNITS.join(', ')}. micro is the smallest: an object inside an event
that marks or sweeps a span, else an event. command is what the program did.`;

/** A unit by its name, in the plural too, or the beginning of it. Throws `bad-usage`. */
const unitOf = (word: string): StepUnit => {
  const name = word.length > 1 ? word.replace(/s$/, '') : word;
  return chosen(STEP_UNITS, name, 'unit') as StepUnit;
};

function stepping(
  name: string,
  aliases: readonly string[],
  unit: StepUnit,
  back: boolean,
  summary: string,
): DebugCommand {
  return {
    name,
    aliases,
    usage: '[UNIT] [COUNT]',
    summary,
    details: UNITS_HELP,
    repeats: true,
    *run(session, rest) {
      const [word, more] = firstWord(rest);
      const named = /^[a-z]/.test(word) ? unitOf(word) : unit;
      const count = countOf(/^[a-z]/.test(word) ? more : rest);
      const arrival = yield* session.moving((travel) =>
        back ? travel.steppingBack(named, count) : travel.stepping(named, count),
      );
      return `${ENDS[arrival.why]}${session.here()}`;
    },
    complete: () => STEP_UNITS,
  };
}

const goto: DebugCommand = {
  name: 'goto',
  aliases: ['jump', 'g'],
  usage: 'POSITION',
  summary: 'go to a position',
  details: `POSITION is an event number, 120.3 (event 120 and three objects of the next), +5, -5, start,
end, cycle:3 (end of marking), born #12, died #12, or a bookmark. undo comes back.`,
  *run(session, rest) {
    if (rest === '')
      throw usage('goto where?', 'an event number, end, cycle:3, born #12, a bookmark');
    const place = session.placeOf(rest);
    yield* session.moving((travel) => travel.going(place));
    return session.here();
  },
  complete: (session) => ['start', 'end', 'cycle:', 'born', 'died', ...session.bookmarks.keys()],
};

const undo: DebugCommand = {
  name: 'undo',
  usage: '',
  summary: 'go back to where the session was before the last move',
  repeats: true,
  *run(session) {
    yield* session.undo();
    return session.here();
  },
};

const bookmark: DebugCommand = {
  name: 'bookmark',
  usage: '[NAME]',
  summary: 'give this position a name, or list the names',
  details: 'goto NAME comes back here; diff NAME shows what has changed since.',
  run: (session, rest) => {
    if (rest === '') {
      const lines = [...session.bookmarks].map(([name, { event, inside }]) => {
        return `${name}: event ${event}${inside === 0 ? '' : `.${inside}`}\n`;
      });
      return lines.join('') || 'no bookmarks\n';
    }
    if (!/^[\p{L}_][\p{L}\p{Nd}_-]*$/u.test(rest))
      throw usage(`'${rest}' is no name for a bookmark`);
    if (['start', 'end'].includes(rest)) throw usage(`'${rest}' is a place already`);
    session.bookmarks.set(rest, session.travel.position);
    return `bookmark ${rest} is here\n`;
  },
};

/** Runs to a stop of a breakpoint, or to the end of the tape. */
function* running(session: Session, rest: string, back: boolean): Journey<string> {
  const passed = countOf(rest) - 1;
  const stopped = yield* session.moving(function* () {
    let last = yield* runToStop(session, back);
    for (let i = 0; i < passed && last.why === 'there'; i += 1) {
      last = yield* runToStop(session, back);
    }
    return last;
  });
  const told = hitsText(session, stopped);
  session.forget(stopped.hits.map(({ breakpoint }) => breakpoint));
  return `${ENDS[stopped.why]}${told}${session.here()}`;
}

function hitsText(session: Session, { hits }: Stopped): string {
  const told = new Map<Breakpoint, string>();
  for (const { breakpoint: one, watched } of hits) {
    let line = `${one.kind} ${one.number}, ${one.text}`;
    if (watched !== undefined) {
      const { type } = session.travel.expressions.value(watched.text);
      const [before, after] = [watched.before, watched.after].map((value) =>
        valueText(session.travel, type, value),
      );
      const name = watched.text === one.text ? '' : `${watched.text} `;
      line += `: ${name}${session.paint('red', before)} → ${session.paint('green', after)}`;
    }
    if (!told.has(one) || watched !== undefined) told.set(one, line);
  }
  return [...told.values()].map((line) => `${line}\n`).join('');
}

const forward: DebugCommand = {
  name: 'continue',
  aliases: ['c', 'fg'],
  usage: '[COUNT]',
  summary: 'go on to the next stop, or to the end of the tape',
  details: 'With COUNT stops only at so manieth a hit.',
  repeats: true,
  run: (session, rest) => running(session, rest, false),
};

const reverse: DebugCommand = {
  name: 'reverse-continue',
  aliases: ['rc'],
  usage: '[COUNT]',
  summary: 'go back to the last stop before here, or to the start of the tape',
  repeats: true,
  run: (session, rest) => running(session, rest, true),
};

function untilCommand(name: string, aliases: readonly string[], back: boolean): DebugCommand {
  return {
    name,
    aliases,
    usage: 'EXPR',
    summary: `go ${back ? 'back to the last' : 'on to the next'} event after which EXPR holds`,
    details: 'Breakpoints do not stop it. `help expressions` says what EXPR may be.',
    *run(session, rest) {
      if (rest === '')
        throw usage(`${name} what?`, '`help expressions` says what a condition may be');
      const arrival = yield* session.moving((travel) =>
        back ? travel.runningBackUntil(rest) : travel.runningUntil(rest),
      );
      return `${ENDS[arrival.why]}${session.here()}`;
    },
    complete: (session) => expressionWords(session),
  };
}

export const MOVING: CommandGroup = {
  title: 'Moving',
  commands: [
    stepping('next', ['n'], 'event', false, 'go on by an event'),
    stepping('step', ['s'], 'micro', false, 'go on by an event, or by an object inside one'),
    stepping('reverse-next', ['rn'], 'event', true, 'go back by an event'),
    stepping(
      'reverse-step',
      ['rs'],
      'micro',
      true,
      'go back by an event, or by an object inside one',
    ),
    forward,
    reverse,
    untilCommand('until', ['u', 'advance'], false),
    untilCommand('reverse-until', ['ru'], true),
    goto,
    undo,
    bookmark,
  ],
};
