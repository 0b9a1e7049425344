/**
 * Evaluating: expressions wherever a client asks, and in its console every command of the debugger.
 *
 * A command that moves the session is a move like any other: `continued` and `stopped` events go with it,
 * and it can be interrupted. Its text is the answer.
 */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type CommandGroup, commandOf, type DebugCommand, firstWord } from '../debug/command.ts';
import { completions } from '../debug/completion.ts';
import { GROUPS } from '../debug/session_commands.ts';
import { valueText } from '../debug/text.ts';
import { type Fields, needNumber, needText, textOf } from './arguments.ts';
import type { Context } from './context.ts';
import { threadHere } from './frames.ts';
import type { Motion } from './motion.ts';
import { hex, objectItem } from './objects.ts';

/** The commands that make sense here: leaving is the client's own business. */
const COMMANDS: readonly CommandGroup[] = GROUPS.map(({ title, commands }) => ({
  title,
  commands: commands.filter(({ name }) => name !== 'quit'),
}));

type Evaluated = DebugProtocol.EvaluateResponse['body'];

export function evaluate(
  context: Context,
  motion: Motion,
  fields: Fields,
): Evaluated | Promise<Evaluated> {
  const text = needText(fields, 'expression').trim();
  if (textOf(fields, 'context') !== 'repl') return evaluated(context, text);
  const command = commandIn(text);
  return command === null ? evaluated(context, text) : commanded(context, motion, command);
}

/** An expression's value. Throws `ExpressionError`. */
function evaluated(context: Context, text: string): Evaluated {
  const { travel } = context;
  const { expression, value } = travel.evaluate(text);
  const { type } = expression;
  if (type.of === 'object' && typeof value === 'number') {
    const shown = context.values.variable(objectItem(travel, value, text, text));
    const { value: result, variablesReference, memoryReference, indexedVariables } = shown;
    return {
      result,
      variablesReference,
      ...(shown.type === undefined ? {} : { type: shown.type }),
      ...(memoryReference === undefined ? {} : { memoryReference }),
      ...(shown.namedVariables === undefined ? {} : { namedVariables: shown.namedVariables }),
      ...(indexedVariables === undefined ? {} : { indexedVariables }),
    };
  }
  const isAddress = type.of === 'number' && type.unit === 'addr' && typeof value === 'number';
  return {
    result: valueText(travel, type, value),
    type: type.of === 'number' ? type.unit : type.of,
    variablesReference: 0,
    ...(isAddress ? { memoryReference: hex(value) } : {}),
  };
}

interface Typed {
  readonly command: DebugCommand;
  readonly rest: string;
}

/** The command that a line begins with; null where it is an expression. */
function commandIn(line: string): Typed | null {
  const [first, behind] = firstWord(line);
  const format = /^([a-z]+)(\/.+)$/.exec(first);
  const [word, rest] =
    format === null ? [first, behind] : [format[1], `${format[2]} ${behind}`.trim()];
  // `heapLive`, `#12` and the like are no commands; a word that could be both is a command.
  if (!/^[a-z?][a-z-]*$/.test(word)) return null;
  try {
    return { command: commandOf(COMMANDS, word), rest };
  } catch {
    return null;
  }
}

async function commanded(
  context: Context,
  motion: Motion,
  { command, rest }: Typed,
): Promise<Evaluated> {
  const { session, client } = context;
  const answer = (text: string): Evaluated => ({ result: text.trimEnd(), variablesReference: 0 });
  const { travel } = session;
  const work = command.run(session, rest);
  if (typeof work === 'string') {
    session.settled();
    if (session.travel !== travel) setImmediate(() => stoppedElsewhere(context));
    else if (client.invalidated) context.send('invalidated', { areas: ['variables'] });
    return answer(work);
  }
  let text = `interrupted\n`;
  const from = travel.position;
  context.send('continued', { threadId: threadHere(context), allThreadsContinued: true });
  await motion.start({
    title: `${command.name} ${rest}`,
    journey: function* () {
      text = yield* work;
      const { event, inside } = travel.position;
      const moved = event !== from.event || inside !== from.inside;
      return { reason: moved ? 'goto' : 'pause', text: text.trimEnd() };
    },
  });
  return answer(text);
}

/** The session is in another branch now. */
function stoppedElsewhere(context: Context): void {
  context.moved();
  context.send('stopped', {
    reason: 'goto',
    threadId: threadHere(context),
    allThreadsStopped: true,
  });
}

export function completionsFor(context: Context, fields: Fields): DebugProtocol.CompletionItem[] {
  const text = needText(fields, 'text');
  const column = needNumber(fields, 'column') - (context.client.columnsFrom1 ? 1 : 0);
  const [found, part] = completions(COMMANDS, context.session, text.slice(0, Math.max(0, column)));
  const start = Math.max(0, column - part.length);
  return found.slice(0, 200).map((label) => ({ label, start, length: part.length }));
}
