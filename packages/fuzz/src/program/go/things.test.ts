/** What a finalizer keeps, in the model of values. */
import { createRuntime, pointerTo } from '@heaptape/core';
import { describe, expect, it } from 'vitest';
import { ArrayThing, FixedThing, fateOf, SliceThing, StructThing } from './things.ts';

const node = { name: 'T', size: 16, pointers: [0, 1] };

describe('fateOf', () => {
  it('takes no pointer of an object back to itself for a reference, as an interface or otherwise', () => {
    const obj = createRuntime().new(node);
    const thing = new StructThing('T', obj, [0, 1]);
    thing.fields.set(0, new FixedThing('any', obj, [thing]));
    thing.fields.set(1, thing);
    const note = { thing, captured: null, state: 'set' as const };
    expect(fateOf([], [note], []).has(note)).toBe(true);
    expect(fateOf([thing.fields.get(0) ?? null], [note], []).has(note)).toBe(false);
  });

  it('keeps what a slice holds that is made of the object itself', () => {
    const rt = createRuntime();
    const slice = rt.make(pointerTo('T'), 1, 1);
    const inner = new StructThing('T', rt.new(node), [0, 1]);
    const thing = new SliceThing(slice, new ArrayThing(slice.array, [inner]));
    expect(thing.contents()).toEqual([inner]);
  });
});
