import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';
import type { HeaptapeError } from '@heaptape/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testIo } from '../io.testkit.ts';
import { runProgram } from '../program.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'heaptape-object-'));
const TAPE = join(FOLDER, 'app.tape');
const NODE = { name: 'main.node', size: 48, pointers: [0, 1] };

/** `cache` holds #1, which holds #2; #3 is garbage. */
beforeAll(() => {
  const writer = openTapeWriter(TAPE);
  const hasher = new WorldHasher();
  const rt = createRuntime({
    gogc: 'off',
    procs: 1,
    sink: (batch) => {
      writer.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]);
    },
  });
  const first = rt.new(NODE);
  rt.global('cache').set(first);
  first.set(1, rt.new(NODE));
  rt.main.slot().set(rt.new({ name: 'main.lost', size: 100 }));
  rt.main.slot().set(first);
  rt.end();
  writer.close();
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

async function shown(...args: readonly string[]): Promise<Record<string, unknown>> {
  const io = testIo();
  expect(await runProgram(['object', TAPE, ...args, '--json'], io)).toBe(0);
  expect(io.out().trim().split('\n').length).toBe(1);
  return JSON.parse(io.out()) as Record<string, unknown>;
}

describe('object', () => {
  test('answers scripts with the keys they rely on', async () => {
    const view = await shown('#2');
    expect(view).toMatchObject({
      id: 2,
      addr: expect.stringMatching(/^0xc[0-9a-f]{9}$/),
      size: 48,
      spanClass: 10,
      color: 'white',
      born: expect.any(Number),
      died: null,
      root: 'global cache',
      retainers: [
        { id: 1, type: 'main.node', word: 1 },
        { id: 2, type: 'main.node', word: null },
      ],
      dominator: { id: 1 },
      retainedBytes: 48,
      historyLeftOut: 0,
    });
    expect(view['history']).toEqual([
      {
        event: view['born'],
        timeNs: expect.any(Number),
        what: 'born',
        text: expect.stringMatching(/^ObjectAllocated /),
      },
      expect.objectContaining({ what: 'named', text: 'PointerStored object=1 word=1 target=2' }),
    ]);
    expect(await shown(String(view['addr']))).toEqual(view);
  });

  test('names roots as the program has them', async () => {
    const { referrers } = await shown('#1');
    expect(referrers).toEqual(['global cache', 'goroutine 1 slot 2']);
    expect(await shown('#3')).toMatchObject({ root: 'goroutine 1 slot 1', type: 'main.lost' });
  });

  test('is for people too, at any event', async () => {
    const io = testIo();
    const { born } = await shown('#2');
    expect(await runProgram(['object', TAPE, '#2', '--at', String(born)], io)).toBe(0);
    expect(io.out()).toMatch(/^#2 main\.node at 0xc[0-9a-f]+: white, slot of 48 B\n/);
    expect(io.out()).toContain('kept alive by: nothing; no root leads to it\n');
  });

  test.each([
    [['#9'], 'not-found', 'no object #9: 3 were allocated so far'],
    [['#2', '--at', '1'], 'not-found', 'no object #2: 0 were allocated so far'],
    [['0xc7ffffffff'], 'not-found', 'no object at 0xc7ffffffff'],
    [['main.node'], 'bad-usage', 'main.node names no object'],
  ])('%j is refused', async (args, code, message) => {
    const error: HeaptapeError = await runProgram(['object', TAPE, ...args], testIo()).then(
      () => expect.fail('accepted'),
      (thrown) => thrown,
    );
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});
