import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fields, fieldsOf, messagesOf, numberOf, textsOf } from '../message.testkit.ts';
import { type PerfettoArgs, PerfettoWriter } from './perfetto.ts';

const TYPES = { begin: 1, end: 2, instant: 3, counter: 4 } as const;
type Said = {
  readonly type: keyof typeof TYPES;
  readonly track: number;
  readonly ns: number;
  readonly name: string;
  readonly args: PerfettoArgs;
  readonly flow: number;
  readonly value: number;
};

const number = fc.oneof(
  fc.nat(200),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.constantFrom(0, -1, 2 ** 32),
);
const names = fc.oneof(
  fc.constantFrom('mark', 'sweep', 'GC 1'),
  fc.string({ minLength: 1, maxLength: 5 }),
);
const events: fc.Arbitrary<Said[]> = fc.array(
  fc.record({
    type: fc.constantFrom('begin', 'end', 'instant', 'counter'),
    track: fc.integer({ min: 1, max: 2 ** 40 }),
    ns: fc.maxSafeNat(),
    name: names,
    args: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 3 }).filter((key) => key !== '__proto__'),
      fc.oneof(number, fc.string({ maxLength: 4 })),
      { maxKeys: 3 },
    ),
    flow: fc.oneof(fc.constant(0), fc.nat()),
    value: number,
  }),
  { maxLength: 40 },
);

function say(writer: PerfettoWriter, { type, track, ns, name, args, flow, value }: Said): void {
  if (type === 'counter') writer.counter(track, ns, value);
  else if (type === 'end') writer.end(track, ns, args);
  else writer[type](track, ns, name, args, flow);
}

const asDouble = (value: number | bigint | Uint8Array | undefined): number => Number(value ?? 0);
/** A fixed64 that was read as a double. */
const bitsOf = (value: number): number =>
  Number(new BigUint64Array(new Float64Array([value]).buffer)[0]);

/** The events of a trace, as a reader with the sequence's names understands them. */
function decoded(bytes: Uint8Array): unknown[] {
  const eventNames = new Map<number, string>();
  const argNames = new Map<number, string>();
  const learn = (names: Map<number, string>, interned: Fields[]): void => {
    for (const one of interned) names.set(numberOf(one, 1), textsOf(one, 2)[0]);
  };
  const packets = messagesOf(fieldsOf(bytes), 1);
  return packets.map((packet, i) => {
    expect(numberOf(packet, 10)).toBe(1);
    expect([numberOf(packet, 13), numberOf(packet, 87)]).toEqual(i === 0 ? [1, 1] : [2, 0]);
    for (const interned of messagesOf(packet, 12)) {
      learn(eventNames, messagesOf(interned, 2));
      learn(argNames, messagesOf(interned, 3));
    }
    const [event] = messagesOf(packet, 11);
    const args = messagesOf(event, 4).map((arg) => {
      const key = argNames.get(numberOf(arg, 1)) ?? textsOf(arg, 10)[0];
      if (arg.has(6)) return [key, textsOf(arg, 6)[0]];
      return [key, arg.has(4) ? numberOf(arg, 4) : asDouble(arg.get(5)?.[0])];
    });
    return {
      type: Object.keys(TYPES)[numberOf(event, 9) - 1],
      track: numberOf(event, 11),
      ns: numberOf(packet, 8),
      name: eventNames.get(numberOf(event, 10)) ?? textsOf(event, 23)[0] ?? '',
      args: Object.fromEntries(args),
      flow: event.has(47) ? bitsOf(asDouble(event.get(47)?.[0])) : 0,
      value: event.has(30) ? numberOf(event, 30) : asDouble(event.get(44)?.[0]),
    };
  });
}

/** An event without what its kind does not say. */
function essence({ type, track, ns, name, args, flow, value }: Said): Said {
  if (type === 'counter') return { type, track, ns, name: '', args: {}, flow: 0, value };
  if (type === 'end') return { type, track, ns, name: '', args, flow: 0, value: 0 };
  return { type, track, ns, name, args, flow, value: 0 };
}

test('events are read back as they were said, however the bytes are taken', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 5 }), (all, every) => {
      const writer = new PerfettoWriter();
      const pieces: Uint8Array[] = [];
      all.forEach((event, i) => {
        say(writer, event);
        if (i % every === 0) pieces.push(writer.take());
      });
      const bytes = Buffer.concat([...pieces, writer.take()]);
      expect(decoded(bytes)).toEqual(all.map(essence));
      expect(writer.take().length).toBe(0);
    }),
    { seed: 42, numRuns: 300 },
  );
});

test('a name is sent once, and past a thousand of them as it is', () => {
  const writer = new PerfettoWriter();
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < 1500; i += 1) writer.begin(1, i, `slice ${i}`, { [`arg ${i}`]: i });
  }
  const bytes = writer.take();
  expect(decoded(bytes)).toMatchObject(
    Array.from({ length: 3000 }, (_, i) => ({
      name: `slice ${i % 1500}`,
      args: { [`arg ${i % 1500}`]: i % 1500 },
    })),
  );
  const all = Buffer.from(bytes).toString('latin1');
  expect(all.split('slice 1000').length - 1).toBe(1);
  expect(all.split('slice 1400').length - 1).toBe(2);
});

test('tracks are described as the viewer draws them', () => {
  const writer = new PerfettoWriter();
  writer.track({ id: 1, name: 'app', kind: 'process' });
  writer.track({ id: 2, name: 'GC', parent: 1, rank: 3 });
  writer.track({ id: 4, name: 'Heap', parent: 1, kind: 'counter', unit: 'bytes' });
  writer.track({ id: 5, name: 'CPU', parent: 1, kind: 'counter', unit: 'percent' });
  const [app, gc, heap, cpu] = messagesOf(fieldsOf(writer.take()), 1).map(
    (packet) => messagesOf(packet, 60)[0],
  );
  expect([numberOf(app, 1), textsOf(app, 2), app.has(5)]).toEqual([1, [], false]);
  const [process] = messagesOf(app, 3);
  expect([numberOf(process, 1), textsOf(process, 6)]).toEqual([1, ['app']]);
  expect([numberOf(gc, 1), textsOf(gc, 2), numberOf(gc, 5), numberOf(gc, 12)]).toEqual([
    2,
    ['GC'],
    1,
    3,
  ]);
  expect(numberOf(messagesOf(heap, 8)[0], 3)).toBe(3);
  expect(textsOf(messagesOf(cpu, 8)[0], 6)).toEqual(['%']);
});
