import { configWith, DEFAULT_CACHES, Decider } from '@heaptape/core';
import { createMemoryTape, type MemoryTape } from '@heaptape/log';
import type { EventBatch } from '@heaptape/schema';
import { expect, test } from 'vitest';
import { recordRun } from './record.ts';
import { markTouches } from './touches.ts';
import { verifyTape } from './verify.ts';

/** Three collections of a list; the model is on for the second. */
function listTape(objects: number): MemoryTape {
  const tape = createMemoryTape();
  const run = (sink: (batch: EventBatch) => void, started: (d: Decider) => void): Decider => {
    const decider = new Decider(configWith({ gcPercent: -1 }), sink);
    started(decider);
    const site = decider.defineSite(64, 64, false, 'node');
    let before = 0;
    for (let i = 0; i < objects; i += 1) {
      const object = decider.allocate(site);
      decider.storeRoot(0, object);
      decider.storePointer(object, 7, before);
      before = object;
    }
    decider.collect();
    decider.setCacheModel(DEFAULT_CACHES);
    decider.collect();
    decider.setCacheModel(null);
    decider.collect();
    decider.end();
    return decider;
  };
  recordRun(tape, run);
  return tape;
}

test('a cycle that was counted says what it touched, the others nothing', () => {
  const objects = 5000;
  const tape = listTape(objects);
  const found = markTouches(tape);
  expect(found.map(({ cycle }) => cycle)).toEqual([2]);
  const [{ marked, touches, lines, pages, l1Misses, l2Misses, linesPerByte }] = found;
  expect(marked).toBe(objects * 64);
  // Each object but the newest is one line by itself; its page and some metadata come on top.
  expect(lines).toBeGreaterThanOrEqual(objects - 1);
  expect(lines).toBeLessThan(objects * 1.1);
  expect(pages).toBeGreaterThanOrEqual(Math.ceil((objects * 64) / 8192));
  expect(touches).toBeGreaterThan(lines);
  expect(l2Misses).toBeLessThanOrEqual(l1Misses);
  expect(l1Misses).toBeGreaterThanOrEqual(lines - 1);
  expect(linesPerByte).toBe(touches / marked);
  expect(verifyTape(tape).firstMismatch).toBeNull();
});
