import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBatch, looseEvent } from './arbitrary.testkit.ts';
import { argOffsets, EventBatch } from './batch.ts';
import { describeEvent, eventRow, fieldNames, fieldText } from './describe.ts';
import { EVENT_NAMES, EVENTS, specOfTag } from './events.ts';
import { encodeUtf8 } from './utf8.ts';

describe('events as rows and text', () => {
  it('has a key a field, in table order, and the numbers as they are', () => {
    fc.assert(
      fc.property(fc.array(looseEvent(), { minLength: 1, maxLength: 20 }), (events) => {
        const batch = buildBatch(events, 100, 50);
        const offsets = argOffsets(batch);
        for (let i = 0; i < batch.count; i += 1) {
          const row = eventRow(batch, i, offsets[i]);
          const fields = specOfTag(batch.kinds[i])?.fields ?? [];
          expect(Object.keys(row)).toEqual(['seq', 'event', ...fields.map(({ name }) => name)]);
          expect(row.seq).toBe(100 + i);
          expect(row.event).toBe(EVENT_NAMES[batch.kinds[i]]);
          if (fields.length > 0 && fields[0].wire !== 'bytes') {
            expect(row[fields[0].name]).toBe(batch.args[offsets[i]]);
          }
          expect(describeEvent(batch, i, offsets[i]).startsWith(`${row.seq} ${row.event}`)).toBe(
            true,
          );
        }
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('writes one line', () => {
    const batch = new EventBatch(4);
    batch.clear(12, 9);
    batch.push(EVENTS.PointerStored.tag, [3, 0, 7]);
    batch.push(EVENTS.GCRequested.tag, []);
    const name = encodeUtf8('[]händler');
    batch.push(EVENTS.SiteDefined.tag, [16, 8, 0, 4, batch.putBlob(name), name.length]);
    const bits = Uint8Array.from([0x0f, 0xa0]);
    batch.push(EVENTS.SpanMarked.tag, [1, 2, 0, batch.putBlob(bits), bits.length]);
    const offsets = argOffsets(batch);
    expect([0, 1, 2, 3].map((i) => describeEvent(batch, i, offsets[i]))).toEqual([
      '12 PointerStored object=3 word=0 target=7',
      '13 GCRequested',
      '14 SiteDefined bytes=16 scanBytes=8 held=0 spanClass=4 name=[]händler',
      '15 SpanMarked page=1 marked=2 how=0 bits=0fa0',
    ]);
  });

  it('spells bits in hexadecimal and other byte strings as text', () => {
    expect(fieldText('bits', encodeUtf8('a'))).toBe('61');
    expect(fieldText('name', encodeUtf8('a'))).toBe('a');
  });

  it('lists every field name once', () => {
    const names = fieldNames();
    expect(new Set(names).size).toBe(names.length);
    for (const { fields } of Object.values(EVENTS)) {
      for (const { name } of fields) expect(names).toContain(name);
    }
  });
});
