import { configWith } from '@heaptape/core';
import { EVENTS, type EventBatch, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { configs, programTape, steps } from '../tape.testkit.ts';
import { TapeFacts } from '../tapefacts.ts';
import { Timeline } from '../timeline.ts';
import { MovingMoment } from '../travel/moving.ts';
import { ExpressionError } from './errors.ts';
import { Expressions } from './expression.ts';
import { STATE_NAMES } from './names.ts';
import { ATTRIBUTES } from './objects.ts';
import { parseExpression } from './parse.ts';

const TAPE = programTape(configWith({ procs: 1 }), [
  ['list', 1, 3],
  ['gc', 0, 0],
  ['list', 2, 3],
]);
const FACTS = new TapeFacts(TAPE);
const EXPRESSIONS = new Expressions(FACTS);

function momentAt(seq: number): MovingMoment {
  const timeline = new Timeline(TAPE);
  timeline.seek(seq);
  return new MovingMoment(timeline.world, FACTS).take(timeline);
}

const AT_END = momentAt(TAPE.events);
const valueAt = (text: string): unknown => EXPRESSIONS.value(text).read(AT_END);

function problemOf(text: string): { message: string; column: number } {
  try {
    EXPRESSIONS.value(text);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('what an expression says', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['-2 * -3', 6],
    ['7 % 4 + 0x10 + 1_000', 1019],
    ['1.5e3', 1500],
    ['64MiB', 67108864],
    ['2ms + 5us', 2_005_000],
    ['1KiB * 4 == 4096', true],
    ['1KiB / 1B', 1024],
    ['!(1 < 2) || 3 >= 3 && true', true],
    ['not false and true or false', true],
    ['min(3, 2) + max(3, 2) + abs(-4)', 9],
    ["'a' == \"a\" && 'a' != 'b'", true],
    ['contains("main.node", "node")', true],
    ['nil == nil', true],
    ['1 / 0 == nil', true],
    ['1 / 0 < 1', false],
    ['NumGC', 1],
    ['phase == off && cycle == 1', true],
    ['#1.alive', true],
    ['#999.alive', false],
    ['#999.size == nil', true],
    ['#1.color == white', true],
    ['#2[0] == #1', true],
    ['#2[0][0] == nil', true],
    ['#2[7] == nil', true],
    ['#2[0].id + 1', 2],
    ['root[1].type', '48'],
    ['#1.born < #2.born', true],
    ['event', TAPE.events],
    ['GCStarted', 'GCStarted'],
  ])('%s is %j', (text, value) => {
    expect(valueAt(text)).toBe(value);
  });

  test('events are asked by column', () => {
    const found: unknown[] = [];
    for (let seq = 0; seq <= TAPE.events; seq += 1) {
      const moment = momentAt(seq);
      if (EXPRESSIONS.value('kind == PointerStored && event.object == #3').read(moment)) {
        found.push(EXPRESSIONS.value('event.target').read(moment));
      }
    }
    expect(found).toEqual([2]);
    expect(EXPRESSIONS.value('kind').read(momentAt(0))).toBe(null);
  });

  test.each([
    ['', 1, 'the expression ends too early'],
    ['1 +', 4, 'the expression ends too early'],
    ['1 2', 3, "unexpected '2'"],
    ['(1', 3, "')' is missing"],
    ['1 < 2 < 3', 7, 'comparisons do not chain'],
    ['heapLife > 1', 1, "there is no name 'heapLife'"],
    ['heapLive > 2ms', 10, "'>' between a size and a duration"],
    ['heapLive + phase', 10, "'+' between a size and a string"],
    ['#1 == 1', 4, "'==' between an object and a number"],
    ['#1.colr', 4, "objects have no 'colr'"],
    ['heapLive.x', 10, 'a size has no fields'],
    ['event.nothing', 7, "no event has a column 'nothing'"],
    ['3parsecs', 2, "'parsecs' is no unit"],
    ['"open', 1, 'a string without its end'],
    ['heapLive = 3', 10, "'=' alone"],
    ['a ? b', 3, "unexpected '?'"],
    ['global.cache', 8, "no root is called 'global cache'"],
    ['root', 1, "'root' alone"],
    ['! heapLive', 1, "'!' before a size"],
    ['launch(1)', 1, "there is no function 'launch'"],
    ['max(1)', 1, 'max takes 2 values'],
    ['constructor', 1, "there is no name 'constructor'"],
    ['#1.__proto__', 4, "objects have no '__proto__'"],
    [`${'('.repeat(300)}1`, 201, 'nested too deeply'],
  ])('%s is refused at column %i', (text, column, problem) => {
    const error = problemOf(text);
    expect(error.message).toContain(problem);
    expect([error.column, error.message.startsWith(`column ${column}: `)]).toEqual([column, true]);
    expect(error).toMatchObject({ code: 'bad-usage' });
  });

  test('a condition is true or false', () => {
    expect(() => EXPRESSIONS.condition('heapLive')).toThrow(
      'a condition is true or false, not a size',
    );
    expect(EXPRESSIONS.condition('heapLive > 0').grows).toBe(false);
  });

  test('any text is either read or refused with a column', () => {
    const piece = fc.constantFrom(
      ...[
        '#1',
        '#',
        '12',
        '64MiB',
        'heapLive',
        'kind',
        'event.object',
        '.color',
        '[0]',
        '(',
        ')',
        ',',
      ],
      ...[
        '&&',
        '||',
        '!',
        '==',
        '<',
        '+',
        '-',
        '*',
        '"x"',
        "'",
        ' ',
        'GCStarted',
        'nil',
        '$',
        '=',
        'ü',
      ],
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }),
        (parts) => {
          const text = parts.join('');
          try {
            EXPRESSIONS.value(text).read(AT_END);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError);
          }
        },
      ),
      { seed: 42, numRuns: 2000 },
    );
  });

  test('what is printed of a tree is read as the same tree', () => {
    const leaf = fc.oneof(
      fc.nat({ max: 99 }).map(String),
      fc.constantFrom('heapLive', 'NumGC', '#4.size', '3KiB'),
    );
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/', '%'), tie('tree'))
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
      ),
    }));
    const shape = (text: string): unknown =>
      JSON.parse(
        JSON.stringify(parseExpression(text), (key, value) => (key === 'at' ? undefined : value)),
      );
    fc.assert(
      fc.property(tree, (text) => {
        expect(shape(` ${text.replaceAll(' ', '   ')} `)).toEqual(shape(text));
      }),
      { seed: 43, numRuns: 200 },
    );
  });
});

/** Tapes of random programs, of either kind. */
const tapes = (): fc.Arbitrary<TapeReader> =>
  fc.oneof(
    runs(80).map(modelTape),
    fc.tuple(configs(), steps(60)).map(([config, program]) => programTape(config, program)),
  );

/** Reads expressions after every event of a tape. */
function follow(
  reader: TapeReader,
  texts: readonly string[],
  see: (text: string, before: unknown, after: unknown, moment: MovingMoment) => void,
): void {
  const facts = new TapeFacts(reader);
  const expressions = new Expressions(facts);
  const compiled = texts.map((text) => expressions.value(text));
  const timeline = new Timeline(reader);
  const moment = new MovingMoment(timeline.world, facts).take(timeline);
  const last = compiled.map((expression) => expression.read(moment));
  timeline.advance(reader.events, {
    kinds: new Uint8Array(256).fill(1),
    folded: (_, kind, batch: EventBatch, at) => {
      moment.event(kind, batch, at, timeline.seq);
      compiled.forEach((expression, i) => {
        const now = expression.read(moment);
        see(texts[i], last[i], now, moment);
        last[i] = now;
      });
      return false;
    },
  });
}

describe('what searches rely on', () => {
  const attributes = Object.keys(ATTRIBUTES).filter(
    (name) => !['died', 'retained', 'reachable'].includes(name),
  );
  const everything = [
    ...STATE_NAMES.keys(),
    ...attributes.flatMap((name) => [`#3.${name}`, `#17.${name}`]),
    ...['#3[0]', '#17[1]', 'root[0]', 'root[2].color', 'newest.type', 'goroutine[1].used'],
    'HeapAlloc > 100KiB && phase == mark',
  ];

  const all = EXPRESSIONS.value('event').kinds;
  const kinds = new Map(
    everything
      .map((text) => [text, EXPRESSIONS.value(text).kinds] as const)
      .filter(([, some]) => some !== all),
  );
  const texts = [...kinds.keys()];

  test('a value changes only after events of the kinds that are said to change it', () => {
    fc.assert(
      fc.property(tapes(), (tape) => {
        const seen = new Set<string>();
        follow(tape, texts, (text, before, after, { kind }) => {
          if (before === after || kinds.get(text)?.[kind] === 1) return;
          const name = Object.entries(EVENTS).find(([, { tag }]) => tag === kind)?.[0];
          seen.add(`${text} after ${name}: ${before} -> ${after}`);
        });
        expect([...seen]).toEqual([]);
      }),
      { seed: 44, numRuns: 5, endOnFailure: true },
    );
  });

  test('a value that is said to grow never falls', () => {
    const growing = [...STATE_NAMES].filter(([, { grows }]) => grows).map(([name]) => name);
    expect(growing).toContain('TotalAlloc');
    fc.assert(
      fc.property(tapes(), (tape) => {
        follow(tape, [...growing, 'event'], (text, before, after) => {
          if (Number(after) < Number(before))
            expect.fail(`${text} fell from ${before} to ${after}`);
        });
      }),
      { seed: 45, numRuns: 5, endOnFailure: true },
    );
  });

  test.each([
    ['NumGC >= 3', true],
    ['3 < NumGC && (TotalAlloc > 64MiB || time >= 2ms)', true],
    ['Mallocs + Frees > 10', true],
    ['NumGC <= 3', false],
    ['NumGC == 3', false],
    ['!(NumGC >= 3)', false],
    ['heapLive > 3', false],
    ['NumGC >= Mallocs', false],
    ['NumGC >= 3 && kind == GCStarted', false],
    ['Mallocs - Frees > 10', false],
  ])('%s: once it holds it holds for good: %s', (text, grows) => {
    expect(EXPRESSIONS.condition(text).grows).toBe(grows);
  });

  test('a condition about events names the kinds at which it can hold', () => {
    const names = (text: string): string[] =>
      Object.entries(EVENTS)
        .filter(([, { tag }]) => EXPRESSIONS.condition(text).kinds[tag] === 1)
        .map(([name]) => name);
    expect(names('kind == GCStarted && heapLive > 1MiB')).toEqual(['GCStarted']);
    expect(names('kind == GCStarted || kind == SpanSwept')).toEqual(['GCStarted', 'SpanSwept']);
    expect(names('event.freed > 3')).toEqual(['SpanSwept']);
    expect(names('event.word == 2 && event.target == #3')).toEqual(['PointerStored']);
    expect(EXPRESSIONS.condition('event.freed > 3')).toMatchObject({
      ofState: false,
      ofEvent: true,
    });
  });
});
