/** Requests that look: sources, threads, frames, scopes, variables, expressions, memory. */
import { usage } from '../debug/command.ts';
import type { Entry, Handler } from './adapter.ts';
import { fieldsOf, needNumber, numberOf, textOf } from './arguments.ts';
import { completionsFor, evaluate } from './evaluate.ts';
import { stackOf, threadsOf } from './frames.ts';
import { readMemory } from './memory.ts';
import { scopesOf } from './scopes.ts';
import { LISTING_TYPE } from './sources.ts';
import { FILTERS } from './stops.ts';

const source: Handler = ({ context }, fields) => {
  const inner = fieldsOf(fields['source'], 'source');
  const reference = numberOf(inner, 'sourceReference') ?? numberOf(fields, 'sourceReference') ?? 0;
  const content = context.textOf(reference);
  if (content === undefined) throw usage(`there is no source ${reference}`);
  return { content, mimeType: LISTING_TYPE };
};

const stackTrace: Handler = ({ context }, fields) => {
  const thread = needNumber(fields, 'threadId');
  const start = Math.max(0, numberOf(fields, 'startFrame') ?? 0);
  const levels = Math.max(0, numberOf(fields, 'levels') ?? 0);
  const found = stackOf(context, thread, start, levels);
  if (found === undefined) throw usage(`there is no thread ${thread} here`);
  return found;
};

const scopes: Handler = ({ context }, fields) => {
  const id = needNumber(fields, 'frameId');
  const frame = context.frames.get(id);
  if (frame === undefined) throw usage(`frame ${id} is of another place`);
  return { scopes: scopesOf(context, frame) };
};

const variables: Handler = ({ context }, fields) => {
  const reference = needNumber(fields, 'variablesReference');
  const start = Math.max(0, numberOf(fields, 'start') ?? 0);
  const count = Math.max(0, numberOf(fields, 'count') ?? 0);
  const found = context.values.children(reference, textOf(fields, 'filter'), start, count);
  if (found === undefined) throw usage(`value ${reference} is of another place`);
  return { variables: found };
};

const exceptionInfo: Handler = ({ motion }) => {
  const { description, text } = motion.last;
  const found = Object.entries(FILTERS).find(([, { label }]) => label === description);
  return {
    exceptionId: found?.[0] ?? 'stop',
    description: found?.[1].description ?? text ?? '',
    breakMode: 'always',
  };
};

export const LOOKING: Readonly<Record<string, Entry>> = {
  source: { when: 'launched', handle: source },
  loadedSources: {
    when: 'launched',
    handle: ({ context }) => ({ sources: context.sources().sources() }),
  },
  threads: { when: 'stopped', handle: ({ context }) => ({ threads: threadsOf(context) }) },
  stackTrace: { when: 'stopped', handle: stackTrace },
  scopes: { when: 'stopped', handle: scopes },
  variables: { when: 'stopped', handle: variables },
  evaluate: {
    when: 'stopped',
    handle: ({ context, motion }, fields) => evaluate(context, motion, fields),
  },
  completions: {
    when: 'stopped',
    handle: ({ context }, fields) => ({ targets: completionsFor(context, fields) }),
  },
  exceptionInfo: { when: 'stopped', handle: exceptionInfo },
  readMemory: { when: 'stopped', handle: ({ context }, fields) => readMemory(context, fields) },
};
