/** The debug adapter as a child process, over the wire, with a small program that has a pointer graph. */
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Editor } from './dap.testkit.ts';
import { temporaryFolder } from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

const folder = temporaryFolder();
const program = join(folder, 'program.tape');

const LIFE = ['unborn', 'white', 'grey', 'black', 'white', 'dead', 'freed'];

beforeAll(() => writeProgramTape(program));

/** All that the scopes of the top frame show, two levels deep. */
async function everything(editor: Editor): Promise<object> {
  const shown: Record<string, unknown> = {};
  for (const name of ['Stack roots', 'Globals', 'Heap', 'Collector', 'MemStats']) {
    const items: unknown[] = [];
    for (const { name: item, value, variablesReference } of await editor.scope(name)) {
      const inner = variablesReference === 0 ? [] : await editor.variables(variablesReference);
      items.push([item, value, inner.map((one) => [one.name, one.value])]);
    }
    shown[name] = items;
  }
  return shown;
}

describe('a program with a pointer graph', () => {
  const editor = new Editor();
  afterAll(() => editor.close());

  test('starts at the entry, with the source of its events', async () => {
    expect(await editor.open({ program })).toMatchObject({ reason: 'entry' });
    expect(await editor.shown()).toMatchObject({ event: 0, inside: 0 });
    const { sources } = await editor.ask<{ sources: DebugProtocol.Source[] }>('loadedSources');
    expect(sources.length).toBe(1);
    const { content } = await editor.ask<{ content: string }>('source', {
      sourceReference: sources[0].sourceReference,
    });
    const lines = content.trimEnd().split('\n');
    expect(lines[0]).toBe('  0  the start of program.tape');
    for (const [i, line] of lines.entries()) expect(line).toMatch(new RegExp(`^ *${i}  `));
    expect(lines).toContainEqual(expect.stringMatching(/^ +\d+ {2}ObjectAllocated site=1 #2$/));
  });

  test('a data breakpoint on an object stops at every change, in both directions, with equal variables', async () => {
    await editor.move('restart');
    const info = await editor.ask<{ dataId: string; accessTypes: string[] }>('dataBreakpointInfo', {
      name: '#2',
    });
    expect(info).toMatchObject({ dataId: '#2', accessTypes: ['read', 'write', 'readWrite'] });
    await editor.ask('setDataBreakpoints', { breakpoints: [{ dataId: info.dataId }] });
    const on = LIFE.slice(1).map((state, i) => `#2.state ${LIFE[i]} → ${state}`);
    const there: { event: number; all: object }[] = [];
    for (const text of on) {
      expect(await editor.move('continue')).toMatchObject({ reason: 'data breakpoint', text });
      there.push({ event: (await editor.shown()).event, all: await everything(editor) });
    }
    expect(await editor.move('continue')).toMatchObject({ text: 'the tape ends here' });
    for (const [i, text] of [...on.entries()].toReversed()) {
      expect(await editor.move('reverseContinue')).toMatchObject({
        reason: 'data breakpoint',
        text,
      });
      expect({ event: (await editor.shown()).event, all: await everything(editor) }).toEqual(
        there[i],
      );
    }
    expect(await editor.move('reverseContinue')).toMatchObject({ text: 'the tape begins here' });
    await editor.ask('setDataBreakpoints', { breakpoints: [] });
  });

  test('from the death of an object back to the store that let go of it', async () => {
    await editor.move('goto', { targetId: 0 });
    await editor.ask('setFunctionBreakpoints', { breakpoints: [{ name: '#2 freed' }] });
    await editor.move('continue');
    await editor.ask('setFunctionBreakpoints', { breakpoints: [] });
    const [cache] = await editor.scope('Globals');
    expect(cache).toMatchObject({
      name: 'cache',
      value: '#1 main.node white',
      indexedVariables: 2,
    });
    const fields = await editor.variables(cache.variablesReference, { filter: 'indexed' });
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      ['[0]', 'nil'],
      ['[1]', 'nil'],
    ]);
    const { dataId } = await editor.ask<{ dataId: string }>('dataBreakpointInfo', {
      variablesReference: cache.variablesReference,
      name: '[1]',
    });
    expect(dataId).toBe('#1[1]');
    await editor.ask('setDataBreakpoints', { breakpoints: [{ dataId, accessType: 'write' }] });
    expect(await editor.move('reverseContinue')).toMatchObject({
      reason: 'data breakpoint',
      text: '#1[1] #2 main.node → nil',
    });
    expect((await editor.shown()).name).toBe('PointerStored object=1 word=1 target=0');
    await editor.ask('setDataBreakpoints', { breakpoints: [] });
  });

  test('who keeps an object, its happenings, and its memory', async () => {
    await editor.move('goto', { targetId: 0 });
    await editor.ask('setFunctionBreakpoints', { breakpoints: [{ name: '#2 blackened' }] });
    await editor.move('continue');
    const [cache] = await editor.scope('Globals');
    const fields = await editor.variables(cache.variablesReference);
    const second = fields.find(({ name }) => name === '[1]');
    expect(second?.value).toBe('#2 main.node black');
    const inner = await editor.variables(second?.variablesReference ?? 0);
    const keepers = inner.find(({ name }) => name === 'kept alive by')?.variablesReference ?? 0;
    expect((await editor.variables(keepers)).map(({ name, value }) => [name, value])).toEqual([
      ['root', 'global cache'],
      ['step 1 word 1', '#1 main.node black'],
      ['step 2', '#2 main.node black'],
      ['dominator', '#1 main.node black'],
      ['retains', '48 B'],
    ]);
    const life = inner.find(({ name }) => name === 'what happens to it')?.variablesReference ?? 0;
    expect((await editor.variables(life)).map(({ name }) => name)).toContain('freed');
    const freed = await editor.ask('dataBreakpointInfo', {
      variablesReference: life,
      name: 'freed',
    });
    expect(freed).toMatchObject({ dataId: '#2 freed' });
    const memory = await editor.ask<{ address: string; data: string }>('readMemory', {
      memoryReference: cache.memoryReference,
      offset: 8,
      count: 16,
    });
    const bytes = Buffer.from(memory.data, 'base64');
    expect(bytes.length).toBe(16);
    expect(`0x${bytes.readBigUInt64LE(0).toString(16)}`).toBe(second?.memoryReference);
    expect(bytes.readBigUInt64LE(8)).toBe(0n);
    expect(await editor.ask('readMemory', { memoryReference: '0x10', count: 8 })).toEqual({
      address: '0x10',
      unreadableBytes: 8,
    });
    await editor.ask('setFunctionBreakpoints', { breakpoints: [] });
  });

  test('the console takes commands, and a move in it is a move', async () => {
    await editor.move('goto', { targetId: 0 });
    expect(await editor.value('heapLive', 'repl')).toBe('0 B');
    const event = editor.client.waitForEvent('stopped', 60_000);
    const text = await editor.value('until #2.state == black', 'repl');
    expect(text).toMatch(/^event \d+ at .*: ObjectBlackened /);
    expect((await event).body).toMatchObject({ reason: 'goto' });
    expect(await editor.value('retainers #2', 'repl')).toContain('global cache');
    expect(await editor.value('#2', 'hover')).toBe('#2 main.node black');
    const invalidated = editor.client.waitForEvent('invalidated', 60_000);
    await editor.value('bookmark here', 'repl');
    expect((await invalidated).body).toEqual({ areas: ['variables'] });
    expect((await editor.scope('Session')).map(({ name }) => name)).toEqual(['bookmark here']);
    const { targets } = await editor.ask<{ targets: { label: string }[] }>('completions', {
      text: 'print HeapAl',
      column: 13,
    });
    expect(targets).toEqual([{ label: 'HeapAlloc', start: 6, length: 6 }]);
  });

  test('goroutines are threads, with the roots on their stacks', async () => {
    await editor.move('goto', { targetId: 0 });
    await editor.value('until #8.there', 'repl');
    await editor.value('until root["goroutine 2 slot 1"] == #8', 'repl');
    const { threads } = await editor.ask<DebugProtocol.ThreadsResponse['body']>('threads');
    const names = threads.map(({ name }) => name.replace(/, .*/, ''));
    expect(names).toEqual(
      expect.arrayContaining(['goroutine 1', 'goroutine 2', 'runtime goroutine 1']),
    );
    expect(threads.at(-1)?.name).toMatch(/^collector: /);
    for (const [id, slots] of [
      [1, []],
      [2, [['goroutine 2 slot 1', '#8 main.file white']]],
    ] as const) {
      const { stackFrames } = await editor.ask<DebugProtocol.StackTraceResponse['body']>(
        'stackTrace',
        { threadId: id, startFrame: 0, levels: 20 },
      );
      expect(stackFrames.length).toBe(1);
      const { scopes } = await editor.ask<DebugProtocol.ScopesResponse['body']>('scopes', {
        frameId: stackFrames[0].id,
      });
      const roots = scopes.find(({ name }) => name === 'Stack roots')?.variablesReference ?? 0;
      expect((await editor.variables(roots)).map(({ name, value }) => [name, value])).toEqual(
        slots,
      );
    }
  });

  test('a branch has a listing of its own', async () => {
    const event = editor.client.waitForEvent('stopped', 60_000);
    await editor.value('fork RootStored root=0 target=0; GCRequested; stop', 'repl');
    await event;
    const { sources } = await editor.ask<{ sources: DebugProtocol.Source[] }>('loadedSources');
    expect(sources[0].name).toContain('(RootStored');
    const back = editor.client.waitForEvent('stopped', 60_000);
    await editor.value('fork end', 'repl');
    await back;
    expect(await editor.value('NumGC', 'watch')).toBe('2');
  });
});

describe('breakpoints', () => {
  const editor = new Editor();
  const lines = (...all: readonly object[]): Promise<{ breakpoints: DebugProtocol.Breakpoint[] }> =>
    editor.ask('setBreakpoints', { source: { sourceReference: 1 }, breakpoints: all });

  beforeAll(() => editor.open({ program, at: 'start' }));
  afterAll(() => editor.close());
  beforeEach(async () => {
    await lines();
    await editor.ask('setFunctionBreakpoints', { breakpoints: [] });
    await editor.move('goto', { targetId: 0 });
  });

  test('by line, in both directions, and where there is no event none', async () => {
    const { breakpoints } = await lines({ line: 21 }, { line: 31 }, { line: 9999 });
    expect(breakpoints.map(({ verified, line }) => [verified, line])).toEqual([
      [true, 21],
      [true, 31],
      [false, undefined],
    ]);
    expect(breakpoints[2].message).toBe('there is no event in this line');
    const ids = breakpoints.map(({ id }) => id);
    expect(await editor.move('continue')).toMatchObject({
      reason: 'breakpoint',
      hitBreakpointIds: [ids[0]],
    });
    expect((await editor.shown()).event).toBe(20);
    await editor.move('continue');
    expect((await editor.shown()).event).toBe(30);
    await editor.move('reverseContinue');
    expect((await editor.shown()).event).toBe(20);
    const again = await lines({ line: 21 }, { line: 40 });
    expect(again.breakpoints[0].id).toBe(ids[0]);
    expect(again.breakpoints[1].id).not.toBe(ids[1]);
  });

  test('by line of the tape itself: line N is event N', async () => {
    const { breakpoints } = await editor.ask<{ breakpoints: DebugProtocol.Breakpoint[] }>(
      'setBreakpoints',
      { source: { path: program }, breakpoints: [{ line: 25 }] },
    );
    expect(breakpoints[0]).toMatchObject({
      verified: true,
      line: 26,
      source: { sourceReference: 1 },
    });
    await editor.move('continue');
    expect((await editor.shown()).event).toBe(25);
    await editor.ask('setBreakpoints', { source: { path: program }, breakpoints: [] });
  });

  test.each<[DebugProtocol.FunctionBreakpoint, readonly string[]]>([
    [{ name: 'ObjectAllocated', condition: 'newest == #4' }, ['#4', 'end']],
    [{ name: 'ObjectAllocated', hitCondition: '3' }, ['#3', '#4']],
    [{ name: 'ObjectAllocated', hitCondition: '> 3' }, ['#4', '#5']],
    [{ name: 'ObjectAllocated', hitCondition: '% 2' }, ['#2', '#4']],
    [{ name: 'ObjectAllocated', hitCondition: '== 2' }, ['#2', 'end']],
    [{ name: 'NumGC >= 1' }, ['#7', 'end']],
  ])('of a function: %j', async (breakpoint, expected) => {
    const { breakpoints } = await editor.ask<{ breakpoints: DebugProtocol.Breakpoint[] }>(
      'setFunctionBreakpoints',
      { breakpoints: [breakpoint] },
    );
    expect(breakpoints).toMatchObject([{ verified: true }]);
    for (const name of expected) {
      const { text } = await editor.move('continue');
      if (name === 'end') expect(text).toBe('the tape ends here');
      else expect((await editor.value('newest')).split(' ')[0]).toBe(name);
    }
  });

  test('that cannot be say why', async () => {
    const { breakpoints } = await editor.ask<{ breakpoints: DebugProtocol.Breakpoint[] }>(
      'setFunctionBreakpoints',
      {
        breakpoints: [
          { name: 'Nothing' },
          { name: 'heapLive >' },
          { name: 'GCStarted', condition: 'heapLive' },
          { name: 'GCStarted', hitCondition: 'often' },
        ],
      },
    );
    expect(breakpoints.map(({ verified, message }) => [verified, message])).toEqual([
      [false, "there is no event 'Nothing'"],
      [false, 'column 11: the expression ends too early'],
      [false, 'column 1: a condition is true or false, not a size'],
      [false, "'often' is no hit condition"],
    ]);
  });

  test('with a message print it and go on', async () => {
    const printed: string[] = [];
    const listen = (event: DebugProtocol.OutputEvent): void => {
      printed.push(event.body.output);
    };
    editor.client.on('output', listen);
    await lines({ line: 23, logMessage: 'newest {newest}, {nonsense}' }, { line: 31 });
    await editor.move('continue');
    expect((await editor.shown()).event).toBe(30);
    editor.client.off('output', listen);
    expect(printed.join('')).toMatch(/^newest #1 main\.node, \{column 1: .*nonsense.*\}\n$/);
  });

  test('of exceptions have names, conditions and an explanation', async () => {
    await editor.ask('setExceptionBreakpoints', {
      filters: ['finalizer'],
      filterOptions: [{ filterId: 'cycle', condition: 'cycle == 2' }],
    });
    expect(await editor.move('continue')).toMatchObject({
      reason: 'exception',
      description: 'A GC cycle starts',
    });
    expect(await editor.value('cycle')).toBe('2');
    expect(await editor.ask('exceptionInfo', { threadId: 1 })).toMatchObject({
      exceptionId: 'cycle',
    });
    expect(await editor.move('continue')).toMatchObject({
      description: 'A finalizer or cleanup is queued',
    });
    await editor.ask('setExceptionBreakpoints', { filters: [] });
  });

  test('locations are the lines with events; targets of goto and of stepping in', async () => {
    const source = { sourceReference: 1 };
    const { breakpoints } = await editor.ask<{ breakpoints: { line: number }[] }>(
      'breakpointLocations',
      { source, line: 1, endLine: 4 },
    );
    expect(breakpoints.map(({ line }) => line)).toEqual([2, 3, 4]);
    const { targets } = await editor.ask<{ targets: { id: number; label: string }[] }>(
      'gotoTargets',
      {
        source,
        line: 31,
      },
    );
    expect(targets).toMatchObject([{ id: 30, label: expect.stringContaining('event 30: ') }]);
    await editor.move('goto', { targetId: targets[0].id });
    expect((await editor.shown()).event).toBe(30);
    const steps = await editor.ask<{ targets: { id: number; label: string }[] }>('stepInTargets');
    const cycle = steps.targets.find(({ label }) => label.includes('cycle'));
    await editor.move('stepIn', { targetId: cycle?.id });
    expect((await editor.shown()).name).toMatch(/^GCStarted /);
  });
});
