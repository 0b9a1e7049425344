import { describe, expect, it } from 'vitest';
import { COMMANDS } from './commands.ts';
import { ALLOCATES, CELLS, EVENT_NAMES, EVENTS, specOfTag, TAG_COUNT } from './events.ts';
import { cellsOf, field } from './fields.ts';

const all = Object.entries(EVENTS);

describe('the event table', () => {
  it('gives every event a tag of its own that fits a byte', () => {
    const tags = all.map(([, { tag }]) => tag);
    expect(new Set(tags).size).toBe(tags.length);
    for (const tag of tags) expect(Number.isInteger(tag) && tag >= 0 && tag < 256).toBe(true);
    expect(TAG_COUNT).toBe(Math.max(...tags) + 1);
  });

  it('keeps released tags: a tape names events by them', () => {
    const released = { RunStarted: 0, SiteDefined: 1, ObjectAllocated: 2, PointerStored: 4 };
    for (const [name, tag] of Object.entries(released)) expect(EVENT_NAMES[tag]).toBe(name);
  });

  it('names each field of an event once, and a field means one type everywhere', () => {
    const text = new Map<string, boolean>();
    for (const [event, { fields }] of all) {
      const names = fields.map(({ name }) => name);
      expect(new Set(names).size, event).toBe(names.length);
      for (const { name, wire } of fields) {
        expect(text.get(name) ?? wire === 'bytes', `${event}.${name}`).toBe(wire === 'bytes');
        text.set(name, wire === 'bytes');
        expect(['seq', 'event', 'role']).not.toContain(name);
      }
    }
  });

  it('derives its lookups', () => {
    for (const [name, spec] of all) {
      expect(specOfTag(spec.tag)).toBe(spec);
      expect(EVENT_NAMES[spec.tag]).toBe(name);
      const cells = spec.fields.reduce((sum, { wire }) => sum + (wire === 'bytes' ? 2 : 1), 0);
      expect(CELLS[spec.tag]).toBe(cells);
      expect(ALLOCATES[spec.tag]).toBe(spec.allocates ? 1 : 0);
    }
    const hole = EVENT_NAMES.indexOf('');
    expect(hole).toBeGreaterThan(0);
    expect(specOfTag(hole)).toBeUndefined();
    expect(specOfTag(TAG_COUNT)).toBeUndefined();
    expect(EVENT_NAMES.length).toBe(TAG_COUNT);
  });

  it('documents every event and field in a phrase', () => {
    for (const [event, { doc, fields }] of all) {
      expect(doc, event).toMatch(/\.$/);
      for (const f of fields) expect(f.doc.length, `${event}.${f.name}`).toBeGreaterThan(0);
    }
  });
});

describe('the command table', () => {
  it('records each command as one mutator event of its own, with fields of that event', () => {
    const events = Object.values(COMMANDS).map(({ event }) => event);
    expect(new Set(events).size).toBe(events.length);
    for (const [name, { event, inputs }] of Object.entries(COMMANDS)) {
      expect(EVENTS[event].role, name).toBe('mutator');
      const fields = EVENTS[event].fields.map((f) => f.name);
      for (const input of inputs) expect(fields, name).toContain(input);
    }
  });

  it('misses no mutator event', () => {
    const mutator = all.filter(([, { role }]) => role === 'mutator').map(([name]) => name);
    expect(
      Object.values(COMMANDS)
        .map(({ event }) => event)
        .sort(),
    ).toEqual(mutator.sort());
  });
});

describe('fields', () => {
  it('take one cell, byte strings two', () => {
    expect(cellsOf('bytes')).toBe(2);
    for (const wire of ['uint', 'int', 'delta', 'object', 'f64'] as const) {
      expect(cellsOf(wire)).toBe(1);
    }
    expect(field('n', 'uint', 'number')).toEqual({ name: 'n', wire: 'uint', doc: 'number' });
  });
});
