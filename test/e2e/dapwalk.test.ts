/** The debug adapter on a real recording; and random walks, which lead where the library's own traveller goes. */
import { join } from 'node:path';
import { openTape } from '@heaptape/log';
import { type Position, type StepUnit, type StopSpec, Travel } from '@heaptape/replay';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Editor } from './dap.testkit.ts';
import { answerOf, TRACE, temporaryFolder } from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

const folder = temporaryFolder();
const recorded = join(folder, 'recorded.tape');
const program = join(folder, 'program.tape');

beforeAll(async () => {
  writeProgramTape(program);
  await answerOf(['import', TRACE, '-o', recorded]);
});

describe('a real recording', () => {
  const editor = new Editor();
  afterAll(() => editor.close());

  test('begins where it is told to, and runs to a breakpoint that was set before', async () => {
    const stopped = await editor.open(
      { program: recorded, at: 'cycle:3', stopOnEntry: false },
      () =>
        editor.ask('setFunctionBreakpoints', {
          breakpoints: [{ name: 'SpanSwept', condition: 'event.freed > 50' }],
        }),
    );
    expect(stopped).toMatchObject({ reason: 'function breakpoint', text: 'SpanSwept' });
    expect(await editor.value('NumGC')).toBe('3');
    await editor.ask('setFunctionBreakpoints', { breakpoints: [] });
  });

  test('a sweep is entered object by object, and left', async () => {
    const { event } = await editor.shown();
    await editor.move('stepBack');
    expect(await editor.shown()).toMatchObject({ event: event - 1, inside: 0 });
    await editor.move('stepIn');
    await editor.move('next', { granularity: 'instruction' });
    expect(await editor.shown()).toMatchObject({ event: event - 1, inside: 2 });
    const [object, inside, phase] = await editor.frames();
    expect(object.name).toMatch(/^object 2 of \d+: #\d+ .* → (?:white|free)$/);
    expect(inside.name).toMatch(/^inside SpanSwept /);
    expect(phase.name).toMatch(/^sweeping after cycle 3 since event /);
    await editor.move('stepBack', { granularity: 'instruction' });
    expect(await editor.shown()).toMatchObject({ event: event - 1, inside: 1 });
    await editor.move('stepOut');
    expect(await editor.shown()).toMatchObject({ event, inside: 0 });
    await editor.move('stepOut');
    expect((await editor.shown()).name).toMatch(/^SweepFinished/);
  });

  test('a search is paused, and taken up again where it is', async () => {
    await editor.move('goto', { targetId: 0 });
    await editor.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'heapLive > 1TiB' }] });
    const end = Number((await editor.value('when', 'repl')).match(/of (\d+)/)?.[1]);
    const stopped = editor.client.waitForEvent('stopped', 60_000);
    await editor.ask('continue', { threadId: 1 });
    expect(await editor.refused('threads')).toBe('notStopped');
    expect(await editor.refused('continue', { threadId: 1 })).toBe('notStopped');
    await editor.ask('pause', { threadId: 1 });
    expect((await stopped).body).toMatchObject({ reason: 'pause' });
    const where = Number((await editor.value('when', 'repl')).match(/^event (\d+)/)?.[1]);
    expect(where).toBeLessThan(end);
    expect(await editor.move('continue')).toMatchObject({ text: 'the tape ends here' });
  });

  test('a command in the console that searches is cancelled by its number', async () => {
    await editor.move('goto', { targetId: 0 });
    const next = editor.client as unknown as { sequence: number };
    const asked = editor.value('until heapLive > 1TiB', 'repl');
    await editor.ask('cancel', { requestId: next.sequence - 1 });
    expect(await asked).toMatch(/^interrupted/);
  });

  test('breakpoints that are set during a search are met by it', async () => {
    await editor.move('goto', { targetId: 0 });
    const stopped = editor.client.waitForEvent('stopped', 60_000);
    await editor.ask('continue', { threadId: 1 });
    await editor.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'NumGC >= 20' }] });
    expect((await stopped).body).toMatchObject({
      reason: 'function breakpoint',
      text: 'NumGC >= 20',
    });
    expect(await editor.value('NumGC')).toBe('20');
  });

  test('lists come in pages', async () => {
    const heap = await editor.scope('Heap');
    const objects = heap.find(({ name }) => name === 'objects');
    expect(objects?.indexedVariables).toBeGreaterThan(10_000);
    const page = { filter: 'indexed', start: 5000, count: 100 };
    const shown = await editor.variables(objects?.variablesReference ?? 0, page);
    expect(shown.length).toBe(100);
    for (const { name, value } of shown) expect(value.startsWith(name)).toBe(true);
  });
});

/** A request that moves, and what it should do. */
type Move = readonly [command: string, args: object, travels: (travel: Travel) => void];

const unit =
  (name: StepUnit, back = false) =>
  (travel: Travel): void => {
    if (back) travel.stepBack(name);
    else travel.step(name);
  };

function moves(stops: readonly StopSpec[]): fc.Arbitrary<Move> {
  const targets: readonly StepUnit[] = ['object', 'span', 'command', 'phase', 'cycle'];
  const fine = { granularity: 'instruction' };
  const out = (travel: Travel): void => {
    const { event, inside } = travel.position;
    if (inside > 0) travel.at({ event: event + 1, inside: 0 });
    else travel.step('phase');
  };
  return fc.oneof(
    fc.constantFrom<Move>(
      ['next', {}, unit('event')],
      ['next', fine, unit('micro')],
      ['stepIn', {}, unit('micro')],
      ['stepBack', {}, unit('event', true)],
      ['stepBack', fine, unit('micro', true)],
      ['stepOut', {}, out],
      ['continue', {}, (travel) => travel.run(stops)],
      ['reverseContinue', {}, (travel) => travel.runBack(stops)],
      ...targets.map((name, i): Move => ['stepIn', { targetId: i + 1 }, unit(name)]),
    ),
    fc.nat({ max: 1 << 24 }).map((at): Move => {
      const event = (travel: Travel): Position => ({
        event: at % (travel.reader.events + 1),
        inside: 0,
      });
      return ['goto', { targetId: at }, (travel) => travel.at(event(travel))];
    }),
  );
}

const LOOKED_AT = ['event', 'time', 'phase', 'heapLive', 'HeapAlloc', 'g', 'cycle'];

describe.each([
  ['the program', () => program, '#2', 12, 30],
  ['the recording', () => recorded, '#1000', 8, 15],
])('random walks on %s', (_, tape, object, numRuns, most) => {
  const stops: readonly StopSpec[] = [
    { on: 'object', object: Number(object.slice(1)), what: 'changed' },
    { on: 'kind', kinds: ['GCStarted'], if: 'cycle % 2 == 0' },
  ];

  test('lead where the traveller goes, and show what it sees', async () => {
    const editor = new Editor();
    const reader = openTape(tape());
    const travel = new Travel(reader);
    await editor.open({ program: tape() });
    await editor.ask('setDataBreakpoints', { breakpoints: [{ dataId: object }] });
    await editor.ask('setFunctionBreakpoints', {
      breakpoints: [{ name: 'GCStarted', condition: 'cycle % 2 == 0' }],
    });
    await fc.assert(
      fc.asyncProperty(fc.array(moves(stops), { minLength: 1, maxLength: most }), async (walk) => {
        for (const [command, args, travels] of walk) {
          const { targetId }: { targetId?: number } = args;
          const there =
            command === 'goto' ? { targetId: (targetId ?? 0) % (reader.events + 1) } : args;
          travels(travel);
          await editor.move(command, there);
          const { event, inside } = await editor.shown();
          // The program's thread shows the program's last command, which may lie before the position.
          expect(inside).toBe(travel.position.inside);
          expect(event).toBeLessThanOrEqual(travel.position.event);
          for (const name of [...LOOKED_AT, `${object}.state`]) {
            const { value } = travel.evaluate(name);
            const shown = await editor.value(name);
            expect([name, shown]).toEqual([name, textOf(name, value, shown)]);
          }
        }
      }),
      { seed: 91, numRuns, endOnFailure: true },
    );
    await editor.close();
    reader.close();
  });
});

/** What a client should be shown for a value; sizes and durations carry the number itself in brackets. */
function textOf(name: string, value: unknown, shown: string): string {
  if (value === null) return 'nil';
  if (typeof value !== 'number') return String(value);
  const inFull = /\((\d+) (?:B|ns)\)$/.exec(shown)?.[1] ?? /^(\d+)(?: B| ns)?$/.exec(shown)?.[1];
  return Number(inFull) === value ? shown : `${name} is ${value}`;
}
