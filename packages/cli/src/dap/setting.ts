/** Requests about where to stop: breakpoints of all kinds, and where they can be. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { usage } from '../debug/command.ts';
import { watchPlace } from '../debug/stopping.ts';
import type { Entry, Handler } from './adapter.ts';
import {
  type Fields,
  listOf,
  needNumber,
  needText,
  numberOf,
  textOf,
  textsOf,
} from './arguments.ts';
import type { Context } from './context.ts';
import { lineIn } from './moving.ts';
import { dataPlaces, FILTERS, functionPlaces, type Placed, type Wanted } from './stops.ts';

const conditionsOf = (fields: Fields): Pick<Wanted, 'condition' | 'hitCondition'> => ({
  condition: textOf(fields, 'condition'),
  hitCondition: textOf(fields, 'hitCondition'),
});

const answered = ({ id, problem }: Placed): DebugProtocol.Breakpoint => ({
  id,
  verified: problem === null,
  ...(problem === null ? {} : { message: problem, reason: 'failed' as const }),
});

const setBreakpoints: Handler = ({ context }, fields) => {
  const { source } = lineIn({ ...fields, line: 1 });
  const shown = context.sourceOf(source);
  const asked = listOf(fields, 'breakpoints');
  const lines = asked.map((one) => context.fromClient(needNumber(one, 'line')));
  const found = lines.map((line) => context.sources().stopAt(shown, line));
  const group = `line ${shown.sourceReference ?? 0} ${shown.path ?? ''}`;
  const placed = context.stops.set(
    group,
    asked.map((one, i): Wanted => {
      const at = found[i];
      return {
        kind: 'breakpoint',
        text: at?.place.on === 'event' ? String(at.place.event) : `line ${lines[i]}`,
        ...conditionsOf(one),
        logMessage: textOf(one, 'logMessage'),
        places: () => {
          if (at === undefined) throw usage('there is no event in this line');
          return [at.place];
        },
      };
    }),
  );
  return {
    breakpoints: placed.map((one, i): DebugProtocol.Breakpoint => {
      const at = found[i];
      if (at === undefined) return answered(one);
      return { ...answered(one), source: at.line.source, line: context.toClient(at.line.line) };
    }),
  };
};

const setFunctionBreakpoints: Handler = ({ context }, fields) => {
  const placed = context.stops.set(
    'function',
    listOf(fields, 'breakpoints').map((one): Wanted => {
      const name = needText(one, 'name').trim();
      return { kind: 'breakpoint', text: name, ...conditionsOf(one), places: functionPlaces(name) };
    }),
  );
  return { breakpoints: placed.map(answered) };
};

const setDataBreakpoints: Handler = ({ context }, fields) => {
  const placed = context.stops.set(
    'data',
    listOf(fields, 'breakpoints').map((one): Wanted => {
      const dataId = needText(one, 'dataId');
      const access = textOf(one, 'accessType');
      const text = access === undefined || access === 'write' ? dataId : `${dataId} (${access})`;
      return {
        kind: 'watchpoint',
        text,
        ...conditionsOf(one),
        places: dataPlaces(dataId, access),
      };
    }),
  );
  return { breakpoints: placed.map(answered) };
};

const setExceptionBreakpoints: Handler = ({ context }, fields) => {
  const chosen = [
    ...textsOf(fields, 'filters').map((filterId) => ({ filterId, condition: undefined })),
    ...listOf(fields, 'filterOptions').map((one) => ({
      filterId: needText(one, 'filterId'),
      condition: textOf(one, 'condition'),
    })),
  ];
  const placed = context.stops.set(
    'exception',
    chosen.map(({ filterId, condition }): Wanted => {
      return {
        kind: 'breakpoint',
        text: filterId,
        condition,
        places: () => {
          if (!Object.hasOwn(FILTERS, filterId)) throw usage(`there is no filter '${filterId}'`);
          return FILTERS[filterId].places;
        },
      };
    }),
  );
  return { breakpoints: placed.map(answered) };
};

/** What to watch for a change of something that is shown, or of an expression. */
const dataBreakpointInfo: Handler = ({ context }, fields) => {
  const name = needText(fields, 'name');
  const reference = numberOf(fields, 'variablesReference');
  const item = reference === undefined ? undefined : context.values.childOf(reference, name);
  const dataId = reference === undefined ? name : (item?.watch ?? item?.expression);
  if (dataId === undefined) return { dataId: null, description: `${name} does not change` };
  return watchable(context, dataId);
};

function watchable(context: Context, dataId: string): object {
  try {
    const place = watchPlace(context.session, dataId);
    const isObject = place.on === 'object' && place.what === 'changed';
    return {
      dataId,
      description: dataId,
      accessTypes: isObject ? ['read', 'write', 'readWrite'] : ['write'],
      canPersist: true,
    };
  } catch (error) {
    return { dataId: null, description: error instanceof Error ? error.message : String(error) };
  }
}

const breakpointLocations: Handler = ({ context }, fields) => {
  const { source, line } = lineIn(fields);
  const end = numberOf(fields, 'endLine') ?? line;
  const lines = context
    .sources()
    .linesIn(context.sourceOf(source), context.fromClient(line), context.fromClient(end));
  return { breakpoints: lines.map((at) => ({ line: context.toClient(at) })) };
};

export const SETTING: Readonly<Record<string, Entry>> = {
  setBreakpoints: { when: 'launched', handle: setBreakpoints },
  setFunctionBreakpoints: { when: 'launched', handle: setFunctionBreakpoints },
  setDataBreakpoints: { when: 'launched', handle: setDataBreakpoints },
  setExceptionBreakpoints: { when: 'launched', handle: setExceptionBreakpoints },
  dataBreakpointInfo: { when: 'stopped', handle: dataBreakpointInfo },
  breakpointLocations: { when: 'launched', handle: breakpointLocations },
};
